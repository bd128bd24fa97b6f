#include "apps/dev_screen.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_text.hpp"

namespace curfew::apps {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

store::GrantCountdown given(const std::string& subject, Duration length) {
    store::GrantCountdown countdown;
    countdown.grant.id = GrantId::generate();
    countdown.grant.subject = policy::parse_subject(subject).value();
    countdown.grant.window.starts_at = WallInstant{std::chrono::hours{500'000}};
    countdown.grant.window.ends_at =
        countdown.grant.window.starts_at + std::chrono::duration_cast<std::chrono::milliseconds>(length);
    countdown.remaining = length - 2ms;
    return countdown;
}

class DevScreenText : public testing::Test {
protected:
    DevScreenText() {
        screen.upstream = {"/run/postgresql/.s.PGSQL.5432", 0};
        screen.listen = {"127.0.0.1", 6432};
        screen.metrics = {"127.0.0.1", 40123};
        screen.admin_socket = "/tmp/curfew-dev-x/admin.sock";
        screen.curfew = "curfew";
        screen.user = "me";
    }
    std::string text() const { return render(screen, cli::Terminal{}); }

    DevScreen screen;
};

TEST_F(DevScreenText, SaysHowToConnectAsWhoHasAGrant) {
    screen.grants = {given("alice", 1h), given("bob", 2h), given("alice", 3h)};
    EXPECT_THAT(text(), HasSubstr(R"(psql "host=127.0.0.1 port=6432 dbname=postgres user=alice")"));
    EXPECT_THAT(text(), HasSubstr(R"(psql "host=127.0.0.1 port=6432 dbname=postgres user=bob")"));
    EXPECT_THAT(text(), Not(HasSubstr("user=me")));
}

TEST_F(DevScreenText, NamesWhoStartedItWhereAGrantIsForEveryone) {
    screen.grants = {given("*", 1h)};
    EXPECT_THAT(text(), HasSubstr("user=me\""));
    EXPECT_THAT(text(), HasSubstr("everyone until"));
}

TEST_F(DevScreenText, SaysUntilWhenEachGrantHolds) {
    screen.grants = {given("alice", 1h)};
    const auto& grant = screen.grants[0].grant;
    EXPECT_THAT(text(),
                HasSubstr(grant.id.text() + "  alice until " + format_local(grant.window.ends_at) + " (1h)"));
}

TEST_F(DevScreenText, SaysHowToRevokeAndExtendTheGrantThatIsThere) {
    screen.grants = {given("alice", 1h)};
    const std::string curfew = "  curfew --socket /tmp/curfew-dev-x/admin.sock ";
    const std::string id = screen.grants[0].grant.id.text();
    EXPECT_THAT(text(), HasSubstr(curfew + "revoke " + id));
    EXPECT_THAT(text(), HasSubstr(curfew + "extend " + id + " --by 30m"));
    EXPECT_THAT(text(), HasSubstr(curfew + "sessions --watch"));
}

TEST_F(DevScreenText, SaysHowToGiveAGrantWhereThereIsNone) {
    EXPECT_THAT(text(), HasSubstr("nobody is let in"));
    EXPECT_THAT(text(), HasSubstr("grant me dev --for 30m"));
}

TEST_F(DevScreenText, SaysWhereTheMetricsAre) {
    EXPECT_THAT(text(), HasSubstr("http://127.0.0.1:40123/metrics"));
    screen.metrics = {"::", 40123};
    EXPECT_THAT(text(), HasSubstr("http://[::1]:40123/metrics"));
}

TEST_F(DevScreenText, WarnsThatWithoutAnAdministrativeLoginBackendsAreOnlyCancelled) {
    EXPECT_THAT(text(), HasSubstr("cancelled, not terminated"));
    screen.admin_user = "curfew_admin";
    EXPECT_THAT(text(), Not(HasSubstr("cancelled, not terminated")));
    EXPECT_THAT(text(), HasSubstr("Nothing is kept"));
}

TEST_F(DevScreenText, HasColourOnlyWhereTheTerminalDoes) {
    EXPECT_THAT(text(), Not(HasSubstr("\033")));
    cli::Terminal terminal;
    terminal.color = true;
    EXPECT_THAT(render(screen, terminal), HasSubstr("\033"));
}

TEST(PsqlCommand, ConnectsToThisMachineWhereEveryAddressIsListenedOn) {
    EXPECT_THAT(psql_command({"0.0.0.0", 6432}, "alice"), HasSubstr("host=127.0.0.1 "));
    EXPECT_THAT(psql_command({"::", 6432}, "alice"), HasSubstr("host=::1 "));
}

TEST(PsqlCommand, QuotesNamesForLibpqAndTheShell) {
    const config::Endpoint listen{"127.0.0.1", 6432};
    EXPECT_EQ(psql_command(listen, "al ice"),
              R"(psql "host=127.0.0.1 port=6432 dbname=postgres user='al ice'")");
    EXPECT_EQ(psql_command(listen, "$(reboot)"),
              R"(psql 'host=127.0.0.1 port=6432 dbname=postgres user='\''$(reboot)'\''')");
    EXPECT_EQ(psql_command(listen, R"(o'brien)"),
              R"(psql 'host=127.0.0.1 port=6432 dbname=postgres user='\''o\'\''brien'\''')");
}

}  // namespace
}  // namespace curfew::apps

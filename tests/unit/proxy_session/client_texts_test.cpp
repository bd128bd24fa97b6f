// What people are told.
#include "proxy/client_texts.hpp"

#include <gmock/gmock.h>

#include "base/time_text.hpp"
#include "message_stream.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::EndCause;
using policy::Grant;
using proxy::EndsBy;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Grant a_grant() {
    Grant grant;
    grant.id = GrantId::generate();
    grant.resource = "prod";
    grant.window.ends_at = WallInstant{std::chrono::hours{24 * 365 * 50}};
    return grant;
}

std::map<char, std::string> fields_of(const std::string& bytes) {
    const Parsed parsed = parse(bytes);
    EXPECT_TRUE(parsed.whole());
    return wire::report_fields(parsed.messages.at(0));
}

class ClientTexts : public testing::Test {
protected:
    const Grant grant = a_grant();
    const std::string ends_at = format_local(grant.window.ends_at);

    std::map<char, std::string> end(EndCause cause, std::string_view how_to_ask = "",
                                    EndsBy ends_by = EndsBy::terminate) {
        return fields_of(proxy::last_words(cause, grant, ends_by, how_to_ask));
    }
};

TEST_F(ClientTexts, SayAtTheBeginningUntilWhen) {
    const std::string banner = proxy::banner(grant, 90min + 400ms);
    EXPECT_EQ(parse(banner).types(), "N");
    const auto fields = fields_of(banner);
    EXPECT_EQ(fields.at('S'), "NOTICE");
    EXPECT_EQ(fields.at('C'), "00000");
    EXPECT_THAT(fields.at('M'), AllOf(HasSubstr("\"prod\""), HasSubstr(ends_at), HasSubstr("1h30m left"),
                                      HasSubstr(grant.id.text())));
}

TEST_F(ClientTexts, RoundWhatIsLeft) {
    EXPECT_THAT(fields_of(proxy::warning(grant, 299'997ms)).at('M'), HasSubstr("ends in 5m,"));
    EXPECT_THAT(fields_of(proxy::banner(grant, -3ms)).at('M'), HasSubstr("(0s left"));
}

TEST_F(ClientTexts, WarnOfWhatIsNotCommitted) {
    const std::string warning = proxy::warning(grant, 1min);
    EXPECT_EQ(parse(warning).types(), "N");
    EXPECT_THAT(fields_of(warning).at('M'), AllOf(HasSubstr(ends_at), HasSubstr("rolled back")));
}

TEST_F(ClientTexts, TellWhenASessionBeginsToWindDownAndWhenThatIsOver) {
    EXPECT_EQ(parse(proxy::winding_down(grant, 30s)).types(), "N");
    EXPECT_THAT(fields_of(proxy::winding_down(grant, 30s)).at('M'),
                AllOf(HasSubstr("ends in 30s"), HasSubstr(ends_at), HasSubstr("no new transaction begins")));
    EXPECT_THAT(fields_of(proxy::wound_up(grant, 1h)).at('M'),
                AllOf(HasSubstr("1h left"), HasSubstr("new transactions may begin")));
}

TEST_F(ClientTexts, RefuseANewTransactionWithoutEndingTheSession) {
    const auto fields = fields_of(proxy::no_new_transaction(grant, ""));
    EXPECT_EQ(fields.at('S'), "ERROR");
    EXPECT_EQ(fields.at('C'), "42501");
    EXPECT_THAT(fields.at('M'), HasSubstr(ends_at));
    EXPECT_THAT(fields.at('H'), HasSubstr("curfew extend " + grant.id.text()));
    EXPECT_THAT(fields_of(proxy::no_new_transaction(grant, "Ask in #dba.")).at('H'),
                testing::EndsWith(" Ask in #dba."));
}

// What pools and drivers take for the end of this connection.
TEST_F(ClientTexts, EndWithTheSameCodeWhateverTheCause) {
    for (const EndCause cause : {EndCause::grant_expired, EndCause::grant_revoked, EndCause::session_killed,
                                 EndCause::user_removed, EndCause::resource_removed, EndCause::store_lost,
                                 EndCause::recording_failed, EndCause::node_stopping, EndCause::failed}) {
        const auto fields = end(cause);
        EXPECT_EQ(fields.at('S'), "FATAL");
        EXPECT_EQ(fields.at('C'), "57P01");
        EXPECT_THAT(fields.at('M'), AllOf(HasSubstr("\"prod\""), HasSubstr(grant.id.text())));
        EXPECT_NE(fields.at('H'), "");
    }
}

TEST_F(ClientTexts, SayWhyItEnded) {
    EXPECT_THAT(end(EndCause::grant_expired).at('M'), HasSubstr("ended at " + ends_at));
    EXPECT_THAT(end(EndCause::grant_revoked).at('M'), HasSubstr("was revoked"));
    EXPECT_THAT(end(EndCause::session_killed).at('M'), HasSubstr("an administrator ended this session"));
    EXPECT_THAT(end(EndCause::node_stopping).at('M'), HasSubstr("shutting down"));
    EXPECT_THAT(end(EndCause::recording_failed).at('M'), HasSubstr("cannot write down what is done here"));
}

// A statement can refuse to be cancelled, and commit later.
TEST_F(ClientTexts, PromiseARollbackOnlyWhereTheBackendIsTerminated) {
    EXPECT_THAT(end(EndCause::grant_expired, "", EndsBy::terminate).at('D'), HasSubstr("was rolled back"));
    EXPECT_THAT(end(EndCause::grant_expired, "", EndsBy::cancel).at('D'),
                AllOf(HasSubstr("being cancelled"), Not(HasSubstr("was rolled back"))));
}

TEST_F(ClientTexts, SayHowToAskWhereAskingIsNeeded) {
    EXPECT_EQ(end(EndCause::grant_expired, "Ask in #dba.").at('H'), "Ask in #dba.");
    EXPECT_THAT(end(EndCause::grant_expired).at('H'), HasSubstr("Ask an administrator"));
    EXPECT_EQ(end(EndCause::grant_expired, "Ask: curfew connect {resource}").at('H'),
              "Ask: curfew connect prod");
    // The grant stands.
    for (const EndCause cause : {EndCause::session_killed, EndCause::node_stopping, EndCause::store_lost,
                                 EndCause::recording_failed})
        EXPECT_THAT(end(cause, "Ask in #dba.").at('H'), Not(HasSubstr("Ask")));
}

TEST_F(ClientTexts, TellNoStrangerWhoExists) {
    const policy::Attempt attempt{"alice", "prod"};
    const auto unknown = proxy::not_admitted(policy::Refusal::unknown_user, attempt, "");
    const auto nothing = proxy::not_admitted(policy::Refusal::no_grant, attempt, "");
    EXPECT_EQ(unknown.bytes, nothing.bytes);
    EXPECT_NE(unknown.reason, nothing.reason);
    EXPECT_EQ(fields_of(unknown.bytes).at('C'), "28000");
}

TEST_F(ClientTexts, SayWhatAGrantDoesNotCoverYet) {
    const policy::Attempt attempt{"al\nice", "prod"};
    EXPECT_EQ(fields_of(proxy::not_admitted(policy::Refusal::not_yet, attempt, "Ask.").bytes).at('M'),
              R"(the grant of user "al\x0aice" on resource "prod" has not begun)");
    const auto refused = proxy::not_admitted(policy::Refusal::replication_refused, attempt, "Ask.");
    EXPECT_THAT(fields_of(refused.bytes).at('M'), HasSubstr("does not cover replication"));
    EXPECT_EQ(fields_of(refused.bytes).at('H'), "Ask.");
}

}  // namespace
}  // namespace curfew::test

// Logging in with a role of Curfew's own, and what PostgreSQL says up to its first ReadyForQuery.
#include <gmock/gmock.h>

#include "login_fixture.hpp"

namespace curfew::test {
namespace {

using proxy::Begun;
using proxy::Dropped;
using proxy::Refusal;
using testing::HasSubstr;
using testing::Not;
using wire::message;

const std::string authentication_ok = message('R', wire::int32(0));
const std::string parameter = message('S', std::string("TimeZone\0UTC\0", 13));
const std::string key = message('K', wire::int32(4711) + "four");
const std::string ready = message('Z', "I");

class LoggingInAsARole : public testing::TestWithParam<Transport>, public LoginFixture {
protected:
    LoggingInAsARole() : LoginFixture{GetParam()} {
        resource.login = config::LoginMode::managed;
        resource.role = config::UpstreamRole{"app", Secret{"role secret"}};
        begin();
    }

    std::future<proxy::Unless> login;
    proxy::LoginTrouble trouble = proxy::LoginTrouble::none;

    void begin() {
        again();
        login = loop.start(proxy::log_in_managed(client.server, server.client, startup_message(),
                                                 *resource.role, resource, trouble));
        EXPECT_EQ(from_curfew(), wire::startup({{"user", "app"}, {"database", "db"}}));
    }
    Outcome outcome() { return outcome_of(loop.finish(login)); }
};

TEST_P(LoggingInAsARole, TellsTheClientThatItIsAuthenticated) {
    say(authentication_ok);
    EXPECT_TRUE(outcome().fine);
    EXPECT_EQ(to_client(), authentication_ok);
}

TEST_P(LoggingInAsARole, AnswersWithTheRolesPassword) {
    say(message('R', wire::int32(5) + "salt"));  // MD5
    const Parsed answer = parse(from_curfew());
    ASSERT_EQ(answer.types(), "p");
    EXPECT_EQ(answer.messages[0].body.substr(0, 3), "md5");
    say(authentication_ok);
    EXPECT_TRUE(outcome().fine);
}

TEST_P(LoggingInAsARole, TellsTheClientNothingOfWhatPostgreSqlRefuses) {
    say(fatal("28P01", "password authentication failed for user \"app\""));
    const Outcome refused = outcome();
    EXPECT_EQ(refused.sqlstate(), "08006");
    EXPECT_EQ(refused.reason, "upstream_refused");
    EXPECT_THAT(refused.refusal, Not(HasSubstr("app")));
}

TEST_P(LoggingInAsARole, NeverSendsItsPasswordForAllToRead) {
    resource.tls.mode = config::SslMode::prefer;
    begin();
    say(message('R', wire::int32(3)));
    EXPECT_EQ(outcome().reason, "upstream_refused");
    EXPECT_EQ(from_curfew(), "");
}

TEST_P(LoggingInAsARole, RefusesLengthsThatNoLoginHas) {
    for (const std::string& header : impossible_headers('R')) {
        begin();
        say(header);
        EXPECT_EQ(outcome().sqlstate(), "08P01");
    }
}

TEST_P(LoggingInAsARole, ReportsAServerThatHangsUp) {
    server.server.close();
    EXPECT_EQ(outcome().reason, "upstream_unavailable");
}

TEST_P(LoggingInAsARole, DropsAClientThatIsGoneByThen) {
    client.client.close();
    say(authentication_ok);
    EXPECT_EQ(outcome().dropped, "client_closed");
}

TEST_P(LoggingInAsARole, IsInterrupted) {
    interrupt();
    EXPECT_EQ(outcome().dropped, "interrupted");
}

INSTANTIATE_TEST_SUITE_P(Over, LoggingInAsARole, testing::Values(Transport::plaintext, Transport::tls),
                         [](const auto& instance) { return name_of(instance.param); });

// --- Up to ReadyForQuery

class AwaitingReadiness : public testing::TestWithParam<Transport>, public LoginFixture {
protected:
    using Answer = std::variant<Begun, Refusal, Dropped>;

    AwaitingReadiness() : LoginFixture{GetParam()} { begin(); }

    std::future<Answer> waiting;

    void begin() {
        again();
        waiting = loop.start(proxy::await_ready(client.server, server.client, "db"));
    }
    Outcome failure() {
        const Answer answer = loop.finish(waiting);
        if (const auto* refusal = std::get_if<Refusal>(&answer))
            return {false, refusal->bytes, refusal->reason, ""};
        if (const auto* dropped = std::get_if<Dropped>(&answer)) return {false, "", "", dropped->reason};
        return {true, "", "", ""};
    }
    Begun begun() { return std::get<Begun>(loop.finish(waiting)); }
};

TEST_P(AwaitingReadiness, PassesOnAllButTheKeyAndTheReadyForQuery) {
    const std::string notice = message('N', std::string("SNOTICE\0C00000\0Mhello\0\0", 23));
    say(parameter + key + notice + parameter + message('Z', "T"));
    const Begun begun = this->begun();
    ASSERT_TRUE(begun.key);
    EXPECT_EQ(begun.key->process_id, 4711);
    EXPECT_EQ(begun.key->secret, "four");
    EXPECT_EQ(begun.status, 'T');
    EXPECT_EQ(to_client(), parameter + notice + parameter);
}

TEST_P(AwaitingReadiness, TakesAServerWithoutACancelKey) {
    say(ready);
    EXPECT_FALSE(begun().key);
}

TEST_P(AwaitingReadiness, ReadsNothingBehindTheReadyForQuery) {
    say(ready + parameter);
    begun();
    EXPECT_EQ(take(server.client), parameter);
}

TEST_P(AwaitingReadiness, TellsTheClientWhatPostgreSqlRefuses) {
    say(parameter);
    say(fatal("53300", "sorry, too many clients already"));
    const Outcome refused = failure();
    EXPECT_EQ(refused.refusal, fatal("53300", "sorry, too many clients already"));
    EXPECT_EQ(refused.reason, "upstream_refused");
}

TEST_P(AwaitingReadiness, RefusesWhatDoesNotBelongThere) {
    std::vector<std::string> wrong = impossible_headers('S');
    wrong.insert(wrong.end(), {message('D', "row"), message('R', wire::int32(0)), key + key,
                               message('K', "x"), message('Z', "?"), message('E', "x"), message('S', "x")});
    for (const std::string& bytes : wrong) {
        begin();
        say(bytes);
        EXPECT_EQ(failure().sqlstate(), "08P01");
        EXPECT_EQ(to_client(), "");
    }
}

TEST_P(AwaitingReadiness, ReportsAServerThatHangsUp) {
    say(parameter + key.substr(0, 3));
    server.server.close();
    const Outcome gone = failure();
    EXPECT_EQ(gone.sqlstate(), "08006");
    EXPECT_THAT(gone.message(), HasSubstr("\"db\""));
}

TEST_P(AwaitingReadiness, DropsAClientThatIsGone) {
    client.client.close();
    say(parameter);
    EXPECT_EQ(failure().dropped, "client_closed");
}

TEST_P(AwaitingReadiness, IsInterrupted) {
    say(parameter);
    interrupt();
    EXPECT_EQ(failure().dropped, "interrupted");
}

INSTANTIATE_TEST_SUITE_P(Over, AwaitingReadiness, testing::Values(Transport::plaintext, Transport::tls),
                         [](const auto& instance) { return name_of(instance.param); });

}  // namespace
}  // namespace curfew::test

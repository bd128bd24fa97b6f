// Logging in to servers that do as PostgreSQL does, and to those that do not.
#include <gmock/gmock.h>

#include "login_fixture.hpp"

namespace curfew::test {
namespace {

using proxy::Unless;
using testing::HasSubstr;
using testing::StartsWith;
using wire::message;

const std::string ask_for_password = message('R', wire::int32(3));
const std::string authentication_ok = message('R', wire::int32(0));
const std::string no_patience = fatal("57014", "canceling authentication due to timeout");

// --- login: passthrough

class PassingALoginThrough : public testing::TestWithParam<Transport>, public LoginFixture {
protected:
    PassingALoginThrough() : LoginFixture{GetParam()} { begin(); }

    std::future<Unless> login;
    proxy::LoginTrouble trouble = proxy::LoginTrouble::none;

    void begin() {
        login = loop.start(
            proxy::log_in_passthrough(client.server, server.client, startup_message(), resource, trouble));
        EXPECT_EQ(from_curfew(), wire::startup({{"user", "alice"}, {"database", "db"}}));
    }
    Outcome outcome() { return outcome_of(loop.finish(login)); }
    bool is_over() { return test::is_over(login); }
};

TEST_P(PassingALoginThrough, RelaysEachSidesWords) {
    say(ask_for_password);
    EXPECT_EQ(to_client(), ask_for_password);
    answer(wire::password("secret"));
    EXPECT_EQ(from_curfew(), wire::password("secret"));
    say(authentication_ok);
    EXPECT_TRUE(outcome().fine);
    EXPECT_EQ(to_client(), authentication_ok);
    EXPECT_FALSE(loop.is_busy());
}

TEST_P(PassingALoginThrough, ReadsNothingBehindTheLastWord) {
    say(ask_for_password);
    answer(wire::password("secret") + wire::query("SELECT 1"));
    say(authentication_ok + message('S', "rest"));
    EXPECT_TRUE(outcome().fine);
    EXPECT_EQ(take(client.server), wire::query("SELECT 1"));
    EXPECT_EQ(take(server.client), message('S', "rest"));
}

TEST_P(PassingALoginThrough, TakesAServerThatTrusts) {
    say(authentication_ok);
    EXPECT_TRUE(outcome().fine);
    EXPECT_EQ(to_client(), authentication_ok);
}

TEST_P(PassingALoginThrough, TellsTheClientWhatPostgreSqlRefuses) {
    say(fatal("3D000", "no such database"));
    const Outcome refused = outcome();
    EXPECT_EQ(refused.refusal, fatal("3D000", "no such database"));
    EXPECT_EQ(refused.reason, "upstream_refused");
}

// While a person looks for the password.
TEST_P(PassingALoginThrough, HearsThatPostgreSqlLosesItsPatience) {
    say(ask_for_password);
    to_client();
    say(no_patience);
    ASSERT_TRUE(is_over());
    EXPECT_EQ(outcome().refusal, no_patience);
    EXPECT_FALSE(interrupted());
    EXPECT_FALSE(loop.is_busy());
}

TEST_P(PassingALoginThrough, HearsThatPostgreSqlIsGoneBeforeTheClientSpeaks) {
    say(ask_for_password);
    to_client();
    server.server.close();
    loop.settle();
    ASSERT_TRUE(is_over());
    const Outcome gone = outcome();
    EXPECT_EQ(gone.sqlstate(), "08006");
    EXPECT_EQ(gone.reason, "upstream_unavailable");
}

TEST_P(PassingALoginThrough, KeepsANoticeFromAClientThatIsAskedForItsPassword) {
    say(ask_for_password);
    to_client();
    say(message('N', std::string("SNOTICE\0C00000\0Mhello\0\0", 23)));
    ASSERT_FALSE(is_over());
    EXPECT_EQ(to_client(), "");
    answer(wire::password("secret"));
    EXPECT_EQ(from_curfew(), wire::password("secret"));
    say(authentication_ok);
    EXPECT_TRUE(outcome().fine);
}

// What it says first is what counts, whenever the client's answer comes.
TEST_P(PassingALoginThrough, HearsPostgreSqlFirstWhereBothHaveSpoken) {
    say(ask_for_password);
    to_client();
    ASSERT_EQ(client.client.try_write(wire::password("secret")).status, Status::ok);
    ASSERT_EQ(server.server.try_write(no_patience).status, Status::ok);
    EXPECT_EQ(outcome().refusal, no_patience);
}

TEST_P(PassingALoginThrough, DropsAClientThatVanishesWhenItIsItsTurn) {
    say(ask_for_password);
    client.client.close();
    loop.settle();
    ASSERT_TRUE(is_over());
    EXPECT_EQ(outcome().dropped, "client_closed");
}

TEST_P(PassingALoginThrough, DropsAClientThatVanishesInTheMiddleOfItsAnswer) {
    say(ask_for_password);
    answer(wire::password("secret").substr(0, 7));
    client.client.close();
    EXPECT_EQ(outcome().dropped, "client_closed");
}

TEST_P(PassingALoginThrough, DropsAClientThatIsGoneWhenPostgreSqlAnswers) {
    client.client.close();
    say(ask_for_password);
    EXPECT_EQ(outcome().dropped, "client_closed");
}

TEST_P(PassingALoginThrough, RefusesLengthsThatNoLoginHas) {
    for (const std::string& header : impossible_headers('R')) {
        again();
        begin();
        say(header);
        EXPECT_EQ(outcome().sqlstate(), "08P01");
    }
    for (const std::string& header : impossible_headers('p')) {
        again();
        begin();
        say(ask_for_password);
        answer(header);
        EXPECT_EQ(outcome().sqlstate(), "08P01");
        EXPECT_EQ(from_curfew(), "");
    }
}

TEST_P(PassingALoginThrough, LetsNothingElseOfTheClientsThrough) {
    for (const std::string& bytes : {wire::query("SELECT 1"), wire::terminate()}) {
        again();
        begin();
        say(ask_for_password);
        answer(bytes);
        EXPECT_EQ(outcome().sqlstate(), "08P01");
        EXPECT_EQ(from_curfew(), "");
    }
}

TEST_P(PassingALoginThrough, RefusesAServerThatDoesNotWaitForThePassword) {
    say(ask_for_password);
    say(authentication_ok);
    EXPECT_EQ(outcome().sqlstate(), "08P01");
}

TEST_P(PassingALoginThrough, ReportsAServerThatHangsUp) {
    say(authentication_ok.substr(0, 6));
    server.server.close();
    EXPECT_EQ(outcome().reason, "upstream_unavailable");
}

TEST_P(PassingALoginThrough, WaitsForEitherSideInTheMiddleOfGssapi) {
    const std::string more = message('R', wire::int32(8) + "token");
    say(message('R', wire::int32(7)));
    answer(message('p', "token"));
    EXPECT_EQ(from_curfew(), message('p', "token"));
    say(more);
    answer(message('p', "another"));
    EXPECT_EQ(from_curfew(), message('p', "another"));
    say(more);
    say(authentication_ok);  // without another word of the client's
    EXPECT_TRUE(outcome().fine);
}

// In whatever state the login is: what waits is called off, and nothing waits on.
TEST_P(PassingALoginThrough, IsInterruptedAfterAnyStep) {
    for (int steps = 0; steps < 60; ++steps) {
        SCOPED_TRACE(std::to_string(steps) + " steps");
        again();
        begin();
        ASSERT_EQ(server.server.try_write(ask_for_password).status, Status::ok);
        loop.settle();
        ASSERT_EQ(client.client.try_write(wire::password("secret")).status, Status::ok);
        for (int i = 0; i < steps; ++i)
            loop.step();
        interrupt();
        loop.settle();
        ASSERT_TRUE(is_over());
        EXPECT_EQ(outcome().dropped, "interrupted");
        EXPECT_FALSE(loop.is_busy());
    }
}

// The password's time is up as the server speaks.
TEST_P(PassingALoginThrough, IsInterruptedAfterAnyStepOfTheServers) {
    for (int steps = 0; steps < 60; ++steps) {
        SCOPED_TRACE(std::to_string(steps) + " steps");
        again();
        begin();
        for (int i = 0; i < steps / 2; ++i)
            loop.step();
        ASSERT_EQ(server.server.try_write(ask_for_password).status, Status::ok);
        for (int i = 0; i < steps; ++i)
            loop.step();
        interrupt();
        loop.settle();
        ASSERT_TRUE(is_over());
        EXPECT_EQ(outcome().dropped, "interrupted");
        EXPECT_FALSE(loop.is_busy());
    }
}

INSTANTIATE_TEST_SUITE_P(Over, PassingALoginThrough, testing::Values(Transport::plaintext, Transport::tls),
                         [](const auto& instance) { return name_of(instance.param); });

// --- sslmode allow

class RefusedInPlaintext : public testing::Test, public LoginFixture {
protected:
    RefusedInPlaintext() : LoginFixture{Transport::plaintext} {
        resource.tls.mode = config::SslMode::allow;
        resource.role = config::UpstreamRole{"app", Secret{"secret"}};
    }

    bool passthrough(std::initializer_list<std::string> words) {
        return refused(words, [this](proxy::LoginTrouble& refused) {
            return proxy::log_in_passthrough(client.server, server.client, startup_message(), resource,
                                             refused);
        });
    }
    bool managed(std::initializer_list<std::string> words) {
        return refused(words, [this](proxy::LoginTrouble& refused) {
            return proxy::log_in_managed(client.server, server.client, startup_message(), *resource.role,
                                         resource, refused);
        });
    }

private:
    // Whether what the server says calls for another attempt.
    template <class LogIn>
    bool refused(std::initializer_list<std::string> words, LogIn log_in) {
        again();
        auto trouble = proxy::LoginTrouble::none;
        auto login = loop.start(log_in(trouble));
        loop.settle();
        for (const std::string& word : words)
            say(word);
        EXPECT_FALSE(outcome_of(loop.finish(login)).fine);
        return trouble == proxy::LoginTrouble::plaintext_refused;
    }
};

const std::string no_entry = fatal("28000", "no pg_hba.conf entry for host, no encryption");

TEST_F(RefusedInPlaintext, CallsForAnotherAttemptWithTls) {
    EXPECT_TRUE(passthrough({no_entry}));
    EXPECT_EQ(to_client(), "");
    EXPECT_TRUE(managed({no_entry}));
    EXPECT_EQ(to_client(), "");
}

TEST_F(RefusedInPlaintext, CallsForNoneOnceSomethingElseWasSaid) {
    EXPECT_FALSE(passthrough({ask_for_password, no_entry}));
    EXPECT_FALSE(managed({message('N', std::string("SNOTICE\0C00000\0Mhello\0\0", 23)), no_entry}));
}

TEST_F(RefusedInPlaintext, CallsForNoneForAnotherReasonOrMode) {
    EXPECT_FALSE(passthrough({fatal("28P01", "password")}));
    EXPECT_FALSE(managed({fatal("3D000", "no such database")}));
    resource.tls.mode = config::SslMode::prefer;
    EXPECT_FALSE(passthrough({no_entry}));
    EXPECT_FALSE(managed({no_entry}));
    resource.tls.mode = config::SslMode::allow;
    resource.upstream.host = "/run/postgresql/.s.PGSQL.5432";
    EXPECT_FALSE(passthrough({no_entry}));
    EXPECT_FALSE(managed({no_entry}));
}

}  // namespace
}  // namespace curfew::test

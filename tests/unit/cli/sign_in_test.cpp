// `curfew login`, `logout`, `whoami` and `tokens`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <chrono>
#include <fstream>
#include <sstream>

#include "base/clock.hpp"
#include "base/time_text.hpp"
#include "people_fixture.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SignIn : public People {
protected:
    std::string signed_in_answer(const std::string& token = "cfs_secret") const {
        return R"({"me":)" + me() + R"(,"token":")" + token + R"(","expires_at":"2030-01-01T00:00:00Z"})";
    }
    static std::string methods(bool device, bool first = false) {
        return std::string{R"({"password":true,"oidc":null,"device":)"} + (device ? "true" : "false") +
               R"(,"first_administrator":)" + (first ? "true" : "false") + "}";
    }
    std::vector<std::string> login(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"login", api.url(), "--ca-file", api.ca_file()});
        return more;
    }
    std::string kept() const {
        std::ostringstream text;
        text << std::ifstream{home / "curfew/servers.json"}.rdbuf();
        return text.str();
    }
    void sign_in() {
        api.on("POST /api/v1/sign-in/password", 200, signed_in_answer());
        const auto done =
            run_curfew(login({"--password", "--user", "alice"}), "correct horse\n", environment());
        ASSERT_EQ(done.exit_code, 0) << done.err;
    }
};

TEST_F(SignIn, TakesAPasswordFromStandardInput) {
    api.on("POST /api/v1/sign-in/password", 200, signed_in_answer());
    const auto done = run_curfew(login({"--password", "--user", "alice"}), "correct horse\n", environment());
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.out, "Signed in to " + api.url() + " as alice, until 2030-01-01 00:00:00 UTC\n");
    const auto body = sent("POST /api/v1/sign-in/password");
    EXPECT_EQ(body.at("user"), "alice");
    EXPECT_EQ(body.at("password"), "correct horse");
    EXPECT_EQ(body.at("as"), "token");
}

TEST_F(SignIn, NeverShowsTheToken) {
    api.on("POST /api/v1/sign-in/password", 200, signed_in_answer());
    const auto done =
        run_curfew(login({"--json", "--password", "--user", "alice"}), "correct horse\n", environment());
    EXPECT_THAT(done.out, AllOf(HasSubstr(R"("name":"alice")"), Not(HasSubstr("cfs_secret"))));
    EXPECT_THAT(done.err, Not(HasSubstr("cfs_secret")));
    EXPECT_THAT(kept(), HasSubstr("cfs_secret"));
}

TEST_F(SignIn, AsksOnATerminalWithoutAnEcho) {
    api.on("POST /api/v1/sign-in/password", 200, signed_in_answer());
    OnTerminal curfew{login({"--password"}), environment()};
    curfew.read_until("User: ");
    curfew.type("alice\n");
    curfew.read_until("Password: ");
    EXPECT_FALSE(curfew.echoes());
    curfew.type("correct horse\n");
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 0) << text;
    EXPECT_THAT(text, AllOf(HasSubstr("Signed in"), Not(HasSubstr("horse"))));
}

TEST_F(SignIn, IsWhatLaterCommandsComeWith) {
    sign_in();
    api.on("GET /api/v1/me", 200, me());
    const auto done = run_curfew({"whoami"}, "", environment());
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, AllOf(StartsWith("alice at " + api.url()), HasSubstr("groups     dev\n")));
    EXPECT_EQ(api.seen("GET /api/v1/me")[0].header("authorization"), "Bearer cfs_secret");
}

TEST_F(SignIn, YieldsToATokenInTheEnvironment) {
    sign_in();
    api.on("GET /api/v1/me", 200, me());
    run_curfew({"whoami"}, "", environment({{"CURFEW_TOKEN", "cft_other"}}));
    EXPECT_EQ(api.seen("GET /api/v1/me")[0].header("authorization"), "Bearer cft_other");
}

TEST_F(SignIn, SaysThatItWasRefused) {
    api.on("POST /api/v1/sign-in/password", 401, problem(401, "Wrong user or password"));
    const auto done = run_curfew(login({"--password", "--user", "alice"}), "wrong\n", environment());
    EXPECT_EQ(done.exit_code, 7);
    EXPECT_EQ(done.err, "curfew: Wrong user or password\n");
    EXPECT_EQ(kept(), "");
}

TEST_F(SignIn, ShowsPageAndCodeOfTheDeviceFlowAndWaits) {
    api.on("GET /api/v1/sign-in", 200, methods(true));
    api.on(
        "POST /api/v1/sign-in/device", 200,
        R"({"device_code":"dev-1","user_code":"WDJB-MJHT","verification_uri":"https://id.example.org/device",)"
        R"("verification_uri_complete":null,"expires_in_seconds":600,"interval_seconds":1})");
    api.on("POST /api/v1/sign-in/device/poll", 202, R"({"interval_seconds":1})");
    OnTerminal curfew{login(), environment()};
    EXPECT_THAT(curfew.read_until("WDJB-MJHT"), HasSubstr("Open https://id.example.org/device"));
    curfew.read_until("waiting for you to sign in there");
    api.await_seen("POST /api/v1/sign-in/device/poll");
    api.on("POST /api/v1/sign-in/device/poll", 200, signed_in_answer());
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 0) << text;
    const auto poll = boost::json::parse(api.seen("POST /api/v1/sign-in/device/poll")[0].body);
    EXPECT_EQ(poll.at("device_code"), "dev-1");
    EXPECT_THAT(std::string{poll.at("token_name").as_string()}, StartsWith("curfew on "));
    EXPECT_THAT(kept(), HasSubstr("cfs_secret"));
}

TEST_F(SignIn, SaysThatTheDeviceFlowWasRefused) {
    api.on("GET /api/v1/sign-in", 200, methods(true));
    api.on("POST /api/v1/sign-in/device", 200,
           R"({"device_code":"dev-1","user_code":"A","verification_uri":"https://id.example.org/device",)"
           R"("verification_uri_complete":"https://id.example.org/device?code=A","expires_in_seconds":600,)"
           R"("interval_seconds":1})");
    api.on("POST /api/v1/sign-in/device/poll", 401, problem(401, "It was refused there"));
    const auto done = run_curfew(login(), "", environment());
    EXPECT_EQ(done.exit_code, 7);
    EXPECT_THAT(done.err, AllOf(HasSubstr("or open https://id.example.org/device?code=A"),
                                HasSubstr("curfew: It was refused there\n")));
}

TEST_F(SignIn, LeavesTheDeviceFlowOnCtrlC) {
    api.on("GET /api/v1/sign-in", 200, methods(true));
    api.on("POST /api/v1/sign-in/device", 200,
           R"({"device_code":"dev-1","user_code":"A","verification_uri":"https://id.example.org/device",)"
           R"("verification_uri_complete":null,"expires_in_seconds":600,"interval_seconds":60})");
    OnTerminal curfew{login(), environment()};
    curfew.read_until("waiting for you");
    curfew.type("\x03");
    EXPECT_EQ(curfew.finish().second, 130);
}

TEST_F(SignIn, UsesAOneTimeLinkToChooseAPassword) {
    api.on("POST /api/v1/sign-in/one-time", 200, signed_in_answer());
    const auto done = run_curfew({"--ca-file", api.ca_file(), "login", "--one-time",
                                  api.url() + "/sign-in#cfl_abc", "--user", "alice"},
                                 "a long enough one\n", environment());
    EXPECT_EQ(done.exit_code, 0) << done.err;
    const auto body = sent("POST /api/v1/sign-in/one-time");
    EXPECT_EQ(body.at("code"), "cfl_abc");
    EXPECT_EQ(body.at("user"), "alice");
    EXPECT_EQ(body.at("password"), "a long enough one");
}

TEST_F(SignIn, TellsTheFirstAdministratorOfTheLink) {
    api.on("GET /api/v1/sign-in", 200, methods(false, true));
    const auto done = run_curfew(login(), "", environment());
    EXPECT_EQ(done.exit_code, 7);
    EXPECT_THAT(done.err, HasSubstr("--one-time LINK"));
}

TEST_F(SignIn, EndsThereAndHere) {
    sign_in();
    api.on("POST /api/v1/sign-out", 204, "");
    const auto done = run_curfew({"logout"}, "", environment());
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(api.seen("POST /api/v1/sign-out")[0].header("authorization"), "Bearer cfs_secret");
    EXPECT_THAT(kept(), Not(HasSubstr("cfs_secret")));
}

TEST_F(SignIn, IsForgottenHereEvenWhereTheServerIsAway) {
    sign_in();
    api.stop();
    const auto done = run_curfew({"logout"}, "", environment());
    EXPECT_EQ(done.exit_code, 5);
    EXPECT_THAT(done.err, HasSubstr("takes it until it expires"));
    EXPECT_THAT(kept(), Not(HasSubstr("cfs_secret")));
}

TEST_F(SignIn, IsAskedForWhereTheServerKnowsNobody) {
    api.on("GET /api/v1/grants", 401, problem(401, "The token has expired"));
    const auto done = curfew({"grants"});
    EXPECT_EQ(done.exit_code, 7);
    EXPECT_EQ(done.err, "curfew: The token has expired\nSign in: curfew login\n");
}

TEST_F(SignIn, MakesATokenAndPrintsNothingButItsSecret) {
    api.on("POST /api/v1/tokens", 201,
           R"({"token":{"id":"t-0123abcd","user":"alice","name":"ci","scopes":["read"],)"
           R"("created_at":"2026-11-25T12:00:00Z","expires_at":"2026-12-25T12:00:00Z","last_used_at":null},)"
           R"("secret":"cft_new"})");
    const auto done = curfew({"tokens", "create", "ci", "--scopes", "read,request", "--for", "30d"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.out, "cft_new\n");
    EXPECT_EQ(boost::json::serialize(sent("POST /api/v1/tokens")),
              R"({"name":"ci","scopes":["read","request"],"expires_in":"30d"})");
}

TEST_F(SignIn, MakesATokenForNoLongerThanTheSignInWhereNobodySaysForHowLong) {
    api.on("POST /api/v1/tokens", 201, R"({"token":{"id":"t-0123abcd"},"secret":"cft_new"})");
    api.on("GET /api/v1/me", 200, me());
    EXPECT_EQ(curfew({"tokens", "create", "ci", "--scopes", "read"}).exit_code, 0);
    EXPECT_EQ(sent("POST /api/v1/tokens").at("expires_in"), "720h");
    const auto ends = SystemClock{}.wall_now() + std::chrono::hours{2};
    api.on("GET /api/v1/me", 200, R"({"user":"alice","expires_at":")" + format_utc(ends) + R"("})");
    EXPECT_EQ(curfew({"tokens", "create", "ci", "--scopes", "read"}).exit_code, 0);
    const auto body = boost::json::parse(api.seen("POST /api/v1/tokens").back().body);
    const auto asked = boost::json::value_to<std::string>(body.at("expires_in"));
    EXPECT_THAT(asked, testing::AnyOf("1h58m", "1h57m"));
}

TEST_F(SignIn, SaysWhichTokenToRevokeWhereItsSecretWasLost) {
    api.on("GET /api/v1/me", 200, me());
    api.on("POST /api/v1/tokens", 201, R"({"token":{"id":"t-0123abcd"},"secret":null})");
    const auto done = curfew({"tokens", "create", "ci", "--scopes", "read"});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.err, HasSubstr("curfew tokens revoke t-0123abcd"));
}

TEST_F(SignIn, ListsAndRevokesTokens) {
    api.on(
        "GET /api/v1/tokens", 200,
        list(
            R"({"id":"t-0123abcd","user":"alice","name":"ci","scopes":["read"],)"
            R"("created_at":"2026-11-25T12:00:00Z","expires_at":"2026-12-25T12:00:00Z","last_used_at":null})"));
    EXPECT_EQ(curfew({"tokens"}).out,
              "t-0123abcd\talice\tci\tread\t2026-11-25 12:00:00 UTC\t2026-12-25 12:00:00 UTC\t-\n");
    EXPECT_EQ(curfew({"tokens", "list"}).out, curfew({"tokens"}).out);
    api.on("DELETE /api/v1/tokens/t-0123abcd", 204, "");
    EXPECT_EQ(curfew({"tokens", "revoke", "t-0123abcd"}).exit_code, 0);
}

}  // namespace
}  // namespace curfew::test

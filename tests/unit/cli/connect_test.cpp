// `curfew connect`, up to where psql runs and after it. Instead of psql a script that says what it was given.
#include "cli/connect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "people_fixture.hpp"

namespace curfew::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* credential =
    R"({"user":"alice","password":"s3cret","ends_at":"2026-11-25T14:00:00Z","host":"proxy.example.org","port":6432,)"
    R"("database":"prod","uri":"postgresql://alice:s3cret@proxy.example.org:6432/prod",)"
    R"("pgpass":"proxy.example.org:6432:prod:alice:s3cret",)"
    R"("service_file":"# Curfew\n[prod]\nhost=proxy.example.org\nport=6432\nuser=alice\ndbname=prod\n"})";

class Connect : public People {
protected:
    TemporaryDirectory programs;

    void SetUp() override {
        write_psql("exit 0");
        api.on("GET /api/v1/me", 200, me());
        api.on("GET /api/v1/requests", 200, list(""));
        api.on("GET /api/v1/grants", 200, list(""));
        api.on("GET /api/v1/grants/g-0123abcd", 200, grant());
        api.on("GET /api/v1/catalogue", 200, catalogue("managed"));
        api.on("POST /api/v1/requests/r-0123abcd/credential", 201, credential);
    }
    static std::string catalogue(const std::string& login) {
        return list(R"({"resource":"prod","login":")" + login + R"(","credential":)" +
                    (login == "managed" ? "true" : "false") + "}");
    }
    void write_psql(const std::string& end) {
        const auto path = programs / "psql";
        std::ofstream{path}
            << "#!/bin/sh\n"
               "exec 3>"
            << (programs / "seen").string()
            << "\n"
               "printf 'arguments:%s\\n' \"$*\" >&3\nenv | sed 's/^/env:/' >&3\n"
               "stat -c 'mode:%a' \"${PGSERVICEFILE%/*}\" \"$PGSERVICEFILE\" >&3\n"
               "sed 's/^/service:/' \"$PGSERVICEFILE\" >&3\n"
               "[ -z \"$PGPASSFILE\" ] || { sed 's/^/pgpass:/' \"$PGPASSFILE\" >&3; stat -c 'mode:%a' "
               "\"$PGPASSFILE\" >&3; }\n"
            << end << "\n";
        ::chmod(path.c_str(), 0700);
    }
    Environment at_work() const { return signed_in({{"PATH", programs.path().string() + ":/usr/bin:/bin"}}); }
    Finished connect(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"connect", "prod"});
        return run_curfew(more, "", at_work());
    }
    std::string seen_by_psql() const {
        std::ostringstream text;
        text << std::ifstream{programs / "seen"}.rdbuf();
        return text.str();
    }
    void have_access() {
        api.on("GET /api/v1/requests", 200, list(request("APPROVED", false)));
        api.on("GET /api/v1/requests/r-0123abcd", 200, request("APPROVED"));
    }
    static std::string grant_for_commands() {
        auto document = boost::json::parse(grant()).as_object();
        document["use"] = "commands";
        return boost::json::serialize(document);
    }
    static std::string command_access() {
        return R"({"grant":)" + grant_for_commands() + R"(,"credential":)" + credential + "}";
    }
    // What is left in the directory for what runs.
    std::vector<std::string> left_behind() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator{home.path()})
            names.push_back(entry.path().filename());
        return names;
    }
};

TEST_F(Connect, GoesInAtOnceWhereThereIsAccess) {
    have_access();
    const auto done = connect({"--", "-c", "select 1"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_TRUE(api.seen("POST /api/v1/requests").empty()) << "nothing new was asked for";
    EXPECT_THAT(seen_by_psql(), HasSubstr("arguments:-c select 1\n"));
}

TEST_F(Connect, KeepsTheSecretInFilesOfItsOwn) {
    have_access();
    ASSERT_EQ(connect().exit_code, 0);
    const auto seen = seen_by_psql();
    EXPECT_THAT(seen, AllOf(HasSubstr("pgpass:proxy.example.org:6432:prod:alice:s3cret\n"),
                            HasSubstr("pgpass:proxy.example.org:6432:*:alice:s3cret\n"),
                            HasSubstr("service:host=proxy.example.org\n"), HasSubstr("env:PGSERVICE=prod\n"),
                            HasSubstr("mode:700\nmode:600\n")));
    std::istringstream lines{seen};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("env:") || line.starts_with("arguments:")) {
            EXPECT_THAT(line, AllOf(Not(HasSubstr("s3cret")), Not(HasSubstr("cft_token"))));
        }
        if (line.starts_with("mode:")) {
            EXPECT_TRUE(line == "mode:700" || line == "mode:600") << line;
        }
    }
    EXPECT_THAT(left_behind(), IsEmpty());
}

TEST_F(Connect, AsksAndWaitsUntilOthersHaveDecided) {
    api.on("POST /api/v1/requests", 201, request("PENDING"));
    api.on("GET /api/v1/requests/r-0123abcd", 200, request("PENDING"));
    OnTerminal curfew{{"connect", "prod", "--duration", "2h", "--reason", "ticket 7", "--no-color"},
                      at_work()};
    curfew.read_until("waiting for approval at https://curfew.example.org/requests/r-0123abcd");
    curfew.read_until("security  waiting");
    api.await_seen("GET /api/v1/events");
    const std::string reviews =
        R"([{"reviewer":"bob","group":"dba-team","verdict":"approve","comment":"","duration":null,)"
        R"("at":"2026-11-25T12:01:00Z"}])";
    api.on("GET /api/v1/requests/r-0123abcd", 200, request("PENDING", true, reviews));
    api.push("request", request("PENDING", false, reviews));
    curfew.read_until("dba-team  approved by bob");
    api.on("GET /api/v1/requests/r-0123abcd", 200, request("APPROVED"));
    api.push("request", request("APPROVED", false));
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 0) << text;
    EXPECT_THAT(seen_by_psql(), HasSubstr("pgpass:"));
    EXPECT_EQ(sent("POST /api/v1/requests").at("duration"), "2h");
}

TEST_F(Connect, GoesOnWithARequestThatWaitsAlready) {
    api.on("GET /api/v1/requests", 200, list(request("PENDING", false)));
    api.on("GET /api/v1/requests/r-0123abcd", 200, request("PENDING"));
    InPipe curfew{{"connect", "prod", "--print"}, at_work()};
    api.await_seen("GET /api/v1/events");
    api.on("GET /api/v1/requests/r-0123abcd", 200, request("APPROVED"));
    api.push("request", request("APPROVED", false));
    EXPECT_EQ(curfew.read_line(), "postgresql://alice:s3cret@proxy.example.org:6432/prod");
    EXPECT_EQ(curfew.finish(), 0);
    EXPECT_TRUE(api.seen("POST /api/v1/requests").empty());
}

TEST_F(Connect, SaysThatTheRequestCameToNothing) {
    api.on("POST /api/v1/requests", 201, request("PENDING"));
    api.on("GET /api/v1/requests/r-0123abcd", 200, request("REJECTED"));
    const auto done = connect();
    EXPECT_EQ(done.exit_code, 8);
    EXPECT_THAT(done.err, HasSubstr("curfew: r-0123abcd is REJECTED: decided by bob: not today\n"));
}

TEST_F(Connect, OffersToCancelOnCtrlC) {
    api.on("POST /api/v1/requests", 201, request("PENDING"));
    api.on("GET /api/v1/requests/r-0123abcd", 200, request("PENDING"));
    api.on("POST /api/v1/requests/r-0123abcd/revoke", 200, request("REJECTED"));
    OnTerminal curfew{{"connect", "prod"}, at_work()};
    curfew.read_until("waiting for approval");
    curfew.type("\x03");
    curfew.read_until("Cancel the request? [Y/n] ");
    curfew.type("y\n");
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 130);
    EXPECT_THAT(text, HasSubstr("r-0123abcd is cancelled"));
    EXPECT_EQ(api.seen("POST /api/v1/requests/r-0123abcd/revoke").size(), 1U);
}

TEST_F(Connect, LeavesTheRequestWaitingWhereItIsNotToBeCancelled) {
    api.on("POST /api/v1/requests", 201, request("PENDING"));
    api.on("GET /api/v1/requests/r-0123abcd", 200, request("PENDING"));
    OnTerminal curfew{{"connect", "prod"}, at_work()};
    curfew.read_until("waiting for approval");
    curfew.type("\x03");
    curfew.read_until("Cancel the request? [Y/n] ");
    curfew.type("\x03");
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 130);
    EXPECT_THAT(text, HasSubstr("goes on waiting"));
    EXPECT_TRUE(api.seen("POST /api/v1/requests/r-0123abcd/revoke").empty());
}

TEST_F(Connect, PrintsWhatOtherProgramsTake) {
    have_access();
    EXPECT_EQ(connect({"--print"}).out, "postgresql://alice:s3cret@proxy.example.org:6432/prod\n");
    EXPECT_EQ(connect({"--print=pgpass"}).out, "proxy.example.org:6432:prod:alice:s3cret\n");
    EXPECT_THAT(connect({"--print=service"}).out, HasSubstr("[prod]\nhost=proxy.example.org\n"));
    EXPECT_EQ(connect({"--json"}).out, std::string{credential} + "\n");
    EXPECT_EQ(seen_by_psql(), "");
}

TEST_F(Connect, GivesPsqlsExitCode) {
    have_access();
    write_psql("exit 3");
    EXPECT_EQ(connect().exit_code, 3);
    write_psql("kill -TERM $$");
    EXPECT_EQ(connect().exit_code, 128 + SIGTERM);
    EXPECT_THAT(left_behind(), IsEmpty());
}

TEST_F(Connect, SaysWhyItEndedWhereCurfewEndedIt) {
    have_access();
    write_psql("exit 2");
    EXPECT_EQ(connect().exit_code, 2) << "a connection that failed while there is access is psql's matter";
    api.on("GET /api/v1/grants/g-0123abcd", 200, grant("revoked"));
    const auto done = connect();
    EXPECT_EQ(done.exit_code, 9);
    EXPECT_THAT(
        done.err,
        HasSubstr("curfew: Your access to prod was revoked by bob at 2026-11-25 13:00:00 UTC: enough\n"));
    api.on("GET /api/v1/grants/g-0123abcd", 200, grant("ended"));
    EXPECT_THAT(connect().err, HasSubstr("ended at 2026-11-25 14:00:00 UTC: its time was over"));
}

TEST_F(Connect, ShowsWhatIsLeftInTheTitleAndGivesThatBack) {
    have_access();
    write_psql("read line");
    OnTerminal curfew{{"connect", "prod"}, at_work()};
    EXPECT_THAT(curfew.read_until("\033]2;prod: "), HasSubstr("\033[22;2t"));
    EXPECT_THAT(curfew.read_until("\007"), HasSubstr("1h59m left"));
    curfew.type("\n");
    EXPECT_THAT(curfew.finish().first, HasSubstr("\033[23;2t"));
}

TEST_F(Connect, LeavesCtrlCToPsql) {
    have_access();
    write_psql("trap 'echo interrupted; exit 7' INT\necho ready\nwhile :; do sleep 0.1; done");
    OnTerminal curfew{{"connect", "prod"}, at_work()};
    curfew.read_until("ready");
    curfew.type("\x03");
    const auto [text, exit_code] = curfew.finish();
    EXPECT_EQ(exit_code, 7);
    EXPECT_THAT(text, HasSubstr("interrupted"));
    EXPECT_THAT(left_behind(), IsEmpty());
}

TEST_F(Connect, PassesOnATerminationAndTidiesUp) {
    have_access();
    write_psql("echo ready\nexec sleep 60");
    InPipe curfew{{"connect", "prod"}, at_work()};
    EXPECT_EQ(curfew.read_line(), "ready");
    curfew.signal(SIGTERM);
    EXPECT_EQ(curfew.finish(), 128 + SIGTERM);
    EXPECT_THAT(left_behind(), IsEmpty());
}

TEST_F(Connect, GoesByOnesOwnPasswordWhereCurfewDoesNotLogIn) {
    have_access();
    api.on("GET /api/v1/catalogue", 200, catalogue("passthrough"));
    auto environment = at_work();
    environment["PGPASSWORD"] = "my own";
    const auto done = run_curfew({"connect", "prod", "--port", "7777"}, "", environment);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(
        seen_by_psql(),
        AllOf(
            HasSubstr("service:host=localhost\nservice:port=7777\nservice:user=alice\nservice:dbname=prod\n"),
            HasSubstr("env:PGPASSWORD=my own\n"), Not(HasSubstr("pgpass:"))));
    EXPECT_TRUE(api.seen("POST /api/v1/requests/r-0123abcd/credential").empty());
}

TEST_F(Connect, TakesAGrantThatWasGivenWithoutARequest) {
    api.on("GET /api/v1/grants", 200, list(grant()));
    EXPECT_EQ(connect().exit_code, 0);
    EXPECT_TRUE(api.seen("POST /api/v1/requests").empty());
    EXPECT_THAT(seen_by_psql(), HasSubstr("service:dbname=prod\n"));
}

TEST_F(Connect, GoesByCommandWhereNothingElseMayBeAskedFor) {
    api.on("GET /api/v1/explain?resource=prod&type=command", 200, R"({"terms":{"may_ask":true}})");
    api.on("GET /api/v1/explain?resource=prod&type=jit", 200, R"({"terms":{"may_ask":false}})");
    api.on("POST /api/v1/resources/prod/command-access", 200, command_access());
    const auto done = connect({"--", "-c", "select 1"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.err,
              "By command on prod: what may not run without asking waits for approval, each time "
              "(g-0123abcd)\n");
    EXPECT_TRUE(api.seen("POST /api/v1/requests").empty());
    EXPECT_THAT(seen_by_psql(), AllOf(HasSubstr("pgpass:proxy.example.org:6432:prod:alice:s3cret\n"),
                                      HasSubstr("arguments:-c select 1\n")));
}

TEST_F(Connect, AsksForAWindowWhereThatMayBeAskedFor) {
    api.on("GET /api/v1/explain", 200, R"({"terms":{"may_ask":true}})");
    api.on("POST /api/v1/requests", 201, request("APPROVED"));
    EXPECT_EQ(connect().exit_code, 0);
    EXPECT_TRUE(api.seen("POST /api/v1/resources/prod/command-access").empty());
}

TEST_F(Connect, GoesByCommandWhereThatIsWished) {
    have_access();
    api.on("POST /api/v1/resources/prod/command-access", 200, command_access());
    EXPECT_EQ(connect({"--by-command", "--print"}).out,
              "postgresql://alice:s3cret@proxy.example.org:6432/prod\n");
    EXPECT_EQ(connect({"--by-command", "--duration", "1h"}).exit_code, 2);
    EXPECT_EQ(connect({"--by-command", "--break-glass"}).exit_code, 2);
}

TEST_F(Connect, TakesNoGrantForCommandsForAWindow) {
    api.on("GET /api/v1/grants", 200, list(grant_for_commands()));
    api.on("POST /api/v1/requests", 201, request("APPROVED"));
    EXPECT_EQ(connect().exit_code, 0);
    EXPECT_EQ(api.seen("POST /api/v1/requests").size(), 1U);
}

TEST_F(Connect, SaysWhereToGetPsql) {
    have_access();
    const auto done = run_curfew({"connect", "prod"}, "", signed_in({{"PATH", "/nonexistent"}}));
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.err, AllOf(HasSubstr("postgresql-client"), HasSubstr("--print")));
    EXPECT_THAT(left_behind(), IsEmpty());
}

}  // namespace
}  // namespace curfew::test

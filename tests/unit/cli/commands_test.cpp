// The `curfew` command against a running server: what it prints, and how it exits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>

#include "api/peer_identity.hpp"
#include "child_process.hpp"
#include "running_servers.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Commands : public testing::Test {
protected:
    RunningAdmin admin;
    const std::string me = api::actor_name(::getuid());

    Finished curfew(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--socket", admin.socket()});
        return run_curfew(arguments);
    }
    std::string give(const std::string& length = "2h") {
        const auto done = curfew({"--json", "grant", "alice", "prod", "--for", length});
        return std::string{boost::json::parse(done.out).at("id").as_string()};
    }
    std::vector<std::string> calls() {
        return admin.with_control([](FakeControl& control) { return control.calls; });
    }
    policy::Grant last_grant() { return admin.grants().front().grant; }
    void fail_with(ErrorCode code, const std::string& message) {
        admin.with_control([&](FakeControl& control) { control.fail_with = Error{code, message}; });
    }
};

TEST_F(Commands, GrantGivesAUserAccess) {
    const auto done = curfew({"grant", "alice", "prod", "--for", "2h", "--reason", "ticket 7"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    const auto grant = last_grant();
    EXPECT_EQ(done.out, "Granted " + grant.id.text() + ": alice on prod until 2020-01-01 14:00:00 UTC\n");
    EXPECT_EQ(grant.reason, "ticket 7");
    EXPECT_EQ(grant.given_by, me);
    EXPECT_FALSE(grant.allow_replication);
}

TEST_F(Commands, GrantShowsTimesInTheReadersZone) {
    const auto done = run_curfew({"--socket", admin.socket(), "grant", "alice", "prod", "--for", "2h"}, "",
                                 {{"TZ", "EST5"}});
    EXPECT_THAT(done.out, HasSubstr("until 2020-01-01 09:00:00 EST"));
}

TEST_F(Commands, GrantMayBeForAGroupBeginLaterAndAllowReplication) {
    const auto done =
        curfew({"grant", "--group", "dba", "prod", "--for", "1h30m", "--in", "10m", "--replication"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out,
                HasSubstr("group:dba on prod from 2020-01-01 12:10:00 UTC until 2020-01-01 13:40:00"));
    EXPECT_EQ(last_grant().subject, (policy::Subject{policy::Subject::Kind::group, "dba"}));
    EXPECT_TRUE(last_grant().allow_replication);
}

TEST_F(Commands, GrantMayBeForEveryone) {
    EXPECT_EQ(curfew({"grant", "*", "prod", "--for", "1h"}).exit_code, 0);
    EXPECT_EQ(last_grant().subject.kind, policy::Subject::Kind::everyone);
}

TEST_F(Commands, GrantPassesOnWhyItWasRefused) {
    const auto done = curfew({"grant", "alice", "prdo", "--for", "2h"});
    EXPECT_EQ(done.exit_code, 2);
    EXPECT_EQ(done.out, "");
    EXPECT_EQ(done.err, "curfew: There is no resource 'prdo'; configured: prod, test\n");
}

TEST_F(Commands, ErrorsShowTimesInTheReadersZone) {
    fail_with(ErrorCode::conflict,
              "Grant g-00000000 was revoked already, by root at 2020-01-01T12:00:00.250Z");
    const auto done =
        run_curfew({"--socket", admin.socket(), "extend", "g-00000000", "--by", "30m"}, "", {{"TZ", "EST5"}});
    EXPECT_EQ(done.err, "curfew: Grant g-00000000 was revoked already, by root at 2020-01-01 07:00:00 EST\n");
}

TEST_F(Commands, NodesListsThem) {
    admin.register_node("db-1");
    admin.clock.advance(4s);
    const auto done = curfew({"nodes"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.out, "db-1\tup\t1.2.3\tdb-1:6432\tprod, test\t2\t4s ago\n");
    admin.clock.advance(26s);
    EXPECT_EQ(curfew({"nodes"}).out, "db-1\tgone\t1.2.3\tdb-1:6432\tprod, test\t2\t30s ago\n");
    const auto json = boost::json::parse(curfew({"--json", "nodes"}).out);
    EXPECT_EQ(json.at("items").at(0).at("seen_seconds_ago"), 30);
}

TEST_F(Commands, NotificationsListsWhatHasNotArrived) {
    EXPECT_EQ(curfew({"notifications"}).out, "");
    admin.notify("mail", "grant_ended", store::Delivered{});
    const auto id = admin.notify("slack", "request_waiting", store::GivenUp{"channel_not_found"}).text();
    const auto row = id +
                     "\tgiven_up\tslack\t#dba\trequest_waiting\tr-00000001\t2020-01-01 12:00:00 UTC"
                     "\t-\t1\tchannel_not_found\n";
    EXPECT_EQ(curfew({"notifications"}).out, row);
    EXPECT_EQ(curfew({"notifications", "--notifier", "slack", "--about", "r-00000001"}).out, row);
    EXPECT_EQ(curfew({"notifications", "--about", "r-00000002"}).out, "");
    EXPECT_THAT(curfew({"notifications", "--all"}).out, AllOf(HasSubstr(row), HasSubstr("delivered")));
    const auto json = boost::json::parse(curfew({"--json", "notifications"}).out);
    EXPECT_EQ(json.at("items").at(0).at("problem"), "channel_not_found");
}

TEST_F(Commands, NotificationsRetryHasOneTriedAgain) {
    const auto id = admin.notify("slack", "request_waiting", store::GivenUp{"channel_not_found"}).text();
    const auto done = curfew({"notifications", "retry", id});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.out, id + " is tried again: request_waiting to #dba by slack\n");
    EXPECT_THAT(curfew({"notifications"}).out, HasSubstr("waiting"));
    EXPECT_EQ(curfew({"notifications", "retry", id}).exit_code, 4);
    EXPECT_EQ(curfew({"notifications", "retry", "d-00000000"}).exit_code, 3);
}

TEST_F(Commands, RevokeEndsAGrant) {
    const auto id = give();
    const auto done = curfew({"revoke", id, "--reason", "left the team"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.out, "Revoked " + id + ": alice on prod; its sessions are told to end\n");
    EXPECT_EQ(last_grant().revoked->reason, "left the team");
}

TEST_F(Commands, RevokeOfARevokedGrantIsAConflict) {
    const auto id = give();
    curfew({"revoke", id});
    const auto done = curfew({"revoke", id});
    EXPECT_EQ(done.exit_code, 4);
    EXPECT_THAT(done.err, HasSubstr("revoked already"));
}

TEST_F(Commands, ExtendMovesTheEnd) {
    const auto id = give();
    const auto done = curfew({"extend", id, "--by", "30m"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.out, "Extended " + id + ": alice on prod until 2020-01-01 14:30:00 UTC, 2h30m left\n");
}

TEST_F(Commands, WhatDoesNotExistIsNotFound) {
    EXPECT_EQ(curfew({"revoke", "g-00000000"}).exit_code, 3);
    EXPECT_EQ(curfew({"extend", "g-00000000", "--by", "5m"}).exit_code, 3);
    EXPECT_EQ(curfew({"kill", "s-00000000"}).exit_code, 3);
}

TEST_F(Commands, AnIdentifierCannotBecomeAnotherPath) {
    for (const char* id : {"../status", "", "g-1/revoke?x", "a b"}) {
        EXPECT_EQ(curfew({"kill", id}).exit_code, 3) << id;
    }
    EXPECT_THAT(calls(), Not(Contains(StartsWith("kill"))));
}

TEST_F(Commands, GrantsListsOneALineForPrograms) {
    const auto id = give();
    const auto done = curfew({"grants"});
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_EQ(done.out,
              id + "\talice\tprod\tactive\t2h00m\t2020-01-01 12:00:00 UTC\t2020-01-01 14:00:00 UTC\t" + me +
                  "\t-\n");
}

TEST_F(Commands, GrantsListsThoseThatAreOverOnRequest) {
    const auto id = give("30m");
    curfew({"revoke", id, "--reason", "done"});
    EXPECT_EQ(curfew({"grants"}).out, "");
    EXPECT_THAT(curfew({"grants", "--all"}).out,
                AllOf(HasSubstr(id), HasSubstr("\trevoked\t-\t"), HasSubstr("revoked by " + me + ": done")));
}

TEST_F(Commands, SessionsEndedAreListedWithHowSureThatIs) {
    const auto grant = admin.record(example_record());
    const auto done = curfew({"sessions", "--past"});
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_EQ(done.out,
              "s-0123abcd\talice\tprod/orders\t2020-01-01 09:00:00 UTC\t3h00m\tgrant_expired\tgone, "
              "confirmed\t" +
                  grant.text() + "\tdb-1\t1 prepared transaction is left\n");
}

TEST_F(Commands, SessionsEndedAreNarrowedAsTheApiNarrowsThem) {
    admin.record(example_record());
    const auto listed = [this](std::vector<std::string> more) {
        std::vector<std::string> command{"sessions", "--past"};
        command.insert(command.end(), more.begin(), more.end());
        return !curfew(command).out.empty();
    };
    for (const auto& [option, right, wrong] : std::vector<std::array<std::string, 3>>{
             {"--user", "alice", "bob"},
             {"--resource", "prod", "a&user=bob"},
             {"--cause", "grant_expired", "failed"},
             {"--outcome", "enforced", "not_over"},
             {"--since", "2020-01-01T12:00:00Z", "2020-01-01T12:00:01Z"},
             {"--until", "2020-01-01T09:00:01Z", "2020-01-01T09:00:00Z"}}) {
        EXPECT_TRUE(listed({option, right})) << option;
        EXPECT_FALSE(listed({option, wrong})) << option;
    }
    EXPECT_FALSE(listed({"--since", "1h"})) << "counted from now";
    EXPECT_EQ(curfew({"sessions", "--past", "--cause", "tired"}).exit_code, 2);
    EXPECT_EQ(curfew({"sessions", "--past", "--since", "soon"}).exit_code, 2);
}

TEST_F(Commands, SessionsThatEndedLateAreListedWithHowLate) {
    auto record = example_record();
    record.state = store::SessionState::live;
    record.ended_at.reset();
    admin.record(record);
    admin.clock.advance(1h + 90s);
    const store::SessionEnd end{record.id, policy::EndCause::grant_expired, store::Confirmation::activity,
                                ""};
    admin.await([&](Workplace& workplace) { return workplace.store->session_ended(end); }).value();
    EXPECT_THAT(curfew({"sessions", "--past", "--outcome", "overstayed"}).out,
                HasSubstr("over 1m30s after its deadline\n"));
}

TEST_F(Commands, SessionsWhoseLastTransactionCameToNothingAreListedWithThat) {
    auto record = example_record();
    record.facts.transaction_outcome = policy::TransactionOutcome::rolled_back;
    admin.record(record);
    EXPECT_THAT(curfew({"sessions", "--past"}).out,
                HasSubstr("\tlast transaction rolled back; 1 prepared transaction is left\n"));
}

TEST_F(Commands, SessionsEndedAreAsManyAsAreWanted) {
    for (int i = 0; i < 3; ++i) {
        auto record = example_record();
        record.id = SessionId::generate();
        admin.record(record);
    }
    const auto out = curfew({"sessions", "--past", "--limit", "2"}).out;
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2);
}

TEST_F(Commands, KillEndsOneSession) {
    const auto session = example_session(GrantId::generate());
    admin.with_control([&](FakeControl& control) { control.live.push_back(session); });
    const auto done = curfew({"kill", session.id.text()});
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_EQ(done.out, "Session " + session.id.text() + " is told to end; its grant stands\n");
    EXPECT_THAT(calls(), Contains("kill " + session.id.text() + " by " + me));
}

TEST_F(Commands, StatusShowsAReadyNode) {
    admin.with_control([](FakeControl& control) {
        control.node_status.version = "0.1.0";
        control.node_status.node = "db-1";
        control.node_status.started_at = noon;
        control.node_status.ready = true;
        control.node_status.sessions = 3;
        control.node_status.listeners = {{"main", {"127.0.0.1", 6432}}};
        control.node_status.resources = {"prod", "test"};
    });
    const auto done = curfew({"status"});
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_THAT(done.out,
                AllOf(StartsWith("curfewd 0.1.0 on db-1: ready\n"), HasSubstr("sessions   3\n"),
                      HasSubstr("listeners  main 127.0.0.1:6432\n"), HasSubstr("resources  prod, test\n")));
}

TEST_F(Commands, StatusSaysWhyANodeIsNotReadyAndExitsNonZero) {
    admin.with_control(
        [](FakeControl& control) { control.node_status.not_ready_because = {"the store is away"}; });
    const auto done = curfew({"status"});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.out, AllOf(HasSubstr("not ready\n"), HasSubstr("the store is away")));
}

TEST_F(Commands, StatusShowsWhichAdministrativeConnectionsAreDownSinceWhenAndWhy) {
    const auto five_minutes_ago =
        std::chrono::floor<WallInstant::duration>(std::chrono::system_clock::now()) - 5min;
    admin.with_control([&](FakeControl& control) {
        control.node_status.ready = true;
        control.node_status.admin_logins = {{"prod", true, noon, ""},
                                            {"stage", false, five_minutes_ago, "Connection refused"},
                                            {"test", true, noon, ""}};
    });
    const auto done = curfew({"status"});
    EXPECT_EQ(done.exit_code, 0) << "sessions are taken on the other resources";
    EXPECT_THAT(done.out, HasSubstr("  admin      connected to prod, test\n"));
    EXPECT_THAT(done.out,
                ContainsRegex("  admin      not connected to stage since [-0-9]+ [:0-9]+ UTC, 5m[0-9]+s "
                              "ago; nobody new gets in there: Connection refused\n"));
}

TEST_F(Commands, DoctorSaysWhatIsWrongAndWhatToDo) {
    admin.with_control([](FakeControl& control) {
        control.findings = {{"role_superuser", policy::Severity::serious, "Role app is one", "Make it none"},
                            {"hba_unreadable", policy::Severity::unchecked, "No right", "GRANT it"}};
    });
    const auto done = curfew({"doctor", "prod"});
    EXPECT_EQ(done.exit_code, 10);
    EXPECT_EQ(done.out,
              "serious\trole_superuser\tRole app is one\tMake it none\n"
              "unchecked\thba_unreadable\tNo right\tGRANT it\n");
    EXPECT_THAT(calls(), Contains("diagnose prod"));
    const auto json = curfew({"doctor", "prod", "--json"});
    EXPECT_EQ(json.exit_code, 10);
    EXPECT_THAT(json.out, HasSubstr(R"("check":"role_superuser","severity":"serious")"));
}

TEST_F(Commands, DoctorIsContentWhereNothingIsWrong) {
    const auto done = curfew({"doctor", "prod"});
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_EQ(done.out, "");
}

TEST_F(Commands, DoctorKnowsThatThereIsNoSuchResource) {
    fail_with(ErrorCode::not_found, "there is no resource 'prd'");
    EXPECT_EQ(curfew({"doctor", "prd"}).exit_code, 3);
}

TEST_F(Commands, ReloadSaysThatItIsDone) {
    const auto done = curfew({"reload"});
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_THAT(done.out, HasSubstr("is in use"));
    EXPECT_THAT(calls(), Contains("reload by " + me));
}

TEST_F(Commands, ReloadShowsWhatIsWrongWithTheConfiguration) {
    const std::string problems =
        "2 problems:\ncurfew.yaml:3:1: unknown key\ncurfew.yaml:9:4: \x1b[31mno number";
    fail_with(ErrorCode::invalid, problems);
    const auto done = curfew({"reload"});
    EXPECT_EQ(done.exit_code, 1) << "the command line was right";
    EXPECT_EQ(done.err,
              "curfew: 2 problems:\ncurfew.yaml:3:1: unknown key\ncurfew.yaml:9:4: \\x1b[31mno number\n");
}

TEST_F(Commands, JsonIsWhatTheServerSays) {
    give();
    EXPECT_EQ(curfew({"grants", "--json"}).out, admin.request("GET", "/api/v1/grants").body);
    EXPECT_EQ(curfew({"--json", "grants", "--all"}).out,
              admin.request("GET", "/api/v1/grants?all=true").body);
    EXPECT_EQ(curfew({"sessions", "--json"}).out, admin.request("GET", "/api/v1/sessions").body);
    EXPECT_EQ(curfew({"sessions", "--past", "--json"}).out,
              admin.request("GET", "/api/v1/sessions/past?limit=50").body);
    EXPECT_EQ(curfew({"status", "--json"}).out, admin.request("GET", "/api/v1/status").body);
    EXPECT_EQ(curfew({"reload", "--json"}).out, "{\"reloaded\":true}\n");
    const auto revoked = curfew({"revoke", "--json", give()});
    EXPECT_EQ(boost::json::parse(revoked.out).at("state"), "revoked");
}

TEST_F(Commands, EachKindOfErrorHasItsExitCode) {
    const std::map<ErrorCode, int> codes{{ErrorCode::invalid, 2},   {ErrorCode::not_found, 3},
                                         {ErrorCode::conflict, 4},  {ErrorCode::unavailable, 5},
                                         {ErrorCode::forbidden, 6}, {ErrorCode::internal, 1}};
    for (const auto& [error, code] : codes) {
        fail_with(error, "what happened");
        for (const auto& arguments : std::vector<std::vector<std::string>>{
                 {"grant", "alice", "prod", "--for", "2h"}, {"extend", "g-00000000", "--by", "5m"}}) {
            const auto done = curfew(arguments);
            EXPECT_EQ(done.exit_code, code) << to_string(error) << " " << arguments[0];
            EXPECT_EQ(done.err, "curfew: what happened\n");
            EXPECT_EQ(done.out, "");
        }
    }
}

TEST_F(Commands, TheSocketMayComeFromTheEnvironment) {
    EXPECT_EQ(run_curfew({"grants"}, "", {{"CURFEW_SOCKET", admin.socket()}}).exit_code, 0);
}

TEST_F(Commands, AServerThatTurnsAwaySaysSo) {
    admin.stop();
    api::HttpLimits limits;
    limits.connections = 0;
    const RunningAdmin full{limits};
    const auto done = run_curfew({"--socket", full.socket(), "grants"});
    EXPECT_EQ(done.exit_code, 5);
    EXPECT_THAT(done.err, HasSubstr("Too many connections are open"));
}

TEST(CommandsWithoutServer, SayThatNothingListens) {
    const auto done = run_curfew({"--socket", "/nonexistent/admin.sock", "grants"});
    EXPECT_EQ(done.exit_code, 5);
    EXPECT_EQ(done.out, "");
    EXPECT_THAT(done.err, AllOf(StartsWith("curfew: Cannot reach curfewd at /nonexistent/admin.sock"),
                                HasSubstr("--socket or CURFEW_SOCKET")));
}

TEST(CommandsWithoutServer, SayThatNobodyAnswersOnALeftoverSocket) {
    TemporaryDirectory directory;
    const auto path = directory / "admin.sock";
    const pid_t child = ::fork();
    if (child == 0) {
        auto socket = api::ListeningSocket::listen_unix(path, {});
        ::_exit(0);  // no destructor runs: the file stays
    }
    ::waitpid(child, nullptr, 0);
    const auto done = run_curfew({"--socket", path, "grants"});
    EXPECT_EQ(done.exit_code, 5);
    EXPECT_THAT(done.err, HasSubstr("nobody answers"));
}

TEST(CommandsWithoutServer, SayHowToGetPermission) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody without permission";
    RunningAdmin admin;
    // `runuser` gives up root before it runs the command.
    const auto path = admin.socket();
    ASSERT_EQ(::chmod(path.substr(0, path.rfind('/')).c_str(), 0755), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(99);
        const auto done = run_curfew({"--socket", path, "grants"});
        const bool right =
            done.exit_code == 6 && done.err.find("Use sudo, or join the group") != std::string::npos;
        ::_exit(right ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(CommandLine, RefusesWhatMakesNoSense) {
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{},
                                               {"frobnicate"},
                                               {"grant"},
                                               {"grant", "alice", "prod"},
                                               {"grant", "alice", "--for", "2h"},
                                               {"grant", "alice", "prod", "extra", "--for", "2h"},
                                               {"grant", "alice", "prod", "--for", "2"},
                                               {"grant", "alice", "prod", "--for", "2h", "--in", "later"},
                                               {"grant", "alice", "prod", "--group", "dba", "--for", "2h"},
                                               {"extend", "g-00000000"},
                                               {"extend", "g-00000000", "--by", "-5m"},
                                               {"revoke"},
                                               {"kill"},
                                               {"sessions", "--watch", "--past"},
                                               {"sessions", "--user", "alice"},
                                               {"sessions", "--past", "--outcome", "good"},
                                               {"sessions", "--past", "--limit", "0"},
                                               {"verifier", "--iterations", "1"},
                                               {"grants", "--frobnicate"}}) {
        const auto done = run_curfew(arguments);
        EXPECT_EQ(done.exit_code, 2) << testing::PrintToString(arguments);
        EXPECT_EQ(done.out, "") << testing::PrintToString(arguments);
        EXPECT_NE(done.err, "") << testing::PrintToString(arguments);
    }
}

TEST(CommandLine, ExplainsADurationThatIsNone) {
    EXPECT_THAT(run_curfew({"grant", "alice", "prod", "--for", "90"}).err,
                HasSubstr("'90' is not a duration; write it as 10m, 30m, 2h"));
}

TEST(CommandLine, ShowsItsVersionAndHelp) {
    EXPECT_THAT(run_curfew({"--version"}).out, StartsWith("curfew "));
    EXPECT_EQ(run_curfew({"--version"}).exit_code, 0);
    const auto help = run_curfew({"--help"});
    EXPECT_EQ(help.exit_code, 0);
    for (const char* command : {"grant", "revoke", "extend", "grants", "sessions", "kill", "status", "reload",
                                "verifier", "Exit codes"}) {
        EXPECT_THAT(help.out, HasSubstr(command));
    }
}

}  // namespace
}  // namespace curfew::test

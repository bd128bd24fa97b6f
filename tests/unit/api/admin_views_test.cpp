// Endpoints that show something.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "base/time_text.hpp"
#include "running_servers.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

class AdminViews : public testing::Test {
protected:
    RunningAdmin admin;

    std::string give(const std::string& length) {
        const auto reply = admin.request(
            "POST", "/api/v1/grants", R"({"subject":"alice","resource":"prod","for":")" + length + R"("})");
        return std::string{reply.json().at("id").as_string()};
    }
    std::size_t count(const std::string& target) {
        return admin.request("GET", target).json().at("items").as_array().size();
    }
};

TEST_F(AdminViews, ListGrantsThatAreNotOver) {
    give("30m");
    const auto longer = give("2h");
    admin.clock.advance(1h);
    const auto reply = admin.request("GET", "/api/v1/grants");
    EXPECT_EQ(reply.status, 200);
    const auto grants = reply.json().at("items").as_array();
    ASSERT_EQ(grants.size(), 1U);
    EXPECT_EQ(grants[0].at("id").as_string(), longer);
    EXPECT_EQ(grants[0].at("state"), "active");
    EXPECT_EQ(grants[0].at("remaining_seconds"), 3600);
    EXPECT_EQ(grants[0].at("starts_in_seconds"), 0);
}

TEST_F(AdminViews, ListGrantsThatAreOverOnRequest) {
    give("2h");
    admin.clock.advance(1s);
    give("30m");
    admin.clock.advance(1h);
    EXPECT_EQ(count("/api/v1/grants?all=true"), 2U);
    EXPECT_EQ(count("/api/v1/grants?all"), 2U);
    EXPECT_EQ(count("/api/v1/grants?all=false"), 1U);
    EXPECT_EQ(admin.request("GET", "/api/v1/grants?all=true").json().at("items").at(0).at("state"), "ended");
}

TEST_F(AdminViews, ShowOneGrantWhereItsLocationSays) {
    const auto given =
        admin.request("POST", "/api/v1/grants", R"({"subject":"alice","resource":"prod","for":"1h"})");
    const auto shown = admin.request("GET", given.headers.at("location"));
    EXPECT_EQ(shown.status, 200);
    EXPECT_EQ(shown.json(), given.json());
    admin.clock.advance(2h);
    EXPECT_EQ(admin.request("GET", given.headers.at("location")).json().at("state"), "ended");
    EXPECT_EQ(admin.request("GET", "/api/v1/grants/g-00000000").status, 404);
}

TEST_F(AdminViews, RefuseAQueryThatIsNotKnown) {
    EXPECT_EQ(admin.request("GET", "/api/v1/grants?all=maybe").status, 400);
    EXPECT_EQ(admin.request("GET", "/api/v1/grants?everything=true").status, 400);
    EXPECT_EQ(admin.request("GET", "/api/v1/sessions?all=true").status, 400);
}

TEST_F(AdminViews, ShowEverythingKnownOfALiveSession) {
    const auto grant = *GrantId::parse("g-0123abcd");
    const auto session = example_session(grant);
    admin.with_control([&](FakeControl& control) { control.live.push_back(session); });
    const auto reply = admin.request("GET", "/api/v1/sessions");
    EXPECT_EQ(reply.status, 200);
    const auto shown = reply.json().at("items").at(0);
    const boost::json::value expected = {{"id", session.id.text()},
                                         {"grant", "g-0123abcd"},
                                         {"user", "alice"},
                                         {"resource", "prod"},
                                         {"database", "orders"},
                                         {"node", "db-1"},
                                         {"client_address", "192.0.2.7:51234"},
                                         {"application_name", "psql"},
                                         {"phase", "live"},
                                         {"winding_down", true},
                                         {"recording", "statements"},
                                         {"tls", true},
                                         {"backend_pid", 4711},
                                         {"started_at", "2020-01-01T11:30:00Z"},
                                         {"ends_at", "2020-01-01T13:30:00.250Z"},
                                         {"remaining_seconds", 5400},
                                         {"bytes_from_client", 1200},
                                         {"bytes_to_client", 3400000},
                                         {"statement", nullptr},
                                         {"by_command", false},
                                         {"waiting_for", nullptr},
                                         {"cause", nullptr}};
    EXPECT_EQ(shown, expected);
}

TEST_F(AdminViews, ShowWhichRequestASessionByCommandWaitsFor) {
    auto session = example_session(GrantId::generate());
    session.by_command = true;
    session.waiting_for = RequestId::parse("r-0123abcd");
    admin.with_control([&](FakeControl& control) { control.live.push_back(session); });
    const auto shown = admin.request("GET", "/api/v1/sessions").json().at("items").at(0);
    EXPECT_EQ(shown.at("by_command"), true);
    EXPECT_EQ(shown.at("waiting_for").as_string(), "r-0123abcd");
}

TEST_F(AdminViews, ShowTheSessionsOfOtherNodesAsTheStoreHasThem) {
    const auto record = admin.record_live("db-2");
    const auto items = admin.request("GET", "/api/v1/sessions").json().at("items").as_array();
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].at("id").as_string(), record.text());
    EXPECT_EQ(items[0].at("node"), "db-2");
    EXPECT_EQ(items[0].at("phase"), "live");
    EXPECT_EQ(items[0].at("remaining_seconds"), 3600);
    for (const char* unknown : {"winding_down", "tls", "bytes_from_client", "bytes_to_client"})
        EXPECT_TRUE(items[0].at(unknown).is_null()) << unknown;
}

TEST_F(AdminViews, ShowWhatARecordedSessionIsAt) {
    auto session = example_session(GrantId::generate());
    session.statement = {"SELECT 1;\nSELECT 2", session.started_at};
    admin.with_control([&](FakeControl& control) { control.live.push_back(session); });
    const auto shown = admin.request("GET", "/api/v1/sessions").json().at("items").at(0).at("statement");
    const boost::json::value expected = {{"sql", "SELECT 1;\nSELECT 2"}, {"since", "2020-01-01T11:30:00Z"}};
    EXPECT_EQ(shown, expected);
}

TEST_F(AdminViews, DoNotTakeTheirOwnSessionsFromTheStore) {
    admin.record_live("db-1");
    EXPECT_TRUE(admin.request("GET", "/api/v1/sessions").json().at("items").as_array().empty());
}

TEST_F(AdminViews, ShowAnOverstayAsNegative) {
    auto session = example_session(GrantId::generate());
    session.phase = proxy::SessionPhase::ending;
    session.cause = policy::EndCause::grant_expired;
    session.remaining = -1500ms;
    session.backend_pid = 0;
    admin.with_control([&](FakeControl& control) { control.live.push_back(session); });
    const auto shown = admin.request("GET", "/api/v1/sessions").json().at("items").at(0);
    EXPECT_EQ(shown.at("remaining_seconds"), -2);
    EXPECT_EQ(shown.at("phase"), "ending");
    EXPECT_EQ(shown.at("cause"), "grant_expired");
    EXPECT_TRUE(shown.at("backend_pid").is_null());
}

TEST_F(AdminViews, MakeTextFromOutsidePrintable) {
    auto session = example_session(GrantId::generate());
    session.application_name = "\x1b[2J\xff";
    admin.with_control([&](FakeControl& control) { control.live.push_back(session); });
    const auto shown = admin.request("GET", "/api/v1/sessions").json().at("items").at(0);
    EXPECT_EQ(shown.at("application_name"), "\\x1b[2J\\xff");
}

TEST_F(AdminViews, ShowHowAPastSessionEnded) {
    const auto grant = admin.record(example_record());
    const auto reply = admin.request("GET", "/api/v1/sessions/past");
    EXPECT_EQ(reply.status, 200);
    const boost::json::value expected = {
        {"id", "s-0123abcd"},
        {"grant", grant.text()},
        {"user", "alice"},
        {"resource", "prod"},
        {"database", "orders"},
        {"node", "db-1"},
        {"client_address", "192.0.2.7:51234"},
        {"application_name", "psql"},
        {"backend", {{"pid", 4711}, {"started", "2020-01-01 09:00:00.123456+00"}}},
        {"started_at", "2020-01-01T09:00:00Z"},
        {"state", "ended"},
        {"ended_at", "2020-01-01T12:00:00Z"},
        {"deadline", "2020-01-01T13:00:00Z"},
        {"overstay_ms", 0},
        {"cause", "grant_expired"},
        {"confirmation", "activity"},
        {"detail", "1 prepared transaction is left"},
        {"client_closed_at", nullptr},
        {"backend_gone_at", nullptr},
        {"client_overstay_ms", nullptr},
        {"backend_overstay_ms", nullptr},
        {"bytes_from_client", nullptr},
        {"bytes_to_client", nullptr},
        {"last_statement", nullptr},
        {"transaction_outcome", nullptr},
        {"recording", nullptr},
        {"recording_hash", nullptr},
        {"recording_bytes", nullptr}};
    EXPECT_EQ(reply.json().at("items").at(0), expected);
}

TEST_F(AdminViews, ShowWhatWasSeenOfAPastSession) {
    auto record = example_record();
    record.facts.bytes_from_client = 17;
    record.facts.bytes_to_client = 4711;
    record.facts.client_overstay = 2ms;
    record.facts.backend_overstay = 25ms;
    record.facts.last_statement = "UPDATE orders\nSET paid = true";
    record.facts.transaction_outcome = policy::TransactionOutcome::rolled_back;
    record.facts.recording = policy::RecordingMode::statements;
    record.facts.recording_hash = Sha256Digest{0xAB};
    record.facts.recording_bytes = 100;
    admin.record(record);
    const auto shown = admin.request("GET", "/api/v1/sessions/past").json().at("items").at(0);
    EXPECT_EQ(shown.at("bytes_from_client"), 17);
    EXPECT_EQ(shown.at("bytes_to_client"), 4711);
    EXPECT_EQ(shown.at("client_overstay_ms"), 2);
    EXPECT_EQ(shown.at("backend_overstay_ms"), 25);
    EXPECT_EQ(shown.at("last_statement"), "UPDATE orders\nSET paid = true");
    EXPECT_EQ(shown.at("transaction_outcome"), "rolled_back");
    EXPECT_EQ(shown.at("recording"), "statements");
    EXPECT_EQ(shown.at("recording_hash"), boost::json::string("ab" + std::string(62, '0')));
    EXPECT_EQ(shown.at("recording_bytes"), 100);
}

TEST_F(AdminViews, ShowNullForWhatAPastSessionDoesNotHaveYet) {
    auto record = example_record();
    record.state = store::SessionState::live;
    record.ended_at.reset();
    record.cause.reset();
    record.confirmation = store::Confirmation::pending;
    record.backend = {};
    admin.record(record);
    const auto shown = admin.request("GET", "/api/v1/sessions/past").json().at("items").at(0);
    EXPECT_TRUE(shown.at("ended_at").is_null());
    EXPECT_TRUE(shown.at("overstay_ms").is_null());
    EXPECT_TRUE(shown.at("cause").is_null());
    EXPECT_TRUE(shown.at("backend").at("pid").is_null());
    EXPECT_TRUE(shown.at("backend").at("started").is_null());
    EXPECT_EQ(shown.at("confirmation"), "pending");
}

TEST_F(AdminViews, ShowTheNode) {
    admin.with_control([](FakeControl& control) {
        control.node_status.version = "0.1.0";
        control.node_status.node = "db-1";
        control.node_status.started_at = *parse_utc("2020-01-01T08:00:00Z");
        control.node_status.not_ready_because = {"the store does not answer"};
        control.node_status.sessions = 3;
        control.node_status.unconfirmed_backends = 1;
        control.node_status.listeners = {{"main", {"127.0.0.1", 6432}}};
        control.node_status.resources = {"prod"};
        control.node_status.admin_logins = {{"prod", true, *parse_utc("2020-01-01T08:00:01Z"), ""},
                                            {"test", false, *parse_utc("2020-01-01T09:00:00Z"), "refused"}};
        control.node_status.config_file = "/etc/curfew/curfew.yaml";
    });
    const boost::json::value expected = {
        {"version", "0.1.0"},
        {"node", "db-1"},
        {"started_at", "2020-01-01T08:00:00Z"},
        {"ready", false},
        {"not_ready_because", boost::json::array{"the store does not answer"}},
        {"sessions", 3},
        {"unconfirmed_backends", 1},
        {"listeners", boost::json::array{"main 127.0.0.1:6432"}},
        {"resources", boost::json::array{"prod"}},
        {"admin_logins",
         {{{"resource", "prod"}, {"up", true}, {"since", "2020-01-01T08:00:01Z"}, {"problem", nullptr}},
          {{"resource", "test"}, {"up", false}, {"since", "2020-01-01T09:00:00Z"}, {"problem", "refused"}}}},
        {"config_file", "/etc/curfew/curfew.yaml"}};
    EXPECT_EQ(admin.request("GET", "/api/v1/status").json(), expected);
}

TEST_F(AdminViews, TellWhatIsWrongWithAResource) {
    admin.with_control([](FakeControl& control) {
        control.findings = {{"role_superuser", policy::Severity::serious, "Role \"a\x1b\" is one", "Do not"}};
    });
    const auto diagnosis = admin.request("GET", "/api/v1/resources/prod/diagnosis");
    ASSERT_EQ(diagnosis.status, 200) << diagnosis.body;
    EXPECT_EQ(diagnosis.json().at("resource"), "prod");
    EXPECT_EQ(diagnosis.json().at("server_version"), "15.3");
    EXPECT_EQ(diagnosis.json().at("findings"), boost::json::parse(R"([{"check": "role_superuser",
        "severity": "serious", "problem": "Role \"a\\x1b\" is one", "remedy": "Do not"}])"));
}

TEST_F(AdminViews, TellWhereAResourceCannotBeDiagnosed) {
    admin.with_control([](FakeControl& control) {
        control.fail_with = Error{ErrorCode::not_found, "there is no resource 'prd'"};
    });
    EXPECT_EQ(admin.request("GET", "/api/v1/resources/prd/diagnosis").status, 404);
}

}  // namespace
}  // namespace curfew::test

// Grants that were signed offline, over the API: handed in, shown, and revoked while the store does not have
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/peer_identity.hpp"
#include "policy/offline_grant.hpp"
#include "running_servers.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;

class OfflineGrantsApi : public testing::Test {
protected:
    OfflineGrantsApi() {
        document.grant.id = std::string(policy::offline_id_length, 'a');
        document.grant.installation = "prod-eu";
        document.grant.node = "db-a";
        document.grant.user = "alice";
        document.grant.resource = "prod";
        document.grant.duration = 20min;
        document.grant.reason = "orders are stuck";
        document.grant.not_before = noon;
        document.grant.not_after = noon + 1h;
        taken.grant.document = document.grant.id;
        taken.grant.grant = GrantId::generate();
        taken.grant.request = RequestId::generate();
        taken.grant.user = "alice";
        taken.grant.resource = "prod";
        taken.grant.duration = 20min;
        taken.grant.reason = "orders are stuck";
        taken.grant.signers = {"bob", "carol"};
        taken.grant.taken_at = noon;
        taken.grant.remaining = 20min;
        taken.remarks = {"dave signed more than once, and counts once"};
        admin.with_control([this](FakeControl& control) { control.offline_taken = taken; });
    }

    HttpReply submit(const std::string& text, bool only_look = false) {
        boost::json::object body{{"document", text}};
        if (only_look) body["check"] = true;
        return admin.request("POST", "/api/v1/offline-grants", boost::json::serialize(body));
    }
    std::vector<std::string> calls() {
        return admin.with_control([](FakeControl& control) { return control.calls; });
    }

    RunningAdmin admin;
    const std::string me = api::actor_name(::getuid());
    policy::OfflineDocument document;
    proxy::OfflineTaken taken;
};

TEST_F(OfflineGrantsApi, TakesADocumentInTheNameOfWhoHandsItIn) {
    const auto reply = submit(policy::to_json(document));
    EXPECT_EQ(reply.status, 201) << reply.body;
    const auto grant = reply.json().at("grant");
    EXPECT_EQ(grant.at("grant").as_string(), taken.grant.grant.text());
    EXPECT_EQ(grant.at("duration"), "20m");
    EXPECT_EQ(grant.at("remaining_seconds"), 1200);
    EXPECT_EQ(grant.at("signers").as_array().size(), 2U);
    EXPECT_EQ(reply.json().at("remarks").as_array().size(), 1U);
    EXPECT_TRUE(reply.json().at("secret").is_null());
    EXPECT_THAT(calls(), Contains("take offline grant by " + me));
}

TEST_F(OfflineGrantsApi, TakesATokenThatWasPasted) {
    EXPECT_EQ(submit(" " + policy::to_token(document) + "\n").status, 201);
}

TEST_F(OfflineGrantsApi, TellsTheGrantsOwnPasswordOnce) {
    admin.with_control([](FakeControl& control) { control.offline_taken.password.emplace("hunter2"); });
    EXPECT_EQ(submit(policy::to_json(document)).json().at("secret"), "hunter2");
}

TEST_F(OfflineGrantsApi, OnlyLooksWhereThatIsAsked) {
    admin.with_control([](FakeControl& control) {
        control.offline_taken.grant.grant = GrantId{};
        control.offline_taken.grant.request = RequestId{};
    });
    const auto reply = submit(policy::to_json(document), true);
    EXPECT_EQ(reply.status, 200);
    EXPECT_TRUE(reply.json().at("grant").at("grant").is_null());
    EXPECT_THAT(calls(), Contains("look at offline grant by " + me));
}

TEST_F(OfflineGrantsApi, SaysWhyOneIsRefused) {
    const auto none = submit("hello");
    EXPECT_EQ(none.status, 400);
    EXPECT_THAT(std::string{none.json().at("detail").as_string()}, HasSubstr("this is no offline grant"));
    admin.with_control([](FakeControl& control) {
        control.fail_with = Error{ErrorCode::forbidden, "1 of 2 approvers signed it"};
    });
    EXPECT_EQ(submit(policy::to_json(document)).status, 403);
}

TEST_F(OfflineGrantsApi, WantsADocumentOfBoundedSize) {
    EXPECT_EQ(admin.request("POST", "/api/v1/offline-grants", "{}").status, 400);
    EXPECT_EQ(submit(std::string(policy::longest_offline_document + 1, 'x')).status, 400);
}

TEST_F(OfflineGrantsApi, ShowsWhatTheNodeTakesAndTook) {
    admin.with_control([this](FakeControl& control) {
        control.offline_status.enabled = true;
        control.offline_status.installation = "prod-eu";
        control.offline_status.node = "db-a";
        control.offline_status.approvals = 2;
        control.offline_status.max_duration = 30min;
        control.offline_status.approvers = {{"bob", "SHA256:00"}};
        control.offline_status.grants = {taken.grant};
        control.offline_status.sessions_not_entered = 1;
    });
    const auto status = admin.request("GET", "/api/v1/offline-grants").json();
    EXPECT_EQ(status.at("installation"), "prod-eu");
    EXPECT_EQ(status.at("max_duration"), "30m");
    EXPECT_EQ(status.at("approvers").at(0).at("user"), "bob");
    EXPECT_EQ(status.at("grants").at(0).at("user"), "alice");
    EXPECT_EQ(status.at("sessions_not_entered"), 1);
}

TEST_F(OfflineGrantsApi, ShowsThatANodeTakesNone) {
    const auto status = admin.request("GET", "/api/v1/offline-grants").json();
    EXPECT_EQ(status.at("enabled"), false);
    EXPECT_TRUE(status.at("installation").is_null());
}

TEST_F(OfflineGrantsApi, RevokesOneThatTheStoreDoesNotHaveYet) {
    store::GrantCountdown grant;
    grant.grant.id = taken.grant.grant;
    grant.grant.subject = {policy::Subject::Kind::user, "alice"};
    grant.grant.resource = "prod";
    grant.grant.window = {noon, noon + 20min};
    grant.grant.given_at = noon;
    admin.with_control([&](FakeControl& control) { control.offline_grant = grant; });
    const auto reply =
        admin.request("POST", "/api/v1/grants/" + grant.grant.id.text() + "/revoke", R"({"reason":"done"})");
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.json().at("state"), "revoked");
    EXPECT_EQ(reply.json().at("revoked").at("by").as_string(), me);
}

}  // namespace
}  // namespace curfew::test

// Endpoints that change something: what they do, whom they name, and how they refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>
#include <future>

#include "api/peer_identity.hpp"
#include "running_servers.hpp"
#include "support/timing.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AdminApi : public testing::Test {
protected:
    RunningAdmin admin;
    const std::string me = api::actor_name(::getuid());

    std::string give(const std::string& body = R"({"subject":"alice","resource":"prod","for":"2h"})") {
        const auto reply = admin.request("POST", "/api/v1/grants", body);
        return std::string{reply.json().at("id").as_string()};
    }
    std::string add_session(const std::string& grant) {
        const auto session = example_session(*GrantId::parse(grant));
        admin.with_control([&](FakeControl& control) {
            control.live.push_back(session);
            control.changed();
        });
        return session.id.text();
    }
    std::vector<std::string> calls() {
        return admin.with_control([](FakeControl& control) { return control.calls; });
    }
    void fail_with(ErrorCode code, const std::string& message) {
        admin.with_control([&](FakeControl& control) { control.fail_with = Error{code, message}; });
    }
    static std::string detail(const HttpReply& reply) {
        return std::string{reply.json().at("detail").as_string()};
    }
};

TEST_F(AdminApi, GivesAGrantInTheNameOfWhoAsked) {
    const auto reply = admin.request("POST", "/api/v1/grants", R"({"subject":"group:dba","resource":"prod",
        "for":"1h30m","starts_in":"10m","reason":"ticket 7","replication":true})");
    EXPECT_EQ(reply.status, 201);
    EXPECT_EQ(reply.headers.at("content-type"), "application/json");
    const auto grant = reply.json();
    EXPECT_EQ(reply.headers.at("location"), "/api/v1/grants/" + std::string{grant.at("id").as_string()});
    EXPECT_EQ(grant.at("subject"), "group:dba");
    EXPECT_EQ(grant.at("resource"), "prod");
    EXPECT_EQ(grant.at("state"), "upcoming");
    EXPECT_EQ(grant.at("starts_at"), "2020-01-01T12:10:00Z");
    EXPECT_EQ(grant.at("ends_at"), "2020-01-01T13:40:00Z");
    EXPECT_EQ(grant.at("starts_in_seconds"), 600);
    EXPECT_EQ(grant.at("remaining_seconds"), 6000);
    EXPECT_EQ(grant.at("replication"), true);
    EXPECT_EQ(grant.at("reason"), "ticket 7");
    EXPECT_EQ(grant.at("given_by").as_string(), me);
    EXPECT_EQ(grant.at("given_at"), "2020-01-01T12:00:00Z");
    EXPECT_TRUE(grant.at("revoked").is_null());
}

TEST_F(AdminApi, RefusesAGrantOnAResourceThatDoesNotExist) {
    const auto reply =
        admin.request("POST", "/api/v1/grants", R"({"subject":"alice","resource":"prdo","for":"2h"})");
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply.headers.at("content-type"), "application/problem+json");
    EXPECT_EQ(reply.json().at("type"), "about:blank");
    EXPECT_EQ(reply.json().at("title"), "Bad Request");
    EXPECT_EQ(reply.json().at("status"), 400);
    EXPECT_EQ(reply.json().at("code"), "invalid");
    EXPECT_EQ(detail(reply), "There is no resource 'prdo'; configured: prod, test");
}

TEST_F(AdminApi, RefusesAGrantWithMalformedFieldsAndChangesNothing) {
    const auto reply =
        admin.request("POST", "/api/v1/grants", R"({"subject":"alice","resource":"prod","for":"2"})");
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(detail(reply), HasSubstr("'2' is not a duration"));
    EXPECT_THAT(calls(), Not(Contains(StartsWith("grant"))));
}

TEST_F(AdminApi, RevokesAGrantWithAReason) {
    const auto id = give();
    const auto reply =
        admin.request("POST", "/api/v1/grants/" + id + "/revoke", R"({"reason":"left the team"})");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json().at("state"), "revoked");
    EXPECT_EQ(reply.json().at("remaining_seconds"), 0);
    EXPECT_EQ(reply.json().at("revoked").at("at"), "2020-01-01T12:00:00Z");
    EXPECT_EQ(reply.json().at("revoked").at("by").as_string(), me);
    EXPECT_EQ(reply.json().at("revoked").at("reason"), "left the team");
    const auto told =
        admin.await([](Workplace& workplace) -> api::Awaitable<std::vector<store::GrantCountdown>> {
            co_return workplace.node.grants;
        });
    ASSERT_EQ(told.size(), 1U) << "the node ends its sessions";
    EXPECT_EQ(told[0].grant.id.text(), id);
}

TEST_F(AdminApi, RevokesAGrantWithoutABody) {
    EXPECT_EQ(admin.request("POST", "/api/v1/grants/" + give() + "/revoke").status, 200);
}

TEST_F(AdminApi, AnswersConflictWhereAGrantIsRevokedTwice) {
    const auto id = give();
    admin.request("POST", "/api/v1/grants/" + id + "/revoke");
    const auto reply = admin.request("POST", "/api/v1/grants/" + id + "/revoke");
    EXPECT_EQ(reply.status, 409);
    EXPECT_EQ(reply.json().at("code"), "conflict");
}

TEST_F(AdminApi, AnswersNotFoundForAGrantThatDoesNotExist) {
    for (const char* id : {"g-00000000", "nonsense", "s-00000000"}) {
        for (const char* action : {"revoke", "extend"}) {
            const auto reply = admin.request("POST", std::string{"/api/v1/grants/"} + id + "/" + action,
                                             action == std::string{"extend"} ? R"({"by":"5m"})" : "");
            EXPECT_EQ(reply.status, 404) << id << " " << action;
            EXPECT_THAT(detail(reply), HasSubstr(id));
        }
    }
}

TEST_F(AdminApi, ExtendsAGrant) {
    const auto id = give();
    const auto reply = admin.request("POST", "/api/v1/grants/" + id + "/extend", R"({"by":"30m"})");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json().at("ends_at"), "2020-01-01T14:30:00Z");
    EXPECT_THAT(calls(), Contains("extend " + id + " by " + me + ": 30m"));
}

TEST_F(AdminApi, RefusesToExtendAGrantThatIsOver) {
    const auto id = give();
    admin.clock.advance(3h);
    EXPECT_EQ(admin.request("POST", "/api/v1/grants/" + id + "/extend", R"({"by":"30m"})").status, 409);
}

TEST_F(AdminApi, RefusesAnExtensionWithoutALength) {
    const auto reply = admin.request("POST", "/api/v1/grants/" + give() + "/extend", "{}");
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(detail(reply), HasSubstr("'by' is missing"));
}

TEST_F(AdminApi, KillsOneSession) {
    const auto session = add_session(give());
    const auto reply = admin.request("POST", "/api/v1/sessions/" + session + "/kill");
    EXPECT_EQ(reply.status, 202);
    EXPECT_EQ(reply.json().at("id").as_string(), session);
    EXPECT_EQ(reply.json().at("phase"), "ending");
    EXPECT_THAT(calls(), Contains("kill " + session + " by " + me));
}

TEST_F(AdminApi, AnswersNotFoundForASessionThatDoesNotExist) {
    EXPECT_EQ(admin.request("POST", "/api/v1/sessions/s-00000000/kill").status, 404);
    EXPECT_EQ(admin.request("POST", "/api/v1/sessions/everything/kill").status, 404);
}

TEST_F(AdminApi, KillASessionOfAnotherNodeByAskingIt) {
    const auto session = admin.record_live("db-2");
    auto asking = std::async(std::launch::async, [&] {
        return admin.request("POST", "/api/v1/sessions/" + session.text() + "/kill");
    });
    const auto asked = [&] {
        const auto events =
            admin.await([](Workplace& workplace) { return workplace.store->events_since(0, 100); });
        return events.value().back().kind == "session.kill_asked";
    };
    ASSERT_TRUE(eventually(asked));
    // As that node would.
    admin
        .await([&](Workplace& workplace) {
            return workplace.store->session_ending(session, policy::EndCause::session_killed);
        })
        .value();
    const auto reply = asking.get();
    EXPECT_EQ(reply.status, 202);
    EXPECT_EQ(reply.json().at("phase"), "ending");
    EXPECT_EQ(reply.json().at("node"), "db-2");
    EXPECT_TRUE(reply.json().at("problem").is_null());
}

TEST_F(AdminApi, SayThatTheNodeOfAKilledSessionDoesNotAnswer) {
    const auto session = admin.record_live("db-2");
    auto asking = std::async(std::launch::async, [&] {
        return admin.request("POST", "/api/v1/sessions/" + session.text() + "/kill");
    });
    while (asking.wait_for(10ms) != std::future_status::ready)
        admin.clock.advance(100ms);
    const auto reply = asking.get();
    EXPECT_EQ(reply.status, 202);
    EXPECT_EQ(reply.json().at("phase"), "asked");
    EXPECT_THAT(std::string{reply.json().at("problem").as_string()},
                HasSubstr("node 'db-2' has not answered"));
}

TEST_F(AdminApi, RefusesFieldsWhereNoneAreKnown) {
    const auto session = add_session(give());
    EXPECT_EQ(admin.request("POST", "/api/v1/sessions/" + session + "/kill", R"({"force":true})").status,
              400);
    EXPECT_EQ(admin.request("POST", "/api/v1/reload", R"({"file":"/etc/passwd"})").status, 400);
}

TEST_F(AdminApi, ReloadsTheConfiguration) {
    const auto reply = admin.request("POST", "/api/v1/reload");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json().at("reloaded"), true);
    EXPECT_THAT(calls(), Contains("reload by " + me));
}

TEST_F(AdminApi, PassesOnWhatIsWrongWithAConfiguration) {
    fail_with(ErrorCode::invalid, "curfew.yaml:3:1: unknown key 'listners'");
    const auto reply = admin.request("POST", "/api/v1/reload");
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(detail(reply), "curfew.yaml:3:1: unknown key 'listners'");
}

struct ErrorCase {
    ErrorCode code;
    int status;
    std::string title;
};
class AdminApiErrors : public AdminApi, public testing::WithParamInterface<ErrorCase> {};

TEST_P(AdminApiErrors, GiveEachCodeItsStatus) {
    fail_with(GetParam().code, "what happened");
    for (const auto& [target, body] :
         {std::pair{"/api/v1/grants/g-00000000/extend", R"({"by":"5m"})"}, std::pair{"/api/v1/reload", ""},
          std::pair{"/api/v1/sessions/s-00000000/kill", ""}}) {
        const auto reply = admin.request("POST", target, body);
        EXPECT_EQ(reply.status, GetParam().status) << target;
        EXPECT_EQ(reply.json().at("title").as_string(), GetParam().title);
        EXPECT_EQ(reply.json().at("code").as_string(), to_string(GetParam().code));
        EXPECT_EQ(detail(reply), "what happened");
    }
}

INSTANTIATE_TEST_SUITE_P(All, AdminApiErrors,
                         testing::Values(ErrorCase{ErrorCode::invalid, 400, "Bad Request"},
                                         ErrorCase{ErrorCode::not_found, 404, "Not Found"},
                                         ErrorCase{ErrorCode::conflict, 409, "Conflict"},
                                         ErrorCase{ErrorCode::forbidden, 403, "Forbidden"},
                                         ErrorCase{ErrorCode::unavailable, 503, "Service Unavailable"},
                                         ErrorCase{ErrorCode::internal, 500, "Internal Server Error"}),
                         [](const auto& tested) { return std::string{to_string(tested.param.code)}; });

TEST_F(AdminApi, TellsNothingOfTheInsideWhereSomethingThrows) {
    admin.with_control([](FakeControl& control) { control.throw_next = true; });
    const auto reply = admin.request("GET", "/api/v1/status");
    EXPECT_EQ(reply.status, 500);
    EXPECT_THAT(reply.body, AllOf(HasSubstr("curfewd's log"), Not(HasSubstr("secret detail"))));
    EXPECT_EQ(admin.request("GET", "/api/v1/status").status, 200) << "the server goes on";
}

}  // namespace
}  // namespace curfew::test

// Who may call what: every operation, with every kind of caller.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "api/operations.hpp"
#include "contract.hpp"
#include "known_people.hpp"

namespace curfew::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

// What the document says of this caller, in words of its own: not by the code that decides.
bool may(const api::Principal& caller, const Documented& operation) {
    if (operation.access() == "anyone") return true;
    if (operation.access() == "administrator" && !caller.is_administrator) return false;
    if (operation.access() == "auditor" && !caller.is_auditor()) return false;
    if (caller.via != identity::Via::token) return true;
    const auto scopes = operation.scopes();
    return std::any_of(scopes.begin(), scopes.end(), [&](const std::string& scope) {
        return std::any_of(
            identity::all_scopes.begin(), identity::all_scopes.end(),
            [&](identity::Scope one) { return caller.scopes.has(one) && to_string(one) == scope; });
    });
}

class Access : public testing::Test {
protected:
    RunningAdmin admin{serve_known_people};

    // Those operations of the document that are served.
    std::vector<Documented> served() {
        std::vector<Documented> operations;
        for (const auto& route : admin.routes()) {
            const std::string method{api::http::to_string(route.method)};
            for (const auto& operation : documented()) {
                if (operation.method == method && operation.path == route.path)
                    operations.push_back(operation);
            }
        }
        EXPECT_EQ(operations.size(), admin.routes().size());
        return operations;
    }
    HttpReply call(const Documented& operation, const Headers& headers) {
        auto target = std::string{api::api_prefix} + operation.path;
        if (const auto place = target.find('{'); place != std::string::npos) {
            target.replace(place, target.find('}') - place + 1, "x-00000000");
        }
        // A stream of events would not end.
        return admin.request_by_tcp(operation.method == "GET" ? "HEAD" : operation.method, target, "",
                                    headers);
    }
    std::vector<std::string> calls() {
        return admin.with_control([](FakeControl& control) { return control.calls; });
    }
};

TEST_F(Access, IsForWhomTheDocumentSays) {
    for (const auto& operation : served()) {
        for (const auto& known : known_callers()) {
            const auto calls_before = calls().size();
            const auto reply = call(operation, known.headers);
            const bool refused = reply.status == 401 || reply.status == 403;
            EXPECT_EQ(refused, !may(known.principal, operation))
                << known.name << " called " << operation.name() << " and was answered " << reply.status;
            if (!refused) continue;
            EXPECT_EQ(reply.status, 403) << "they proved who they are";
            EXPECT_EQ(calls().size(), calls_before) << operation.name() << " reached the node";
        }
    }
}

TEST_F(Access, IsForNobodyUnknownButWhereAnyoneMay) {
    const std::vector<Headers> unknown{{},
                                       {{"Authorization", "Bearer nobodys"}},
                                       {{"Authorization", "Basic YWxpY2U6YQ=="}},
                                       {{"Authorization", "Bearer "}},
                                       {{"Cookie", "curfew=alice-admin"}, {"Sec-Fetch-Site", "same-origin"}},
                                       {{"Cookie", "__Host-curfew=ann-cookie"}},
                                       {{"Cookie", "xcurfew=ann-cookie; curfew="}},
                                       {{"Cookie", "curfew"}}};
    for (const auto& operation : served()) {
        for (const auto& headers : unknown) {
            const auto reply = call(operation, headers);
            if (operation.access() == "anyone") {
                EXPECT_NE(reply.status, 401) << operation.name();
                EXPECT_NE(reply.status, 403) << operation.name();
            } else {
                EXPECT_EQ(reply.status, 401) << operation.name();
                EXPECT_THAT(reply.headers.at("www-authenticate"), HasSubstr("Bearer"));
            }
        }
    }
    EXPECT_THAT(calls(), IsEmpty());
}

TEST_F(Access, IsRefusedWhereItCannotBeToldWhoAsks) {
    const auto reply = admin.request_by_tcp("GET", "/api/v1/me", "", {{"Authorization", "Bearer broken"}});
    EXPECT_EQ(reply.status, 503);
}

TEST_F(Access, OfTheUnixSocketIsThatOfAnAdministrator) {
    const std::set<std::string> for_users_alone{"POST /requests", "POST /requests/{id}/reviews",
                                                "POST /requests/{id}/credential",
                                                "POST /resources/{name}/command-access"};
    for (const auto& operation : served()) {
        auto target = std::string{api::api_prefix} + operation.path;
        if (const auto place = target.find('{'); place != std::string::npos) {
            target.replace(place, target.find('}') - place + 1, "x-00000000");
        }
        const auto reply = admin.request(operation.method == "GET" ? "HEAD" : operation.method, target);
        EXPECT_NE(reply.status, 401) << operation.name();
        // To ask, review and get a credential one has to be somebody.
        const bool for_users = for_users_alone.contains(operation.name());
        EXPECT_EQ(reply.status == 403, for_users) << operation.name();
    }
}

TEST_F(Access, NamesTheActorByWhoTheyAreAndNotByWhatTheySay) {
    admin.request_by_tcp("POST", "/api/v1/reload", "", headers_of("ann by cookie"));
    EXPECT_THAT(calls(), Contains("reload by ann"));
}

TEST_F(Access, TellsAPersonWhoTheyAre) {
    const auto me = admin.request_by_tcp("GET", "/api/v1/me", "", headers_of("alice by cookie")).json();
    const boost::json::value expected{{"name", "alice"},
                                      {"user", "alice"},
                                      {"display_name", "Alice Adams"},
                                      {"administrator", false},
                                      {"groups", boost::json::array{"dba"}},
                                      {"via", "sign_in"},
                                      {"scopes", {"read", "request", "review", "admin"}},
                                      {"expires_at", "2020-01-01T13:00:00Z"}};
    EXPECT_EQ(me, expected);
    const auto token =
        admin.request_by_tcp("GET", "/api/v1/me", "", headers_of("alice by token with read")).json();
    EXPECT_EQ(token.at("via"), "token");
    EXPECT_EQ(token.at("scopes"), boost::json::value(boost::json::array{"read"}));
}

// --- What is whose
// -------------------------------------------------------------------------------------------

TEST_F(Access, ShowsAPersonTheGrantsThatCoverThemAlone) {
    for (const char* subject : {"alice", "bob", "group:dba", "group:ops", "*"}) {
        const auto given =
            admin.request("POST", "/api/v1/grants",
                          std::string{R"({"resource":"prod","for":"1h","subject":")"} + subject + "\"}");
        const auto target = "/api/v1/grants/" + std::string{given.json().at("id").as_string()};
        const bool hers = subject != std::string{"bob"} && subject != std::string{"group:ops"};
        EXPECT_EQ(admin.request_by_tcp("GET", target, "", headers_of("alice by cookie")).status,
                  hers ? 200 : 404)
            << subject;
    }
    const auto hers = admin.request_by_tcp("GET", "/api/v1/grants", "", headers_of("alice by cookie")).json();
    EXPECT_EQ(hers.at("items").as_array().size(), 3U);
    const auto all = admin.request_by_tcp("GET", "/api/v1/grants", "", headers_of("ann by cookie")).json();
    EXPECT_EQ(all.at("items").as_array().size(), 5U);
}

TEST_F(Access, ShowsAPersonTheirOwnSessionsAlone) {
    admin.with_control([](FakeControl& control) {
        for (const char* user : {"alice", "Alice", "bob"}) {
            control.live.push_back(example_session(GrantId::generate()));
            control.live.back().user = user;
        }
    });
    const auto hers =
        admin.request_by_tcp("GET", "/api/v1/sessions", "", headers_of("alice by cookie")).json();
    ASSERT_EQ(hers.at("items").as_array().size(), 1U);
    EXPECT_EQ(hers.at("items").at(0).at("user"), "alice");
    auto client = RawClient::tcp(admin.port());
    client.send(request_text("GET", "/api/v1/events", "", headers_of("alice by token with read")));
    const auto event = client.read_until("\n\n");
    const auto first = event.find("data: ") == std::string::npos ? client.read_until("\n\n") : event;
    EXPECT_THAT(first, HasSubstr("\"user\":\"alice\""));
    EXPECT_THAT(first, testing::Not(HasSubstr("bob")));
}

}  // namespace
}  // namespace curfew::test

// The OpenAPI document: it is served, it is what is served, and every answer is as it says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <map>
#include <set>

#include "api/openapi_document.hpp"
#include "contract.hpp"
#include "known_people.hpp"
#include "notify/slack/link_offer.hpp"

namespace curfew::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::StartsWith;
using testing::UnorderedElementsAreArray;

std::string name_of(const api::Route& route) {
    return std::string{api::http::to_string(route.method)} + " " + route.path;
}

class OpenApi : public testing::Test {
protected:
    RunningAdmin admin;
};

TEST_F(OpenApi, IsServedAsItWasWrittenAndAsJson) {
    const auto yaml = admin.request("GET", "/api/v1/openapi.yaml");
    EXPECT_EQ(yaml.status, 200);
    EXPECT_EQ(yaml.headers.at("content-type"), "application/yaml");
    EXPECT_THAT(yaml.body, HasSubstr("\nopenapi: 3.1.0\n"));
    const auto json = admin.request("GET", "/api/v1/openapi.json");
    EXPECT_EQ(json.json().at("openapi"), "3.1.0");
    EXPECT_EQ(json.json().at("info").at("version"), "1");
}

TEST_F(OpenApi, HasEveryOperationThatIsServedAndNoOther) {
    std::set<std::string> wanted;
    for (const auto& operation : documented())
        wanted.insert(operation.name());
    std::vector<std::string> served;
    for (const auto& route : admin.routes())
        served.push_back(name_of(route));
    EXPECT_THAT(served, UnorderedElementsAreArray(wanted));
}

TEST_F(OpenApi, SaysOfEachOperationWhatItTakes) {
    for (const auto& route : admin.routes()) {
        const auto operation =
            std::find_if(documented().begin(), documented().end(),
                         [&](const Documented& one) { return one.name() == name_of(route); });
        ASSERT_NE(operation, documented().end());
        const auto query = operation->parameters_in("query");
        EXPECT_THAT(route.query, UnorderedElementsAreArray(query)) << name_of(route);
        const auto headers = operation->parameters_in("header");
        EXPECT_EQ(route.idempotency_key, std::count(headers.begin(), headers.end(), "Idempotency-Key") == 1)
            << name_of(route);
        EXPECT_EQ(route.if_match, std::count(headers.begin(), headers.end(), "If-Match") == 1)
            << name_of(route);
        EXPECT_EQ(to_string(route.requirement.access), operation->access()) << name_of(route);
        std::vector<std::string> scopes;
        for (const auto scope : route.requirement.scopes)
            scopes.emplace_back(identity::to_string(scope));
        EXPECT_THAT(scopes, UnorderedElementsAreArray(operation->scopes())) << name_of(route);
    }
}

TEST_F(OpenApi, NamesEachOperationAndItsErrors) {
    std::set<std::string> names;
    for (const auto& operation : documented()) {
        const auto& object = operation.operation.as_object();
        EXPECT_TRUE(names.insert(std::string{object.at("operationId").as_string()}).second)
            << operation.name();
        EXPECT_TRUE(object.contains("summary")) << operation.name();
        EXPECT_TRUE(operation.access() == "anyone" || object.contains("x-scope")) << operation.name();
        // Everything can be refused.
        const auto& responses = object.at("responses").as_object();
        EXPECT_TRUE(responses.contains("default") || operation.path.starts_with("/openapi"))
            << operation.name();
        for (const auto& parameter : operation.parameters_in("path"))
            EXPECT_THAT(operation.path, HasSubstr("{" + parameter + "}"));
    }
}

TEST_F(OpenApi, SaysOfEveryPostThatCreatesThatItCanBeRepeated) {
    for (const auto& operation : documented()) {
        if (!operation.operation.at("responses").as_object().contains("201")) continue;
        // These give a secret, which is not kept to be given twice; the last but one also when there is no
        // store to keep it in, and nothing is taken twice there. The last takes a link that is good for once.
        const std::set<std::string> done_once{"POST /requests/{id}/credential",
                                              "POST /users/{name}/one-time-link", "POST /offline-grants",
                                              "POST /me/chat-accounts"};
        if (done_once.contains(operation.name())) continue;
        EXPECT_THAT(operation.parameters_in("header"), Contains("Idempotency-Key")) << operation.name();
    }
}

// --- What judges the answers does judge
// -----------------------------------------------------------------------

TEST_F(OpenApi, TellsAWrongAnswerFromARightOne) {
    auto reply = admin.request("GET", "/api/v1/me");
    EXPECT_EQ(wrong_by_contract("GET", "/api/v1/me", reply), "");
    auto wrong = reply;
    wrong.status = 201;
    EXPECT_THAT(wrong_by_contract("GET", "/api/v1/me", wrong), HasSubstr("has no answer 201"));
    wrong = reply;
    wrong.headers["content-type"] = "text/html";
    EXPECT_THAT(wrong_by_contract("GET", "/api/v1/me", wrong), HasSubstr("text/html"));
    for (const auto& [from, to] :
         std::map<std::string, std::string>{{"\"via\":\"socket\"", "\"via\":\"post\""},
                                            {"\"via\":", "\"by\":"},
                                            {"\"administrator\":true", "\"administrator\":1"},
                                            {"\"expires_at\":null", "\"expires_at\":\"soon\""},
                                            {"{\"name\"", "{\"more\":1,\"name\""}}) {
        wrong = reply;
        ASSERT_NE(wrong.body.find(from), std::string::npos) << wrong.body;
        wrong.body.replace(wrong.body.find(from), from.size(), to);
        EXPECT_NE(wrong_by_contract("GET", "/api/v1/me", wrong), "") << to;
    }
}

TEST_F(OpenApi, HasASchemaForEverythingThatValidatorsUnderstand) {
    for (const auto& [name, schema] : contract().at("components").at("schemas").as_object())
        EXPECT_NO_THROW(wrong_by_schema({name.data(), name.size()}, nullptr)) << name;
}

TEST_F(OpenApi, KnowsNoStatusOfARequestButTheFive) {
    for (const char* status : {"PENDING", "APPROVED", "REJECTED", "REVOKED", "EXECUTED"})
        EXPECT_EQ(wrong_by_schema("Status", boost::json::value(status)), "");
    for (const char* status : {"pending", "EXPIRED", "CANCELLED", ""})
        EXPECT_NE(wrong_by_schema("Status", boost::json::value(status)), "");
}

// --- Every operation that is served, once as it is meant
// ------------------------------------------------------

class EveryOperation : public testing::Test {
protected:
    RunningAdmin admin{serve_known_people, noon, {std::string{usual_workplace} + R"(  commands:
    types: [command]
    resources: [managed]
    approval_groups: [dba]
)"}};
    std::set<std::string> tried;

    // `id` in the place of {…}; by the Unix socket, or by TCP as `who`. Every answer is held against the
    // document.
    HttpReply expect(int status, const std::string& method, const std::string& path,
                     const std::string& id = "", const std::string& body = "", const std::string& who = "") {
        auto target = "/api/v1" + path;
        if (const auto place = target.find('{'); place != std::string::npos) {
            target.replace(place, target.find('}') - place + 1, id);
        }
        // Whatever version it is, where that is asked.
        const Headers any_version{{"If-Match", "*"}};
        const auto reply = who.empty() ? admin.request(method, target, body, any_version)
                                       : admin.request_by_tcp(method, target, body, headers_of(who));
        EXPECT_EQ(reply.status, status) << method << " " << target << ": " << reply.body;
        tried.insert(method + " " + path.substr(0, path.find('?')));
        return reply;
    }
    static std::string id_of(const HttpReply& reply) {
        return std::string{reply.json().at("id").as_string()};
    }

    void try_grants() {
        const auto grant =
            id_of(expect(201, "POST", "/grants", "", R"({"subject":"alice","resource":"prod","for":"2h"})"));
        expect(200, "GET", "/grants");
        expect(200, "GET", "/grants/{id}", grant);
        expect(200, "POST", "/grants/{id}/extend", grant, R"({"by":"30m"})");
        expect(200, "POST", "/grants/{id}/revoke", grant, R"({"reason":"over"})");
    }
    void try_requests() {
        const auto request =
            id_of(expect(201, "POST", "/requests", "", R"({"resource":"managed"})", "bob by cookie"));
        expect(200, "GET", "/requests");
        expect(200, "GET", "/requests/{id}", request);
        expect(200, "POST", "/requests/{id}/reviews", request, R"({"verdict":"approve"})", "carol by cookie");
        expect(201, "POST", "/requests/{id}/credential", request, "", "bob by cookie");
        expect(200, "POST", "/requests/{id}/revoke", request, R"({"comment":"done"})", "bob by cookie");
        expect(201, "POST", "/requests", "",
               R"({"resource":"managed","type":"command","command":{"sql":"SELECT 1"}})", "bob by cookie");
        expect(200, "POST", "/resources/{name}/command-access", "managed", "", "bob by cookie");
        expect(200, "GET", "/catalogue", "", "", "bob by cookie");
        expect(200, "GET", "/explain?resource=prod", "", "", "bob by cookie");
    }
    void try_sessions() {
        const auto session = example_session(GrantId::generate());
        admin.with_control([&](FakeControl& control) { control.live.push_back(session); });
        admin.record(example_record());
        expect(200, "GET", "/sessions");
        expect(200, "GET", "/sessions/past");
        admin.issue_receipts();
        expect(200, "GET", "/sessions/{id}/receipt", std::string{example_record().id.text()});
        expect(200, "GET", "/timeline?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z");
        expect(200, "GET", "/access-review?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z");
        expect(200, "GET", "/standing-privileges");
        expect(200, "GET", "/audit-trail");
        expect(200, "GET", "/audit-trail?verbatim=true");
        expect(200, "GET", "/audit-key");
        expect(200, "GET", "/audit-heads/latest");
        expect(202, "POST", "/sessions/{id}/kill", session.id.text());
    }
    void try_recordings() {
        // What there is of recordings, tests/unit/api/recordings_test.cpp reads.
        expect(200, "GET", "/recordings");
        expect(200, "GET", "/recordings/search?q=x");
        expect(404, "GET", "/sessions/{id}/recording", "s-0123abcd");
        expect(404, "GET", "/sessions/{id}/recording/file", "s-0123abcd");
    }
    void try_events() {
        auto client = admin.connect();
        client.send("GET /api/v1/events HTTP/1.1\r\n\r\n");
        const auto head = parse_reply(client.read_until("\r\n\r\n"));
        EXPECT_EQ(wrong_by_contract("GET", "/api/v1/events", head), "");
        const auto event = client.read_until("\n\n");
        EXPECT_THAT(event, StartsWith("event: sessions\n"));
        const auto data = boost::json::parse(event.substr(event.find("data: ") + 6));
        EXPECT_EQ(wrong_by_schema("SessionList", data), "");
        tried.insert("GET /events");
    }
    void try_objects() {
        for (const auto& [list, settings] : std::map<std::string, std::string>{
                 {"/users", R"("email":"f@example.org")"},
                 {"/groups", R"("members":["bob"])"},
                 {"/resources", R"("host":"db1")"},
                 {"/rules", R"("resources":["prod"],"approval_groups":["dba"])"}}) {
            const auto one = list + "/{name}";
            expect(201, "POST", list, "", R"({"name":"fred",)" + settings + "}");
            expect(200, "GET", list);
            expect(200, "GET", one, "fred");
            expect(200, "PUT", one, "fred", "{" + settings + "}");
            expect(204, "DELETE", one, "fred");
        }
    }
    void try_tokens() {
        const auto made = expect(201, "POST", "/tokens", "",
                                 R"({"name":"ci","scopes":["read"],"expires_in":"1d"})", "ann by cookie");
        const std::string token{made.json().at("token").at("id").as_string()};
        expect(200, "GET", "/tokens?user=ann");
        expect(200, "GET", "/tokens/{id}", token);
        expect(204, "DELETE", "/tokens/{id}", token);
    }
    // Without a provider; tests/integration/oidc has one.
    void try_signing_in() {
        expect(200, "GET", "/sign-in");
        const auto link = expect(201, "POST", "/users/{name}/one-time-link", "ann").json();
        const std::string code{link.at("code").as_string()};
        expect(200, "POST", "/sign-in/one-time", "",
               R"({"code":")" + code + R"(","password":"a good pass phrase"})");
        expect(200, "POST", "/sign-in/password", "", R"({"user":"ann","password":"a good pass phrase"})");
        expect(204, "PUT", "/me/password", "",
               R"({"current":"a good pass phrase","new":"a better pass phrase"})", "ann by cookie");
        expect(204, "POST", "/sign-out", "", "", "ann by cookie");
        expect(404, "GET", "/sign-in/oidc");
        expect(404, "GET", "/sign-in/oidc/callback");
        expect(404, "POST", "/sign-in/device");
        expect(404, "POST", "/sign-in/device/poll", "", R"({"device_code":"x"})");
    }
    void try_notifications() {
        const auto id = admin.notify("slack", "request_waiting", store::GivenUp{"channel_not_found"}).text();
        expect(200, "GET", "/notifications");
        expect(200, "POST", "/notifications/{id}/retry", id);
    }
    void try_chat() {
        const auto secret =
            admin.await([](Workplace& workplace) { return workplace.store->installation_secret(); }).value();
        const notify::slack::LinkOffer offer{"team-chat", "T0ACME", "U0ANN", "ann",
                                             noon + notify::slack::link_lifetime};
        const auto link = R"({"code":")" + notify::slack::LinkOffers{secret}.seal(offer) + R"("})";
        expect(200, "POST", "/me/chat-accounts/offer", "", link, "ann by cookie");
        expect(201, "POST", "/me/chat-accounts", "", link, "ann by cookie");
        const auto accounts = expect(200, "GET", "/me/chat-accounts", "", "", "ann by cookie").json();
        const std::string account{accounts.at("items").at(0).at("id").as_string()};
        expect(204, "DELETE", "/me/chat-accounts/{id}", account, "", "ann by cookie");
        // What is no form is not Slack's.
        expect(400, "POST", "/slack/{notifier}/interactions", "team-chat", "{}", "ann by cookie");
        expect(400, "POST", "/slack/{notifier}/commands", "team-chat", "{}", "ann by cookie");
    }
    void try_the_node() {
        expect(200, "GET", "/status");
        admin.register_node("db-1");
        const auto nodes = expect(200, "GET", "/nodes").json();
        EXPECT_EQ(nodes.at("items").at(0).at("state"), "up");
        expect(200, "GET", "/resources/{name}/diagnosis", "prod");
        expect(200, "POST", "/reload");
        expect(200, "GET", "/offline-grants");
        expect(400, "POST", "/offline-grants", "", R"({"document":"hello"})");
        expect(200, "GET", "/me");
        expect(200, "GET", "/openapi.json");
        expect(200, "GET", "/openapi.yaml");
    }
};

TEST_F(EveryOperation, KeepsToTheDocument) {
    admin.with_control([](FakeControl& control) {
        control.node_status.node = "db-1";
        control.findings = {{"hba_unreadable", policy::Severity::unchecked, "no right", "GRANT it"}};
        control.node_status.listeners = {{"main", {"127.0.0.1", 6432}}};
        control.node_status.admin_logins = {{"prod", false, noon, "refused"}};
    });
    try_grants();
    try_requests();
    try_sessions();
    try_recordings();
    try_events();
    try_objects();
    try_tokens();
    try_signing_in();
    try_notifications();
    try_chat();
    try_the_node();
    for (const auto& route : admin.routes())
        EXPECT_TRUE(tried.contains(name_of(route))) << name_of(route) << " was not tried";
}

}  // namespace
}  // namespace curfew::test

// People who ask by HTTP and others who decide, over a real desk and store.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "known_people.hpp"
#include "store/grants.hpp"

namespace curfew::test {

// bob and alice may ask for `prod` and `managed`; alice and carol decide; ann is an administrator.
class AskingByHttp : public testing::Test {
protected:
    explicit AskingByHttp(const char* declared = usual_workplace)
        : admin{[](api::ApiServerOptions& options) {
                    serve_known_people(options);
                    options.api.people_address = "https://curfew.example.org";
                },
                noon,
                {declared}} {
        admin.with_control([](FakeControl& control) {
            control.node_status.listeners = {{"main", {"127.0.0.1", 6432}}};
        });
    }

    RunningAdmin admin;

    // `who` by their cookie; held against the OpenAPI document.
    HttpReply call(const std::string& who, std::string_view method, const std::string& target,
                   std::string_view body = "", const Headers& more = {}) const {
        auto headers = headers_of(who + " by cookie");
        headers.insert(headers.end(), more.begin(), more.end());
        return admin.request_by_tcp(method, "/api/v1" + target, body, headers);
    }
    HttpReply ask(const std::string& who, const std::string& body = R"({"resource":"prod"})") const {
        return call(who, "POST", "/requests", body);
    }
    // The identifier of a request that is PENDING.
    std::string pending(const std::string& who = "bob", const std::string& resource = "prod") const {
        const auto made = ask(who, R"({"resource":")" + resource + "\"}");
        EXPECT_EQ(made.status, 201) << made.body;
        return id_of(made.json());
    }
    HttpReply review(const std::string& who, const std::string& id,
                     const std::string& body = R"({"verdict":"approve"})") const {
        return call(who, "POST", "/requests/" + id + "/reviews", body);
    }
    std::string approved(const std::string& who = "bob", const std::string& resource = "prod") const {
        auto id = pending(who, resource);
        EXPECT_EQ(review("carol", id).status, 200);
        return id;
    }
    boost::json::value seen_by(const std::string& who, const std::string& id) const {
        return call(who, "GET", "/requests/" + id).json();
    }
    std::vector<std::string> list(const std::string& who, const std::string& query = "") const {
        return ids_in(call(who, "GET", "/requests" + query));
    }
    // The grants that the store has, over or not.
    std::vector<store::GrantCountdown> grants() { return admin.grants(); }
    // What the node was told of, in its order.
    std::vector<store::GrantCountdown> told_to_the_node() {
        return admin.await([](Workplace& workplace) -> api::Awaitable<std::vector<store::GrantCountdown>> {
            co_return workplace.node.grants;
        });
    }

    static std::string text(const boost::json::value& value) { return std::string{value.as_string()}; }
    static std::string id_of(const boost::json::value& request) { return text(request.at("id")); }
    static std::string detail(const HttpReply& reply) { return text(reply.json().at("detail")); }
    static std::vector<std::string> ids_in(const HttpReply& reply) {
        std::vector<std::string> ids;
        const auto document = reply.json();
        for (const auto& item : document.at("items").as_array())
            ids.push_back(id_of(item));
        return ids;
    }
};

}  // namespace curfew::test

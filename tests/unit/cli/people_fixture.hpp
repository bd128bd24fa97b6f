// A person at a terminal or a script, and a server that answers as a test says.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api_stand_in.hpp"
#include "child_process.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {

class People : public testing::Test {
protected:
    ApiStandIn api;
    TemporaryDirectory home;

    Environment environment(Environment more = {}) const {
        more.emplace("XDG_CONFIG_HOME", home.path().string());
        more.emplace("XDG_RUNTIME_DIR", home.path().string());
        return more;
    }
    // With a server and a token in the environment.
    Environment signed_in(Environment more = {}) const {
        more.emplace("CURFEW_SERVER", api.url());
        more.emplace("CURFEW_CA_FILE", api.ca_file());
        more.emplace("CURFEW_TOKEN", "cft_token");
        return environment(std::move(more));
    }
    Finished curfew(const std::vector<std::string>& arguments, std::string_view input = "") const {
        return run_curfew(arguments, input, signed_in());
    }
    // The body of the only such request.
    boost::json::object sent(const std::string& method_and_path) const {
        const auto seen = api.seen(method_and_path);
        EXPECT_EQ(seen.size(), 1U) << method_and_path;
        return seen.empty() ? boost::json::object{} : boost::json::parse(seen.back().body).as_object();
    }

    // As the contract has them.
    static std::string me(bool administrator = false) {
        return R"({"name":"alice","user":"alice","display_name":null,"administrator":)" +
               std::string{administrator ? "true" : "false"} +
               R"(,"groups":["dev"],"via":"token","scopes":["read","request"],"expires_at":null})";
    }
    static std::string grant(const std::string& state = "active") {
        return R"({"id":"g-0123abcd","subject":"alice","resource":"prod","state":")" + state +
               R"(","starts_at":"2026-11-25T12:00:00Z","ends_at":"2026-11-25T14:00:00Z","starts_in_seconds":0,)"
               R"("remaining_seconds":7200,"replication":false,"reason":"","given_by":"bob",)"
               R"("given_at":"2026-11-25T12:00:00Z","revoked":)" +
               (state == "revoked" ? R"({"at":"2026-11-25T13:00:00Z","by":"bob","reason":"enough"})"
                                   : "null") +
               "}";
    }
    // `view`: with its view, as the request by itself has it; lists and events have none.
    static std::string request(const std::string& status, bool view = true,
                               const std::string& reviews = "[]") {
        const bool pending = status == "PENDING";
        const bool approved = status == "APPROVED";
        const std::string progress =
            R"({"approved":false,"rules":[{"rule":"prod","approval_groups":["dba-team","security"],)"
            R"("approvals":)" +
            std::string{reviews == "[]" ? "0" : "1"} + R"(,"wanted":2,"missing_groups":)" +
            (reviews == "[]" ? R"(["dba-team","security"])" : R"(["security"])") + R"(,"satisfied":false}]})";
        return R"({"id":"r-0123abcd","kind":"access","type":"jit","requester":"alice","resource":"prod",)"
               R"("duration":"2h","starts_at":null,"reason":"ticket 7","replication":false,)"
               R"("asked_at":"2026-11-25T12:00:00Z","review_ends_at":"2026-11-25T13:00:00Z","status":")" +
               status + R"(","decision":")" + (pending ? "none" : "reviewed") + R"(","decided_by":)" +
               (pending ? "null" : R"("bob")") + R"(,"decided_at":null,"decision_comment":")" +
               (status == "REJECTED" ? "not today" : "") + R"(","reviews":)" + reviews +
               R"(,"rules":["prod"],"granted":)" + (approved ? R"("2h")" : "null") + R"(,"grant":)" +
               (approved ? R"("g-0123abcd")" : "null") + R"(,"review_due":false,"view":)" +
               (!view ? "null"
                      : R"({"progress":)" + (pending ? progress : "null") +
                            R"(,"may_review_for":[],"may_cancel":true,"may_revoke":false,"grant":)" +
                            (approved ? grant() : "null") +
                            R"(,"url":"https://curfew.example.org/requests/r-0123abcd"})") +
               "}";
    }
    // For a command instead of access; `command` and `result` as the contract has them.
    static std::string command_request(const std::string& status, const std::string& decision,
                                       const std::string& command = script_asked("drop table old;"),
                                       const std::string& result = "null", bool view = true) {
        auto document = boost::json::parse(request(status, view)).as_object();
        document["type"] = "command";
        document["decision"] = decision;
        document["grant"] = nullptr;
        if (view) document["view"].as_object()["grant"] = nullptr;
        document["command"] = boost::json::parse(command);
        document["command_result"] = boost::json::parse(result);
        return boost::json::serialize(document);
    }
    static std::string script_asked(const std::string& sql) {
        boost::json::object statement{{"sql", sql}, {"parameters", boost::json::array{}}};
        return boost::json::serialize(boost::json::object{{"form", "script"},
                                                          {"database", "app"},
                                                          {"statements", boost::json::array{statement}},
                                                          {"session", nullptr},
                                                          {"why_asked", ""}});
    }
    static std::string list(const std::string& items) {
        return R"({"items":[)" + items + R"(],"next":null})";
    }
    static std::string problem(int status, const std::string& detail) {
        return R"({"type":"about:blank","title":"x","status":)" + std::to_string(status) + R"(,"detail":")" +
               detail + R"(","code":"forbidden"})";
    }
};

}  // namespace curfew::test

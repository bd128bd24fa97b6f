// A server whose people sign in for real: by passwords and tokens that its store has.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "running_servers.hpp"

namespace curfew::test {

inline constexpr const char* good_password = "a good pass phrase";

class PeopleTest : public testing::Test {
protected:
    explicit PeopleTest(const Behind& behind = {}) : admin{serve(), noon, behind} {}

    // Over TCP, as a program sends it.
    HttpReply call(std::string_view method, std::string_view path, std::string_view body = "",
                   const Headers& headers = {}) {
        return admin.request_by_tcp(method, "/api/v1" + std::string{path}, body, headers);
    }
    // By the Unix socket.
    HttpReply administer(std::string_view method, std::string_view path, std::string_view body = "",
                         const Headers& headers = {}) {
        return admin.request(method, "/api/v1" + std::string{path}, body, headers);
    }

    // The code of a link that an administrator made for this user.
    std::string code_for(const std::string& user);
    // Gives this user the good password.
    void give_password(const std::string& user);
    // What the cookie of a sign-in with the good password holds.
    std::string sign_in(const std::string& user);
    // The token that a program gets that signs in as this user.
    std::string token_of(const std::string& user);

    // What this browser or program sends along.
    static Headers with_cookie(const std::string& value) {
        return {{"Cookie", "curfew=" + value}, {"Sec-Fetch-Site", "same-origin"}};
    }
    static Headers with_token(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

    // The value that a Set-Cookie gives; empty for one that takes it away.
    static std::string value_of(const HttpReply& reply);
    static std::string detail_of(const HttpReply& reply) {
        return std::string{reply.json().at("detail").as_string()};
    }
    static std::string text_of(const HttpReply& reply, std::string_view member) {
        return std::string{reply.json().at(member).as_string()};
    }

    RunningAdmin admin;

private:
    std::function<void(api::ApiServerOptions&)> serve();
    api::Awaitable<Result<api::Principal>> who(Secret token);
};

}  // namespace curfew::test

#include "people_fixture.hpp"

#include <utility>

#include "identity/authentication.hpp"

namespace curfew::test {

std::function<void(api::ApiServerOptions&)> PeopleTest::serve() {
    return [this](api::ApiServerOptions& options) {
        options.network = api::NetworkListener{{"127.0.0.1", 0}, std::nullopt};
        options.api.public_url = "https://curfew.example.com";
        options.api.people_address = "https://curfew.example.com";
        options.api.authenticate = [this](Secret token) { return who(std::move(token)); };
        options.api.display_name = [this](std::string_view user) {
            return admin.workplace().people.now()->display_name(user);
        };
    };
}

api::Awaitable<Result<api::Principal>> PeopleTest::who(Secret token) {
    auto& workplace = admin.workplace();
    identity::Authentication authentication{*workplace.store, workplace.people.current()};
    auto asking = authentication.by_token(std::move(token));
    auto principal = co_await std::move(asking);
    co_return principal;
}

std::string PeopleTest::code_for(const std::string& user) {
    return text_of(administer("POST", "/users/" + user + "/one-time-link"), "code");
}

void PeopleTest::give_password(const std::string& user) {
    const auto used = call("POST", "/sign-in/one-time",
                           R"({"code":")" + code_for(user) + R"(","password":")" + good_password + "\"}");
    ASSERT_EQ(used.status, 200) << used.body;
}

std::string PeopleTest::sign_in(const std::string& user) {
    const auto reply = call("POST", "/sign-in/password",
                            R"({"user":")" + user + R"(","password":")" + good_password + "\"}");
    EXPECT_EQ(reply.status, 200) << reply.body;
    return value_of(reply);
}

std::string PeopleTest::token_of(const std::string& user) {
    const auto reply = call("POST", "/sign-in/password",
                            R"({"as":"token","user":")" + user + R"(","password":")" + good_password + "\"}");
    EXPECT_EQ(reply.status, 200) << reply.body;
    return text_of(reply, "token");
}

std::string PeopleTest::value_of(const HttpReply& reply) {
    const auto found = reply.headers.find("set-cookie");
    if (found == reply.headers.end()) {
        ADD_FAILURE() << "no cookie was set";
        return {};
    }
    const auto& cookie = found->second;
    const auto begin = cookie.find('=') + 1;
    return cookie.substr(begin, cookie.find(';') - begin);
}

}  // namespace curfew::test

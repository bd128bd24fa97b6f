#include "known_people.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace curfew::test {
namespace {

KnownCaller known(api::Caller caller, const std::string& scope) {
    KnownCaller one;
    const auto secret = caller.name + "-" + (scope.empty() ? "cookie" : scope);
    if (caller.via == api::Via::cookie) {
        one.name = caller.name + " by cookie";
        one.headers = {{"Cookie", "other=1; curfew=" + secret}, {"Sec-Fetch-Site", "same-origin"}};
    } else {
        one.name = caller.name + " by token with " + scope;
        one.headers = {{"Authorization", "Bearer " + secret}};
    }
    one.caller = std::move(caller);
    return one;
}

std::string secret_of(const KnownCaller& caller) {
    const auto& value = caller.headers.front().second;
    return value.substr(value.find_last_of(" =") + 1);
}

}  // namespace

const std::vector<KnownCaller>& known_callers() {
    static const std::vector<KnownCaller> callers = [] {
        std::vector<KnownCaller> all;
        for (const api::Caller& person : {api::Caller{"alice",
                                                      "Alice Adams",
                                                      false,
                                                      {"dba"},
                                                      api::Via::cookie,
                                                      api::Scopes::all(),
                                                      noon + std::chrono::hours{1}},
                                          api::Caller{"ann",
                                                      "",
                                                      true,
                                                      {"administrators"},
                                                      api::Via::cookie,
                                                      api::Scopes::all(),
                                                      noon + std::chrono::hours{1}}}) {
            all.push_back(known(person, ""));
            for (const api::Scope scope : api::all_scopes) {
                auto by_token = person;
                by_token.via = api::Via::token;
                by_token.scopes = {scope};
                all.push_back(known(by_token, std::string{to_string(scope)}));
            }
        }
        return all;
    }();
    return callers;
}

Headers headers_of(std::string_view name) {
    for (const auto& caller : known_callers()) {
        if (caller.name == name) return caller.headers;
    }
    throw std::runtime_error("there is no caller '" + std::string{name} + "'");
}

api::Authenticate known_people() {
    return [](api::Credential credential) -> api::Awaitable<Result<std::optional<api::Caller>>> {
        using Found = Result<std::optional<api::Caller>>;
        if (credential.secret.reveal() == "broken") {
            co_return Found{Error{ErrorCode::unavailable, "the store is away"}};
        }
        for (const auto& known : known_callers()) {
            if (secret_of(known) == credential.secret.reveal() && known.caller.via == credential.via) {
                co_return Found{known.caller};
            }
        }
        co_return Found{std::nullopt};
    };
}

void serve_known_people(api::ApiServerOptions& options) {
    options.network = api::NetworkListener{{"127.0.0.1", 0}, std::nullopt};
    options.api.authenticate = known_people();
}

}  // namespace curfew::test

#include "known_people.hpp"

#include <stdexcept>

namespace curfew::test {
namespace {

api::Principal person(const std::string& name, bool administrator, const std::string& group) {
    api::Principal principal;
    principal.user = name;
    principal.recorded_as = name;
    principal.is_administrator = administrator;
    principal.groups = {group};
    principal.scopes = identity::Scopes::all();
    principal.via = identity::Via::sign_in;
    principal.expires_at = noon + std::chrono::hours{1};
    return principal;
}

KnownCaller by_cookie(const api::Principal& principal) {
    return {principal.user + " by cookie",
            {{"Cookie", "other=1; curfew=" + principal.user + "-cookie"}, {"Sec-Fetch-Site", "same-origin"}},
            principal};
}

KnownCaller by_token(api::Principal principal, identity::Scope scope) {
    const std::string scope_name{to_string(scope)};
    principal.via = identity::Via::token;
    principal.scopes = {scope};
    return {principal.user + " by token with " + scope_name,
            {{"Authorization", "Bearer " + principal.user + "-" + scope_name}},
            principal};
}

std::string secret_of(const KnownCaller& caller) {
    const auto& value = caller.headers.front().second;
    return value.substr(value.find_last_of(" =") + 1);
}

}  // namespace

const std::vector<KnownCaller>& known_callers() {
    static const std::vector<KnownCaller> callers = [] {
        std::vector<KnownCaller> all;
        for (const auto& principal : {person("alice", false, "dba"), person("ann", true, "administrators")}) {
            all.push_back(by_cookie(principal));
            for (const auto scope : identity::all_scopes)
                all.push_back(by_token(principal, scope));
        }
        all.push_back(by_cookie(person("bob", false, "developers")));
        all.push_back(by_cookie(person("carol", false, "dba")));
        all.push_back(by_cookie(person("olga", false, "auditors")));
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
    return [](Secret token) -> api::Awaitable<Result<api::Principal>> {
        using Found = Result<api::Principal>;
        if (token.reveal() == "broken") co_return Found{Error{ErrorCode::unavailable, "the store is away"}};
        for (const auto& known : known_callers()) {
            if (secret_of(known) == token.reveal()) co_return Found{known.principal};
        }
        co_return Found{Error{ErrorCode::forbidden, "This token is nobody's"}};
    };
}

void serve_known_people(api::ApiServerOptions& options) {
    options.network = api::NetworkListener{{"127.0.0.1", 0}, std::nullopt};
    options.api.authenticate = known_people();
    options.api.display_name = [](std::string_view user) {
        return user == "alice" ? std::string{"Alice Adams"} : std::string{};
    };
}

}  // namespace curfew::test

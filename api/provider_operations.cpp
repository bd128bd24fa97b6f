// Signing in at the OpenID provider, with a browser that goes there and comes back.
#include <utility>

#include "api/operations.hpp"
#include "api/problem.hpp"
#include "api/sign_in_answers.hpp"

namespace curfew::api {
namespace {

constexpr std::size_t longest_return_to = 1000;  // it goes along in a cookie

Response redirect(http::status status, std::string_view to) {
    auto response = Response{status, 11};
    response.set(http::field::location, to);
    return response;
}

// That `return_to` leads nowhere else is for the client of the provider to see.
Awaitable<Reply> start(SignInParts parts, Call call) {
    const auto return_to = call.parameter("return_to").value_or("/");
    if (return_to.size() > longest_return_to) {
        const Error too_long{ErrorCode::invalid, "'return_to' must be a path of 1000 bytes at most"};
        co_return problem(too_long);
    }
    auto starting = parts.desk.start_at_provider(return_to, call.peer.address);
    const auto started = co_await std::move(starting);
    if (!started) co_return refusal_response(started.error());
    auto response = redirect(http::status::found, started->url);
    // The provider's page leads the browser back: a cookie that is kept from such requests would not come.
    const Cookie cookie{provider_cookie, Secret{started->cookie}, started->lifetime, SameSite::lax};
    set_cookie(response, call.request, call.peer, parts.places.public_url, cookie);
    co_return response;
}

identity::AuthorizationAnswer answer_in(const Call& call) {
    identity::AuthorizationAnswer answer;
    answer.code = call.parameter("code").value_or("");
    answer.state = call.parameter("state").value_or("");
    answer.issuer = call.parameter("iss");
    answer.error = call.parameter("error");
    answer.error_description = call.parameter("error_description").value_or("");
    return answer;
}

Awaitable<Reply> finish(SignInParts parts, Call call) {
    std::string cookie{cookie_value(call.request, provider_cookie.towards(call.peer))};
    auto answer = answer_in(call);
    auto finishing =
        parts.desk.finish_at_provider(std::move(cookie), std::move(answer), context_of(call, {}));
    const auto finished = co_await std::move(finishing);
    Response response;
    if (finished) {
        response = redirect(http::status::see_other, finished->return_to);
        set_sign_in_cookie(response, parts, call, finished->signed_in);
    } else {
        response = refusal_response(finished.error());
    }
    forget_cookie(response, parts, call, provider_cookie);
    co_return response;
}

}  // namespace

void add_provider_operations(Router& router, const SignInParts& parts) {
    const Requirement anyone{Access::anyone, {}};
    router.add({http::verb::get, "/sign-in/oidc", anyone, {"return_to"}},
               [parts](Call call) { return start(parts, std::move(call)); });
    Route callback{http::verb::get, "/sign-in/oidc/callback", anyone};
    callback.query = {"code", "state", "iss", "session_state", "error", "error_description", "error_uri"};
    callback.ignores_other_query = true;  // RFC 6749, 4.1.2: providers send more
    router.add(callback, [parts](Call call) { return finish(parts, std::move(call)); });
}

}  // namespace curfew::api

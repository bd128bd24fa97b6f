#include "api/sign_in_answers.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <utility>

#include "api/json_views.hpp"
#include "api/operations.hpp"
#include "api/problem.hpp"
#include "base/time_text.hpp"

namespace curfew::api {

namespace json = boost::json;

identity::SignInContext context_of(const Call& call, SignInForm form) {
    return {call.peer.address, std::move(form.token_name)};
}

void set_sign_in_cookie(Response& response, const SignInParts& parts, const Call& call,
                        const identity::SignedIn& signed_in) {
    Cookie cookie{sign_in_cookie, signed_in.token};
    const auto left = signed_in.expires_at - parts.clock.wall_now();
    cookie.lifetime = std::max(std::chrono::floor<std::chrono::seconds>(left), std::chrono::seconds{1});
    set_cookie(response, call.request, call.peer, parts.places.public_url, cookie);
}

void forget_cookie(Response& response, const SignInParts& parts, const Call& call, const CookieName& name) {
    set_cookie(response, call.request, call.peer, parts.places.public_url, Cookie{name, Secret{}});
}

Response signed_in_response(const SignInParts& parts, const Call& call, const SignInForm& form,
                            const identity::SignedIn& signed_in) {
    const auto& user = signed_in.principal.user;
    json::object body;
    body["me"] = view(signed_in.principal, parts.display_name ? parts.display_name(user) : std::string{});
    body["token"] = nullptr;
    // To who just proved that it is theirs.
    if (form.token_name) body["token"] = signed_in.token.reveal();
    body["expires_at"] = format_utc(signed_in.expires_at);
    auto response = json_response(http::status::ok, body);
    if (!form.token_name) set_sign_in_cookie(response, parts, call, signed_in);
    return response;
}

Response refusal_response(const identity::SignInRefusal& refusal, http::status when_forbidden) {
    const auto& error = refusal.error;
    if (refusal.retry_after) {
        auto response = problem(http::status::too_many_requests, error.message);
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(*refusal.retry_after);
        response.set(http::field::retry_after, std::to_string(seconds.count()));
        return response;
    }
    const bool is_unproved =
        error.code == ErrorCode::forbidden && when_forbidden == http::status::unauthorized;
    return is_unproved ? unauthenticated(error.message) : problem(error);
}

}  // namespace curfew::api

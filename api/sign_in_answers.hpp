// What a sign-in is answered: with what there is to be kept by a browser or a program, or why it was refused.
#pragma once

#include "api/cookies.hpp"
#include "api/http_types.hpp"
#include "api/operations.hpp"
#include "api/router.hpp"
#include "api/sign_in_input.hpp"
#include "base/clock.hpp"
#include "identity/password_links.hpp"
#include "identity/sign_in_desk.hpp"

namespace curfew::api {

// What the operations of sign-in are asked of. The first three outlive whoever has this.
struct SignInParts {
    identity::SignInDesk& desk;
    identity::PasswordLinks& links;
    const Clock& clock;
    DisplayName display_name;  // may be absent: nobody has one
    PublicPlaces places;
};

identity::SignInContext context_of(const Call& call, SignInForm form);

// For the browser to keep from now on.
void set_sign_in_cookie(Response& response, const SignInParts& parts, const Call& call,
                        const identity::SignedIn& signed_in);
void forget_cookie(Response& response, const SignInParts& parts, const Call& call, const CookieName& name);

// 200, with a cookie or a token, whichever was asked for.
Response signed_in_response(const SignInParts& parts, const Call& call, const SignInForm& form,
                            const identity::SignedIn& signed_in);
// `when_forbidden`: 401 where it was about who somebody is.
Response refusal_response(const identity::SignInRefusal& refusal,
                          http::status when_forbidden = http::status::unauthorized);

}  // namespace curfew::api

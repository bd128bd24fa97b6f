// What comes of a sign-in.
#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "identity/principal.hpp"

namespace curfew::identity {

// What a person gets who signed in.
struct SignedIn {
    Principal principal;
    Secret token;  // to be shown with every request; kept nowhere
    WallInstant expires_at;
};

// Why there is no sign-in. forbidden: wrong name or password, no link (any more), or one who may not;
// invalid: what came makes no sense, or is too old; unavailable: something needed is away, or too many try.
struct SignInRefusal {
    Error error;
    std::optional<Duration> retry_after = std::nullopt;  // tried too often: when it can be tried again
};

template <class T>
using SignInResult = boost::system::result<T, SignInRefusal>;

// Found by SignInResult<T>::value() when it holds a refusal.
[[noreturn]] inline void throw_exception_from_error(const SignInRefusal& refusal,
                                                    const boost::source_location&) {
    throw std::runtime_error(refusal.error.message);
}

// Who signs in from where, and what for.
struct SignInContext {
    std::string address;  // of the client
    // Absent: for the page, a sign-in. Present: for a program, a personal access token of this name, with all
    // scopes, that lasts as long as a sign-in does.
    std::optional<std::string> token_name = std::nullopt;
};

}  // namespace curfew::identity

// Making personal access tokens.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "identity/principal.hpp"
#include "store/people.hpp"

namespace curfew::identity {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

struct TokenWish {
    std::string name;  // for people: what it is for
    Scopes scopes;
    Duration lifetime{};
};

struct MadeAccessToken {
    store::Token token;
    Secret secret;  // shown this once
};

// A sign-in by the command gives a token. For this long after it was made somebody is there who has just
// proved who they are, and may make tokens that last longer than it.
inline constexpr std::chrono::minutes fresh_sign_in{10};

// For who asks. invalid: no name, no scope, or a lifetime that is none or above a year. forbidden: who asks
// is no user, or has not all of the scopes; or comes with a token that is not fresh, and it would outlive
// that: what leaked cannot make itself last.
Awaitable<Result<MadeAccessToken>> make_access_token(store::PeopleStore& store, Principal asker,
                                                     TokenWish wish, WallInstant now);

}  // namespace curfew::identity

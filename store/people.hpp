// What people sign in with. Secrets are known by their hash alone.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "store/awaitable.hpp"
#include "store/requests.hpp"

namespace curfew::store {

// SHA-256 of a random secret of 128 bits or more: as good as the secret to know it by, and no help to guess
// it.
using SecretHash = std::array<unsigned char, 32>;

struct Password {
    std::string user;
    Secret hash;  // with its method and salt, as text; the store does not look into it
    std::string changed_by;
    WallInstant changed_at;
};

enum class TokenState { active, expired, revoked };
std::string_view to_string(TokenState state);

// A personal access token.
struct Token {
    TokenId id;
    std::string user;
    std::string name;                 // for people
    std::vector<std::string> scopes;  // in the order given
    WallInstant created_at;
    std::optional<WallInstant> expires_at;    // absent: never
    std::optional<WallInstant> last_used_at;  // to about five minutes
    std::optional<WallInstant> revoked_at;
    std::string revoked_by;
    TokenState state = TokenState::active;  // on the store's clock
};

struct NewToken {
    std::string user;
    std::string name;
    std::vector<std::string> scopes;
    SecretHash hash{};
    std::optional<Duration> lifetime;
};

// Somebody who is signed in to the page.
struct SignIn {
    std::string user;
    std::string method;  // `password`, `oidc` …
    std::string claims;  // what an identity provider said, as JSON text; empty: nothing
    WallInstant created_at;
    WallInstant last_seen_at;  // to about a minute
    WallInstant expires_at;
};

struct NewSignIn {
    SecretHash hash{};
    std::string user;
    std::string method;
    std::string claims;
    Duration lifetime{};
    std::string from = {};  // as Actor's
};

// What the sign-in provider said of a user when they signed in there last. Outlives that sign-in.
struct Claims {
    std::string user;
    std::string text;  // as NewSignIn::claims
    WallInstant at;

    bool operator==(const Claims&) const = default;
};

// Called with the claims on everybody as they are from then on: says what to do with each open request.
// Called as a MakeRequest is.
using JudgeClaims = std::function<ReconsiderRequest(const std::vector<Claims>& claims)>;

// A sign-in that began, and what followed from its claims.
struct BegunSignIn {
    SignIn sign_in;
    std::optional<std::vector<Claims>> claims;  // on everybody; absent: as they were
    std::vector<ChangedRequest> requests;
};

// A secret that is good for one use.
struct OneTimeLink {
    std::string purpose;  // `first_administrator`, `set_password` …
    std::string user;     // whom it is for; may be empty
    WallInstant created_at;
    WallInstant expires_at;
};

struct NewOneTimeLink {
    SecretHash hash{};
    std::string purpose;
    std::string user;
    Actor made_by;
    Duration lifetime{};
};

// Errors as Store says. What changes something is durable when it returns. Lifetimes: above zero, ten years
// at most, else `invalid`.
class PeopleStore {
public:
    virtual ~PeopleStore() = default;

    // In place of the one before. Ends nothing by itself: see end_sign_ins_of.
    virtual Awaitable<Result<void>> set_password(std::string user, Secret hash, Actor by) = 0;
    virtual Awaitable<Result<std::optional<Password>>> find_password(std::string user) = 0;
    // Who has one.
    virtual Awaitable<Result<std::set<std::string>>> people_with_passwords() = 0;

    // conflict: this hash is known already.
    virtual Awaitable<Result<Token>> add_token(NewToken token, Actor by) = 0;
    // Whose token it is, and that it was used, if it is active. nullopt: nobody's. One that is expired or
    // revoked is given, to be told apart.
    virtual Awaitable<Result<std::optional<Token>>> use_token(SecretHash hash) = 0;
    // Of this user; nullopt: of everybody. Newest first, revoked and expired ones included.
    virtual Awaitable<Result<std::vector<Token>>> tokens(std::optional<std::string> user) = 0;
    virtual Awaitable<Result<std::optional<Token>>> find_token(TokenId id) = 0;
    // not_found: there is no such token. conflict: revoked already.
    virtual Awaitable<Result<Token>> revoke_token(TokenId id, Actor by) = 0;

    // Claims that are not empty are the last ones on this user from now on. conflict: this hash is known
    // already.
    virtual Awaitable<Result<SignIn>> add_sign_in(NewSignIn sign_in) = 0;
    // The same; and where the claims are others than the last ones, what `judge` says is done to open
    // requests in the same transaction.
    virtual Awaitable<Result<BegunSignIn>> add_sign_in_and_judge(NewSignIn sign_in, JudgeClaims judge) = 0;
    // The last claims on everybody, by name.
    virtual Awaitable<Result<std::vector<Claims>>> claims() = 0;
    virtual Awaitable<Result<std::optional<Claims>>> find_claims(std::string user) = 0;
    // Who is signed in by this secret, as of before now, and that they were seen. nullopt: nobody, or not any
    // more.
    virtual Awaitable<Result<std::optional<SignIn>>> use_sign_in(SecretHash hash) = 0;
    // Of this user, newest first.
    virtual Awaitable<Result<std::vector<SignIn>>> sign_ins(std::string user) = 0;
    // Signs out. No error if nobody is signed in by it.
    virtual Awaitable<Result<void>> end_sign_in(SecretHash hash) = 0;
    // Signs this user out everywhere; gives in how many places.
    virtual Awaitable<Result<std::size_t>> end_sign_ins_of(std::string user, Actor by) = 0;

    // In place of all those of the same purpose and user that were not used.
    virtual Awaitable<Result<OneTimeLink>> add_link(NewOneTimeLink link) = 0;
    // Without using it. nullopt: it would not be taken.
    virtual Awaitable<Result<std::optional<OneTimeLink>>> find_link(SecretHash hash, std::string purpose) = 0;
    // Of any number who try at a time, one gets it. not_found: there is none, for this purpose, that has not
    // been used and has not expired.
    virtual Awaitable<Result<OneTimeLink>> use_link(SecretHash hash, std::string purpose) = 0;

    // Takes everything that they sign in with (password, tokens, sign-ins, links, chat accounts), and what
    // was claimed of them, from everybody but these; gives from whom. A link that is nobody's yet stays.
    virtual Awaitable<Result<std::vector<std::string>>> forget_all_but(std::set<std::string> users,
                                                                       Actor by) = 0;
};

}  // namespace curfew::store

#include "identity/access_tokens.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/duration.hpp"
#include "identity/token.hpp"

namespace curfew::identity {
namespace {

constexpr std::size_t longest_token_name = 100;
constexpr std::chrono::hours longest_lifetime{24 * 366};

std::optional<Error> refuse(const Principal& asker, const TokenWish& wish, WallInstant now) {
    if (asker.user.empty())
        return Error{ErrorCode::forbidden,
                     "a token is a user's, and you are none here: sign in, or ask the user "
                     "to make it"};
    if (wish.name.empty() || wish.name.size() > longest_token_name)
        return about_member(
            "name",
            {ErrorCode::invalid, fmt::format("a token has a name, of {} bytes at most", longest_token_name)});
    if (wish.scopes.empty())
        return about_member("scopes",
                            {ErrorCode::invalid, "a token has scopes: " + to_string(Scopes::all())});
    if (wish.lifetime <= Duration::zero() || wish.lifetime > longest_lifetime)
        return about_member(
            "expires_in",
            {ErrorCode::invalid, fmt::format("a token lasts {} at most", format_duration(longest_lifetime))});
    if (!asker.scopes.has_all_of(wish.scopes))
        return about_member("scopes", {ErrorCode::forbidden,
                                       fmt::format("a token cannot have more scopes than you have now: {}",
                                                   to_string(asker.scopes))});
    const bool fresh = asker.token_made_at && now - *asker.token_made_at <= fresh_sign_in;
    if (asker.via == Via::token && !fresh && asker.expires_at && now + wish.lifetime > *asker.expires_at)
        return about_member(
            "expires_in",
            {ErrorCode::forbidden,
             fmt::format("a token cannot make one that outlives it, unless it was made in the last {}; "
                         "sign in again to make it: curfew login",
                         format_duration(fresh_sign_in))});
    return std::nullopt;
}

}  // namespace

Awaitable<Result<MadeAccessToken>> make_access_token(store::PeopleStore& store, Principal asker,
                                                     TokenWish wish, WallInstant now) {
    if (auto refusal = refuse(asker, wish, now)) co_return std::move(*refusal);
    MadeToken made = make_token(TokenKind::access);
    store::NewToken record;
    record.user = asker.user;
    record.name = std::move(wish.name);
    for (const Scope scope : wish.scopes.list())
        record.scopes.emplace_back(to_string(scope));
    record.hash = made.hash;
    record.lifetime = wish.lifetime;
    auto added = co_await store.add_token(std::move(record), Actor{asker.recorded_as, asker.from});
    if (!added) co_return added.error();
    co_return MadeAccessToken{std::move(*added), std::move(made.text)};
}

}  // namespace curfew::identity

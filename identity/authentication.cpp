#include "identity/authentication.hpp"

#include <algorithm>
#include <utility>

#include "identity/token.hpp"

namespace curfew::identity {
namespace {

Error sign_in_again(std::string why) {
    return {ErrorCode::forbidden, std::move(why)};
}

Error user_is_gone() {
    return sign_in_again("the user whose sign-in or token this is does not exist any more");
}

Scopes scopes_of(const store::Token& token) {
    Scopes scopes;
    for (const std::string& name : token.scopes) {
        // One of a later version gives nothing here.
        if (const auto scope = parse_scope(name)) scopes.add(*scope);
    }
    return scopes;
}

}  // namespace

Authentication::Authentication(store::PeopleStore& store, CurrentPeople people)
    : store_{store}, people_{std::move(people)} {}

Awaitable<Result<Principal>> Authentication::by_token(Secret token) {
    const auto kind = token_kind(token.reveal());  // its form is looked at
    if (kind == TokenKind::sign_in) co_return co_await by_sign_in(std::move(token));
    if (kind == TokenKind::access) co_return co_await by_access_token(std::move(token));
    co_return sign_in_again("this is no token of Curfew's: cut off, perhaps, or changed");
}

Awaitable<Result<Principal>> Authentication::by_sign_in(Secret token) {
    const store::SecretHash hash = token_hash(token);
    const auto sign_in = co_await store_.use_sign_in(hash);
    if (!sign_in) co_return sign_in.error();
    if (!*sign_in) co_return sign_in_again("this sign-in is over; sign in again");
    const store::SignIn& found = **sign_in;
    // One at the provider is itself what the claims last for.
    auto claims = found.claims.empty() ? claimed_groups(found.user) : groups_claimed_last(found.user);
    const auto claimed = co_await std::move(claims);
    if (!claimed) co_return claimed.error();
    auto principal = principal_of(found.user, *claimed, *people_());
    if (!principal) co_return user_is_gone();
    principal->scopes = Scopes::all();
    principal->via = Via::sign_in;
    principal->method = found.method;
    principal->expires_at = found.expires_at;
    co_return std::move(*principal);
}

Awaitable<Result<Principal>> Authentication::by_access_token(Secret token) {
    const store::SecretHash hash = token_hash(token);
    const auto used = co_await store_.use_token(hash);
    if (!used) co_return used.error();
    if (!*used) co_return sign_in_again("there is no such token");
    const store::Token& found = **used;
    if (found.state == store::TokenState::expired)
        co_return sign_in_again("this token has expired; make a new one, or sign in again");
    if (found.state == store::TokenState::revoked) co_return sign_in_again("this token has been revoked");
    const auto claimed = co_await claimed_groups(found.user);
    if (!claimed) co_return claimed.error();
    auto principal = principal_of(found.user, *claimed, *people_());
    if (!principal) co_return user_is_gone();
    principal->scopes = scopes_of(found);
    principal->via = Via::token;
    principal->token = found.id;
    principal->token_made_at = found.created_at;
    principal->expires_at = found.expires_at;
    co_return std::move(*principal);
}

Awaitable<Result<GroupNames>> Authentication::claimed_groups(std::string user) {
    const auto people = people_();
    if (!people->takes_claimed_groups()) co_return GroupNames{};
    const auto sign_ins = co_await store_.sign_ins(user);  // none that is over
    if (!sign_ins) co_return sign_ins.error();
    const bool is_signed_in = std::any_of(sign_ins->begin(), sign_ins->end(),
                                          [](const auto& sign_in) { return !sign_in.claims.empty(); });
    if (!is_signed_in) co_return GroupNames{};
    auto last = co_await groups_claimed_last(std::move(user));
    co_return last;
}

Awaitable<Result<GroupNames>> Authentication::groups_claimed_last(std::string user) {
    const auto last = co_await store_.find_claims(std::move(user));
    if (!last) co_return last.error();
    if (!*last) co_return GroupNames{};
    co_return people_()->counting(groups_of_claims_text((*last)->text));
}

}  // namespace curfew::identity

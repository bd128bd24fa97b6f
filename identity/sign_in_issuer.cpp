#include "identity/sign_in_issuer.hpp"

#include <utility>
#include <vector>

#include "base/log.hpp"
#include "identity/token.hpp"

namespace curfew::identity {
namespace {

constexpr std::size_t longest_sign_in_name = 100;

std::vector<std::string> names_of(const Scopes& scopes) {
    std::vector<std::string> names;
    for (const Scope scope : scopes.list())
        names.emplace_back(to_string(scope));
    return names;
}

store::NewSignIn new_sign_in(const Proof& proof, const store::SecretHash& hash, Duration lifetime) {
    store::NewSignIn sign_in;
    sign_in.hash = hash;
    sign_in.user = proof.user;
    sign_in.method = proof.method;
    sign_in.claims = proof.claims;
    sign_in.lifetime = lifetime;
    return sign_in;
}

}  // namespace

SignInIssuer::SignInIssuer(store::PeopleStore& store, CurrentPeople people, KeepProviderSignIn keep)
    : store_{store}, people_{std::move(people)}, keep_{std::move(keep)} {}

Awaitable<Result<store::SignIn>> SignInIssuer::add(store::NewSignIn sign_in) {
    const bool is_of_provider = !sign_in.claims.empty();
    auto adding =
        is_of_provider && keep_ ? keep_(std::move(sign_in)) : store_.add_sign_in(std::move(sign_in));
    auto added = co_await std::move(adding);
    co_return added;
}

Awaitable<SignInResult<SignedIn>> SignInIssuer::issue(Proof proof, SignInContext context) {
    const std::string user = proof.user;
    const std::string method = proof.method;
    SignInResult<SignedIn> signed_in{SignInRefusal{}};
    if (context.token_name) {
        signed_in = co_await issue_token(std::move(proof), std::move(*context.token_name), context.address);
    } else {
        signed_in = co_await issue_sign_in(std::move(proof), context.address);
    }
    if (signed_in)
        log::info("sign_in.done", {{"user", user}, {"method", method}, {"address", context.address}});
    co_return signed_in;
}

Awaitable<SignInResult<SignedIn>> SignInIssuer::issue_sign_in(Proof proof, const std::string& address) {
    const auto people = people_();
    auto principal = principal_of(proof.user, groups_of_claims_text(proof.claims), *people);
    if (!principal) co_return SignInRefusal{{ErrorCode::forbidden, "this user does not exist any more"}};
    MadeToken token = make_token(TokenKind::sign_in);
    store::NewSignIn record = new_sign_in(proof, token.hash, people->sign_in().session);
    record.from = proof.method + ' ' + address;
    const auto added = co_await add(std::move(record));
    if (!added) co_return SignInRefusal{added.error()};
    principal->scopes = Scopes::all();
    principal->via = Via::sign_in;
    principal->method = proof.method;
    principal->expires_at = added->expires_at;
    co_return SignedIn{std::move(*principal), std::move(token.text), added->expires_at};
}

Awaitable<SignInResult<SignedIn>> SignInIssuer::issue_token(Proof proof, std::string name,
                                                            const std::string& address) {
    const auto people = people_();
    auto principal = principal_of(proof.user, groups_of_claims_text(proof.claims), *people);
    if (!principal) co_return SignInRefusal{{ErrorCode::forbidden, "this user does not exist any more"}};
    const Duration lifetime = people->sign_in().session;
    if (!proof.claims.empty()) {
        // Claims are kept with a sign-in. Nobody has the token of this one: it only says what they are.
        store::NewSignIn record = new_sign_in(proof, make_token(TokenKind::sign_in).hash, lifetime);
        record.from = proof.method + ' ' + address;
        const auto kept = co_await add(std::move(record));
        if (!kept) co_return SignInRefusal{kept.error()};
    }
    MadeToken made = make_token(TokenKind::access);
    store::NewToken record;
    record.user = proof.user;
    record.name = name.substr(0, longest_sign_in_name);
    record.scopes = names_of(Scopes::all());
    record.hash = made.hash;
    record.lifetime = lifetime;
    const auto added =
        co_await store_.add_token(std::move(record), Actor{proof.user, proof.method + ' ' + address});
    if (!added) co_return SignInRefusal{added.error()};
    principal->scopes = Scopes::all();
    principal->via = Via::token;
    principal->method = proof.method;
    principal->token = added->id;
    principal->expires_at = added->expires_at;
    co_return SignedIn{std::move(*principal), std::move(made.text),
                       added->expires_at.value_or(added->created_at)};
}

}  // namespace curfew::identity

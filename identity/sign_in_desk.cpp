#include "identity/sign_in_desk.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/duration.hpp"
#include "base/log.hpp"
#include "identity/token.hpp"

namespace curfew::identity {
namespace {

SignInRefusal too_often(Duration wait) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
    return {{ErrorCode::unavailable,
             fmt::format("sign-in was tried too often; try again in {}", format_duration(seconds))},
            seconds};
}

SignInRefusal wrong_name_or_password() {
    return {{ErrorCode::forbidden, "wrong name or password"}};
}

SignInRefusal no_provider() {
    return {{ErrorCode::not_found, "no sign-in provider is configured here; sign in with a password"}};
}

}  // namespace

SignInDesk::SignInDesk(Parts parts)
    : parts_{std::move(parts)}, issuer_{parts_.store, parts_.people, parts_.keep_provider_sign_in} {}

void SignInDesk::use_provider(std::shared_ptr<ProviderSignIn> provider) {
    const std::lock_guard lock{provider_mutex_};
    provider_.swap(provider);
}

std::shared_ptr<ProviderSignIn> SignInDesk::provider() const {
    const std::lock_guard lock{provider_mutex_};
    return provider_;
}

Awaitable<SignInResult<SignedIn>> SignInDesk::with_password(std::string name, Secret password,
                                                            SignInContext context) {
    const auto people = parts_.people();
    if (!people->sign_in().passwords)
        co_return SignInRefusal{{ErrorCode::forbidden, "nobody signs in with a password here"}};
    auto refusal = co_await refuse_password(name, std::move(password), context.address);
    if (refusal) co_return std::move(*refusal);
    Proof proof;
    proof.user = people->by_name(name).value_or("");
    proof.method = "password";
    co_return co_await issuer_.issue(std::move(proof), std::move(context));
}

Awaitable<std::optional<SignInRefusal>> SignInDesk::refuse_password(std::string name, Secret password,
                                                                    std::string address) {
    const auto user = parts_.people()->by_name(name);
    // All names of a person share one budget; a name that is nobody's has one as well.
    const std::string counted = user.value_or(name);
    if (const auto wait = parts_.limiter.refuse(counted, address)) {
        log::warning("sign_in.limited", {{"user", user.value_or("")}, {"address", address}});
        co_return too_often(*wait);
    }
    const auto stored = co_await parts_.store.find_password(counted);
    if (!stored) co_return SignInRefusal{stored.error()};
    std::optional<Secret> hash;
    if (user && *stored) hash = (*stored)->hash;
    const auto check = co_await parts_.passwords.check(std::move(password), hash);
    if (!check) co_return SignInRefusal{check.error()};
    if (!check->right) {
        // Not what was typed: now and then it is a password.
        log::warning("sign_in.refused", {{"user", user.value_or("")}, {"address", address}});
        co_return wrong_name_or_password();
    }
    parts_.limiter.succeeded(counted, address);
    if (check->renewed) co_await renew_password(*user, *hash, *check->renewed);
    co_return std::nullopt;
}

// The same password, hashed at today's cost. Not if it was changed in the meantime; and where it fails, the
// next sign-in does it.
Awaitable<void> SignInDesk::renew_password(std::string user, Secret checked, Secret renewed) {
    const auto stored = co_await parts_.store.find_password(user);
    if (!stored || !*stored || !equal_constant_time((*stored)->hash.reveal(), checked.reveal())) co_return;
    const std::string by = (*stored)->changed_by;
    co_await parts_.store.set_password(std::move(user), std::move(renewed), by);
}

Awaitable<SignInResult<SignedIn>> SignInDesk::change_password(std::string user, Secret current, Secret wanted,
                                                              SignInContext context) {
    if (auto wrong = wrong_new_password(wanted.reveal(), user))  // to be measured
        co_return SignInRefusal{about_member("new", {ErrorCode::invalid, std::move(*wrong)})};
    auto refusal = co_await refuse_password(user, std::move(current), context.address);
    if (refusal) {
        const bool is_wrong = refusal->error.code == ErrorCode::forbidden;
        if (is_wrong)
            refusal->error =
                about_member("current", {ErrorCode::forbidden, "that is not the password that you have now"});
        co_return std::move(*refusal);
    }
    auto hash = co_await parts_.passwords.hash(std::move(wanted));
    if (!hash) co_return SignInRefusal{hash.error()};
    const Actor by{user, "password " + context.address};
    const auto set = co_await parts_.store.set_password(user, std::move(*hash), by);
    if (!set) co_return SignInRefusal{set.error()};
    const auto ended = co_await parts_.store.end_sign_ins_of(user, by);
    if (!ended) co_return SignInRefusal{ended.error()};
    Proof proof;
    proof.user = std::move(user);
    proof.method = "password";
    co_return co_await issuer_.issue(std::move(proof), std::move(context));
}

Awaitable<SignInResult<AuthorizationStart>> SignInDesk::start_at_provider(std::string return_to,
                                                                          std::string address) {
    const auto at = provider();
    if (!at) co_return no_provider();
    if (const auto wait = parts_.limiter.refuse_address(address)) co_return too_often(*wait);
    auto start = co_await at->start_authorization(std::move(return_to));
    if (!start) co_return SignInRefusal{start.error()};
    co_return std::move(*start);
}

Awaitable<SignInResult<SignedInAtProvider>> SignInDesk::finish_at_provider(std::string cookie,
                                                                           AuthorizationAnswer answer,
                                                                           SignInContext context) {
    const auto at = provider();
    if (!at) co_return no_provider();
    auto result = co_await at->finish_authorization(std::move(cookie), std::move(answer));
    if (!result) {
        log::warning("sign_in.refused", {{"address", context.address}, {"reason", result.error().message}});
        co_return SignInRefusal{result.error()};
    }
    auto signed_in = co_await sign_in_by_claims(std::move(result->claims), *at, std::move(context));
    if (!signed_in) co_return signed_in.error();
    co_return SignedInAtProvider{std::move(*signed_in), std::move(result->return_to)};
}

Awaitable<SignInResult<SignedIn>> SignInDesk::sign_in_by_claims(Claims claims, ProviderSignIn& provider,
                                                                SignInContext context) {
    const auto identity = identify(claims, provider.settings().provider, *parts_.people());
    if (!identity) {
        log::warning("sign_in.refused", {{"address", context.address}, {"reason", identity.error().message}});
        co_return SignInRefusal{identity.error()};
    }
    Proof proof;
    proof.user = identity->user;
    proof.method = "oidc";
    proof.claims = claims_text(*identity);
    co_return co_await issuer_.issue(std::move(proof), std::move(context));
}

Awaitable<SignInResult<DeviceStart>> SignInDesk::start_device(std::string address) {
    const auto at = provider();
    if (!at) co_return no_provider();
    if (const auto wait = parts_.limiter.refuse_address(address)) co_return too_often(*wait);
    auto start = co_await at->start_device();
    if (!start) co_return SignInRefusal{start.error()};
    co_return std::move(*start);
}

Awaitable<SignInResult<DeviceSignInAnswer>> SignInDesk::poll_device(std::string device_code,
                                                                    SignInContext context) {
    const auto at = provider();
    if (!at) co_return no_provider();
    auto answer = co_await at->poll_device(std::move(device_code));
    if (!answer) co_return SignInRefusal{answer.error()};
    if (const auto* pending = std::get_if<DevicePending>(&*answer)) co_return DeviceSignInAnswer{*pending};
    auto signed_in =
        co_await sign_in_by_claims(std::get<Claims>(std::move(*answer)), *at, std::move(context));
    if (!signed_in) co_return signed_in.error();
    co_return DeviceSignInAnswer{std::move(*signed_in)};
}

Awaitable<Result<void>> SignInDesk::sign_out(Secret token) {
    const store::SecretHash hash = token_hash(token);
    if (token_kind(token.reveal()) != TokenKind::access)  // its form is looked at
        co_return co_await parts_.store.end_sign_in(hash);
    const auto used = co_await parts_.store.use_token(hash);
    if (!used) co_return used.error();
    if (!*used || (*used)->state != store::TokenState::active) co_return Result<void>{};
    const auto revoked = co_await parts_.store.revoke_token((*used)->id, (*used)->user);
    // Somebody else was quicker.
    if (!revoked && revoked.error().code != ErrorCode::conflict) co_return revoked.error();
    co_return Result<void>{};
}

}  // namespace curfew::identity

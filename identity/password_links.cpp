#include "identity/password_links.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/duration.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "config/values.hpp"
#include "identity/token.hpp"
#include "policy/directory.hpp"

namespace curfew::identity {
namespace {

constexpr std::string_view first_administrator = "first_administrator";
constexpr std::string_view set_password = "set_password";

SignInRefusal no_link() {
    return {{ErrorCode::forbidden,
             "this link was used already, has expired, or was replaced by a newer one; ask "
             "for another, or restart curfewd if nobody can sign in yet"}};
}

}  // namespace

std::string link_url(std::string_view address, const MadeLink& link) {
    return fmt::format("{}/sign-in{}#{}", address, link.user.empty() ? "?first_administrator=true" : "",
                       link.code.reveal());
}

PasswordLinks::PasswordLinks(SignInDesk::Parts parts, MakeAdministrator make_administrator)
    : parts_{std::move(parts)},
      make_administrator_{std::move(make_administrator)},
      issuer_{parts_.store, parts_.people} {}

Awaitable<Result<bool>> PasswordLinks::needs_first_administrator() {
    const auto people = parts_.people();
    if (!people->sign_in().passwords) co_return false;
    const auto members = people->directory().members_of(policy::administrators);
    // Whoever is one by the configuration can sign in at the provider, and whom the provider calls one.
    if (people->sign_in().oidc && !members.empty()) co_return false;
    if (people->takes_administrators()) co_return false;
    for (const std::string& member : members) {
        const auto password = co_await parts_.store.find_password(member);
        if (!password) co_return password.error();
        if (*password) co_return false;
    }
    co_return true;
}

Awaitable<Result<std::optional<MadeLink>>> PasswordLinks::offer_first_administrator() {
    const auto needed = co_await needs_first_administrator();
    if (!needed) co_return needed.error();
    if (!*needed) co_return std::optional<MadeLink>{};
    MadeToken token = make_token(TokenKind::link);
    store::NewOneTimeLink record;
    record.hash = token.hash;
    record.purpose = first_administrator;
    record.made_by = "curfewd";
    record.lifetime = lifetime;
    const auto added = co_await parts_.store.add_link(std::move(record));
    if (!added) co_return added.error();
    co_return std::optional<MadeLink>{MadeLink{"", std::move(token.text), added->expires_at}};
}

Awaitable<Result<MadeLink>> PasswordLinks::make(std::string user, Actor by) {
    const auto people = parts_.people();
    if (!people->sign_in().passwords)
        co_return Error{ErrorCode::forbidden, "nobody signs in with a password here (sign_in.passwords)"};
    const auto canonical = people->by_name(user);
    if (!canonical)
        co_return Error{ErrorCode::not_found, fmt::format("there is no user '{}'", printable(user))};
    MadeToken token = make_token(TokenKind::link);
    store::NewOneTimeLink record;
    record.hash = token.hash;
    record.purpose = set_password;
    record.user = *canonical;
    record.made_by = std::move(by);
    record.lifetime = lifetime;
    const auto added = co_await parts_.store.add_link(std::move(record));
    if (!added) co_return added.error();
    co_return MadeLink{*canonical, std::move(token.text), added->expires_at};
}

Awaitable<Result<std::optional<store::OneTimeLink>>> PasswordLinks::find(store::SecretHash hash) {
    auto link = co_await parts_.store.find_link(hash, std::string{set_password});
    if (!link || *link) co_return std::move(link);
    co_return co_await parts_.store.find_link(hash, std::string{first_administrator});
}

Awaitable<SignInResult<SignedIn>> PasswordLinks::use(Secret code, std::string name, Secret password,
                                                     SignInContext context) {
    if (const auto wait = parts_.limiter.refuse_address(context.address)) {
        co_return SignInRefusal{
            {ErrorCode::unavailable,
             fmt::format("links were tried too often; try again in {}",
                         format_duration(std::chrono::ceil<std::chrono::seconds>(*wait)))},
            *wait};
    }
    if (token_kind(code.reveal()) != TokenKind::link) co_return no_link();  // its form is looked at
    const store::SecretHash hash = token_hash(code);
    auto link = co_await find(hash);
    if (!link) co_return SignInRefusal{link.error()};
    if (!*link) co_return no_link();
    const auto people = parts_.people();
    if (!people->sign_in().passwords)  // any more
        co_return SignInRefusal{{ErrorCode::forbidden, "nobody signs in with a password here"}};
    const std::string user = (*link)->user.empty() ? people->by_name(name).value_or(name) : (*link)->user;
    if (user.empty())
        co_return SignInRefusal{
            about_member("user", {ErrorCode::invalid, "say what your user name is to be"})};
    if (auto wrong = config::wrong_name(user))
        co_return SignInRefusal{about_member("user", {ErrorCode::invalid, "your user name: " + *wrong})};
    if (auto wrong = wrong_new_password(password.reveal(), user))  // to be measured
        co_return SignInRefusal{about_member("password", {ErrorCode::invalid, std::move(*wrong)})};
    auto signed_in =
        co_await choose_password(hash, std::move(**link), user, std::move(password), std::move(context));
    co_return std::move(signed_in);
}

Awaitable<Result<void>> PasswordLinks::become_administrator(std::string user) {
    if (parts_.people()->directory().is_administrator(user)) co_return Result<void>{};
    co_return co_await make_administrator_(std::move(user));
}

Awaitable<SignInResult<SignedIn>> PasswordLinks::choose_password(store::SecretHash hash,
                                                                 store::OneTimeLink link, std::string user,
                                                                 Secret password, SignInContext context) {
    auto hashed = co_await parts_.passwords.hash(std::move(password));
    if (!hashed) co_return SignInRefusal{hashed.error()};
    // From here on the link is used up: of two who have it, one goes on.
    const auto used = co_await parts_.store.use_link(hash, link.purpose);
    if (!used) {
        if (used.error().code == ErrorCode::not_found) co_return no_link();
        co_return SignInRefusal{used.error()};
    }
    if (link.purpose == first_administrator) {
        const auto made = co_await become_administrator(user);
        if (!made) co_return SignInRefusal{made.error()};
        log::info("administrator.first", {{"user", user}, {"address", context.address}});
    }
    const Actor by{user, "link " + context.address};
    const auto set = co_await parts_.store.set_password(user, std::move(*hashed), by);
    if (!set) co_return SignInRefusal{set.error()};
    const auto ended = co_await parts_.store.end_sign_ins_of(user, by);
    if (!ended) co_return SignInRefusal{ended.error()};
    parts_.limiter.succeeded(user, context.address);
    Proof proof;
    proof.user = std::move(user);
    proof.method = "link";
    co_return co_await issuer_.issue(std::move(proof), std::move(context));
}

}  // namespace curfew::identity

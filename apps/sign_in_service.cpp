#include "apps/sign_in_service.hpp"

#include <fmt/format.h>

#include <string_view>
#include <tuple>
#include <utility>

#include "api/operations.hpp"
#include "base/log.hpp"
#include "base/time_text.hpp"
#include "identity/provider_sign_in.hpp"
#include "proxy/run_on.hpp"
#include "workflow/first_administrator.hpp"

namespace curfew::apps {
namespace {

identity::MakeAdministrator make_administrator_on(boost::asio::any_io_executor control,
                                                  workflow::Registry& registry) {
    return [control = std::move(control), &registry](std::string user) {
        return proxy::run_on(control, workflow::make_administrator(registry, std::move(user)));
    };
}

identity::KeepProviderSignIn keep_on(boost::asio::any_io_executor control, workflow::Registry& registry) {
    return [control = std::move(control), &registry](store::NewSignIn sign_in) {
        return proxy::run_on(control, registry.keep_sign_in(std::move(sign_in)));
    };
}

// Whether sign-ins that begin under `is` can be finished under `was`.
bool is_same(const identity::OpenIdSettings& was, const identity::OpenIdSettings& is) {
    const auto facts = [](const identity::OpenIdSettings& settings) {
        const config::OidcProvider& provider = settings.provider;
        return std::tie(provider.issuer, provider.client_id, provider.user_claim, provider.groups_claim,
                        provider.scopes, settings.redirect_uri, settings.root_certificate_file);
    };
    const auto secret = [](const identity::OpenIdSettings& settings) {
        const auto& given = settings.provider.client_secret;
        return given ? given->reveal() : std::string_view{};
    };
    return facts(was) == facts(is) && secret(was) == secret(is);
}

}  // namespace

std::string address_for_people(const config::Config& config) {
    if (!config.api) return {};
    if (!config.api->public_url.empty()) return config.api->public_url;
    if (config.api->address.is_unix()) return {};
    return fmt::format("{}://{}", config.api->tls ? "https" : "http", config::to_string(config.api->address));
}

SignInService::SignInService(boost::asio::any_io_executor control, const Clock& clock, store::Store& store,
                             workflow::Registry& registry)
    : clock_{clock},
      store_{store},
      limiter_{clock},
      authentication_{store, people_.current()},
      desk_{{store, people_.current(), passwords_, limiter_, keep_on(control, registry)}},
      password_links_{{store, people_.current(), passwords_, limiter_},
                      make_administrator_on(std::move(control), registry)} {}

identity::Awaitable<Result<void>> SignInService::start(const config::Config& config) {
    auto secret = co_await store_.installation_secret();
    if (!secret) co_return secret.error();
    installation_secret_ = std::move(*secret);
    use(config);
    co_return Result<void>{};
}

void SignInService::use(const config::Config& config) {
    people_.replace(config);
    if (installation_secret_) use_provider(config);
}

notify::slack::KnownPeople SignInService::known_people() {
    notify::slack::KnownPeople known;
    known.user_of_email = [people = people()](std::string_view email) { return people()->by_email(email); };
    known.principal = [this](std::string user) { return principal_by_chat(std::move(user)); };
    return known;
}

identity::Awaitable<Result<identity::Principal>> SignInService::principal_by_chat(std::string user) {
    const auto claimed = co_await authentication_.claimed_groups(user);
    if (!claimed) co_return claimed.error();
    auto principal = identity::principal_of(user, *claimed, *people_.now());
    if (principal) {
        principal->from = "slack";
        co_return std::move(*principal);
    }
    co_return Error{
        ErrorCode::forbidden,
        "The user that this account is linked to does not exist any more; an administrator can help"};
}

void SignInService::use_provider(const config::Config& config) {
    const auto current = desk_.provider();
    if (!config.sign_in.oidc) {
        if (current) desk_.use_provider(nullptr);
        return;
    }
    identity::OpenIdSettings settings;
    settings.provider = *config.sign_in.oidc;
    settings.root_certificate_file = settings.provider.root_certificate_file;
    settings.redirect_uri =
        fmt::format("{}{}/sign-in/oidc/callback", address_for_people(config), api::api_prefix);
    // What it knows of the provider, keys above all, is worth keeping.
    if (current && is_same(current->settings(), settings)) return;
    desk_.use_provider(
        std::make_shared<identity::ProviderSignIn>(std::move(settings), *installation_secret_, clock_));
}

identity::Awaitable<Result<void>> SignInService::offer_first_administrator(std::string address) {
    if (address.empty()) co_return Result<void>{};
    auto link = co_await password_links_.offer_first_administrator();
    if (!link) co_return link.error();
    if (!*link) co_return Result<void>{};
    // The one secret that a log is to show: there is no other way to give it to somebody, it works once, and
    // who reads the log of this service could do more than it gives.
    log::warning(
        "administrator.link",
        {{"url", identity::link_url(address, **link)},
         {"expires_at", format_utc((*link)->expires_at)},
         {"note",
          "Nobody can sign in as an administrator yet. Whoever uses this link first chooses a name and "
          "a password, and is one: curfew login --one-time URL --user NAME"}});
    co_return Result<void>{};
}

}  // namespace curfew::apps

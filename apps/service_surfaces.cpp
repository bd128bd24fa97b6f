// What a service shows of itself: its metrics and its API.
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/service_impl.hpp"
#include "base/log.hpp"

namespace curfew::apps {

Result<void> Service::start_metrics() {
    if (!config_.metrics) return {};
    auto& address = *config_.metrics;
    if (metrics_server_) {  // since it was waited for the store
        if (!address.is_unix()) address.port = metrics_server_->port();
        return {};
    }
    metrics_server_.emplace(
        context_.get_executor(), address, [this] { return not_ready_because(); },
        [this] { return exposition(); });
    if (auto started = metrics_server_->start(); !started) return started;
    if (!address.is_unix()) address.port = metrics_server_->port();
    log::info("metrics.opened", {{"address", config::to_string(address)}});
    return {};
}

Awaitable<std::vector<std::string>> Service::not_ready_because() {
    std::vector<std::string> reasons;
    if (node_) {
        const auto status = co_await node_->status();
        reasons = status.not_ready_because;
    } else if (!store_) {
        reasons.push_back("the store is away: " + wait_->problem());
    } else {
        reasons.emplace_back("starting");
    }
    co_return reasons;
}

std::string Service::exposition() {
    if (node_) return node_->exposition();
    metrics::Metrics::Scrape scrape;
    scrape.now = clock_.boot_now();
    scrape.store_staleness_seconds = std::chrono::duration<double>(scrape.now - started_at_).count();
    return metrics_.expose(scrape);
}

api::ApiServerOptions Service::api_options() {
    api::ApiServerOptions options;
    options.api.node = name_;
    options.socket_path = config_.admin_socket;
    options.group = config_.admin_group;
    if (config_.api) {
        options.network = api::NetworkListener{config_.api->address, config_.api->tls};
        options.api.public_url = config_.api->public_url;
    }
    options.api.people_address = address_for_people(config_);
    options.api.authenticate = [this](Secret token) {
        return sign_in_->authentication().by_token(std::move(token));
    };
    options.api.identify_local = [people = sign_in_->people()](const std::string& system_user) {
        return identity::principal_of_socket(system_user, *people());
    };
    options.api.recordings = {recordings_.storage(), recordings_.live()};
    options.api.notifiers = config_.notifiers;
    options.api.known_people = sign_in_->known_people();
    options.api.display_name = [people = sign_in_->people()](std::string_view user) {
        return people()->display_name(user);
    };
    return options;
}

Result<void> Service::start_api() {
    const api::ApiParts parts{*node_,
                              *desk_,
                              *registry_,
                              sign_in_->desk(),
                              sign_in_->password_links(),
                              *store_,
                              clock_,
                              signing_key_ ? &*signing_key_ : nullptr,
                              &*commands_};
    api_.emplace(context_.get_executor(), parts, api_options());
    if (auto started = api_->start(); !started) return started;
    // Port 0 has become a real one.
    if (const auto address = api_->address()) config_.api->address = *address;
    return {};
}

void Service::now_uses(const config::Config& config) {
    store_settings_ = config.store;
    sign_in_->use(config);
    recordings_.use(config);
    if (api_) api_->use_notifiers(config.notifiers);
    if (!api_ || !config.api || !config.api->tls) return;
    if (auto renewed = api_->use_certificate(*config.api->tls); !renewed)
        log::error("api.certificate_not_renewed", {{"error", renewed.error().message}});
}

}  // namespace curfew::apps

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "base/text.hpp"
#include "config/address.hpp"
#include "config/sections.hpp"
#include "config/suggestion.hpp"

namespace curfew::config {
namespace {

std::string listener_key(std::size_t index, std::string_view key) {
    return fmt::format("listeners[{}].{}", index, key);
}

void check_listener_names(const Config& config, Report& report) {
    std::map<std::string_view, std::size_t> first_by_name;
    for (std::size_t i = 0; i < config.listeners.size(); ++i) {
        const auto [first, is_new] = first_by_name.try_emplace(config.listeners[i].name, i);
        if (is_new) continue;
        report.add(listener_key(i, "name"), fmt::format("the name '{}' is taken by listeners[{}]",
                                                        config.listeners[i].name, first->second));
    }
}

void check_api_address(const Config& config, Report& report) {
    if (!config.api) return;
    const Endpoint& api = config.api->address;
    const auto clash = [&](const Endpoint& other, std::string_view whose) {
        if (!overlap(api, other)) return;
        report.add("api.address", fmt::format("{} clashes with {} of {}", printable(to_string(api)),
                                              printable(to_string(other)), whose));
    };
    for (const auto& listener : config.listeners)
        clash(listener.address, fmt::format("listener '{}'", listener.name));
    if (config.metrics) clash(*config.metrics, "metrics");
    clash(Endpoint{config.admin_socket, 0}, "admin.socket");
}

void check_addresses(const Config& config, Report& report) {
    const Endpoint admin{config.admin_socket, 0};
    for (std::size_t i = 0; i < config.listeners.size(); ++i) {
        const auto& address = config.listeners[i].address;
        for (std::size_t j = 0; j < i; ++j) {
            const auto& earlier = config.listeners[j];
            if (!overlap(address, earlier.address)) continue;
            report.add(listener_key(i, "address"),
                       fmt::format("{} clashes with {} of listener '{}'", printable(to_string(address)),
                                   printable(to_string(earlier.address)), earlier.name));
        }
        if (config.metrics && overlap(address, *config.metrics)) {
            report.add("metrics.address",
                       fmt::format("{} clashes with {} of listener '{}'", to_string(*config.metrics),
                                   to_string(address), config.listeners[i].name));
        }
        if (overlap(address, admin)) {
            report.add(listener_key(i, "address"),
                       fmt::format("{} is the administrators' socket (admin.socket)",
                                   printable(to_string(address))));
        }
    }
    check_api_address(config, report);
}

// A resource whose upstream is a listener of ours would connect to itself without end.
void check_loops(const Config& config, Report& report) {
    for (const auto& [name, resource] : config.resources) {
        for (const auto& listener : config.listeners) {
            const auto& upstream = resource.upstream;
            if (upstream.host.empty()) continue;
            const bool reaches_wildcard = is_wildcard(listener.address) && is_loopback(upstream) &&
                                          listener.address.port == upstream.port;
            if (listener.address != upstream && !reaches_wildcard) continue;
            report.add(fmt::format("resources.{}.host", name),
                       fmt::format("{} is where listener '{}' of this file listens, not PostgreSQL",
                                   printable(to_string(upstream)), listener.name));
        }
    }
}

void check_sidecars(const Config& config, Report& report) {
    Guesses guess{names_of(config.resources)};
    for (std::size_t i = 0; i < config.listeners.size(); ++i) {
        const auto& resource = config.listeners[i].resource;
        if (!resource || config.resources.contains(*resource)) continue;
        report.add(listener_key(i, "resource"),
                   fmt::format("there is no resource '{}'{}", printable(*resource), guess(*resource)));
    }
}

// True if a client certificate can arrive for the resource of this name.
bool certificates_reach(const Config& config, std::string_view resource) {
    return std::any_of(config.listeners.begin(), config.listeners.end(), [&](const Listener& listener) {
        return (!listener.resource || *listener.resource == resource) &&
               listener.tls.mode != ClientTls::disable && listener.tls.client_ca_file;
    });
}

void check_own_logins(const Config& config, Report& report) {
    for (const auto& [name, resource] : config.resources) {
        if (!resource.authenticates_people()) continue;
        if (config.accept_unlisted_users) {
            report.add(fmt::format("resources.{}.login", name),
                       fmt::format("login: {} needs to know everybody, but accept_unlisted_users is true",
                                   to_string(resource.login)));
        }
        if (resource.authentication != PersonAuthentication::certificate) continue;
        if (!certificates_reach(config, name)) {
            report.add(fmt::format("resources.{}.authentication", name),
                       "nobody can show a certificate: no listener for this resource has 'tls' with a "
                       "'client_ca'");
        }
    }
}

}  // namespace

void check_clashes(const Config& config, Report& report) {
    check_listener_names(config, report);
    check_addresses(config, report);
    check_loops(config, report);
    check_sidecars(config, report);
    check_own_logins(config, report);
    check_people(config, report);
}

}  // namespace curfew::config

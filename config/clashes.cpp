#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "config/sections.hpp"
#include "config/suggestion.hpp"

namespace curfew::config {
namespace {

std::string listener_key(std::size_t index, std::string_view key) {
    return fmt::format("listeners[{}].{}", index, key);
}

template <class Map>
std::vector<std::string_view> names_of(const Map& map) {
    std::vector<std::string_view> names;
    names.reserve(map.size());
    for (const auto& [name, _] : map)
        names.push_back(name);
    return names;
}

// Guesses at what mistyped names were meant to be. A screenful at most: more help nobody, and comparing every
// name of a large file with every other takes long.
class Guesses {
public:
    explicit Guesses(std::vector<std::string_view> names) : names_{std::move(names)} {}

    std::string operator()(std::string_view word) {
        if (left_ == 0) return {};
        --left_;
        return did_you_mean(word, names_);
    }

private:
    std::vector<std::string_view> names_;
    int left_ = 20;
};

bool is_wildcard(const Endpoint& endpoint) {
    return endpoint.host == "0.0.0.0" || endpoint.host == "::";
}

bool is_loopback(const Endpoint& endpoint) {
    return endpoint.host == "localhost" || endpoint.host == "::1" || endpoint.host.starts_with("127.");
}

bool is_ipv6(const Endpoint& endpoint) {
    return endpoint.host.find(':') != std::string::npos;
}

// True if both cannot be listened on at once: the same, or one is all addresses of the other's kind. An
// address that could not be read overlaps with nothing.
bool overlap(const Endpoint& a, const Endpoint& b) {
    if (a.host.empty() || b.host.empty()) return false;
    if (a.is_unix() || b.is_unix()) return a == b;
    if (a.port != b.port || a.port == 0 || is_ipv6(a) != is_ipv6(b)) return false;
    return a.host == b.host || is_wildcard(a) || is_wildcard(b);
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

void check_group_members(const Config& config, Report& report) {
    if (config.accept_unlisted_users) return;
    Guesses guess{names_of(config.users)};
    for (const auto& [group, members] : config.groups) {
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (members[i].empty() || config.users.contains(members[i])) continue;
            report.add(fmt::format("groups.{}[{}]", group, i),
                       fmt::format("there is no user '{}'{}; people stand under 'users'",
                                   printable(members[i]), guess(members[i])));
        }
    }
}

// True if a client certificate can arrive for the resource of this name.
bool certificates_reach(const Config& config, std::string_view resource) {
    return std::any_of(config.listeners.begin(), config.listeners.end(), [&](const Listener& listener) {
        return (!listener.resource || *listener.resource == resource) &&
               listener.tls.mode != ClientTls::disable && listener.tls.client_ca_file;
    });
}

void check_managed_logins(const Config& config, Report& report) {
    for (const auto& [name, resource] : config.resources) {
        if (resource.login != LoginMode::managed) continue;
        if (config.accept_unlisted_users) {
            report.add(fmt::format("resources.{}.login", name),
                       "login: managed needs to know everybody, but accept_unlisted_users is true");
        }
        if (resource.authentication != PersonAuthentication::certificate) continue;
        if (!certificates_reach(config, name)) {
            report.add(fmt::format("resources.{}.authentication", name),
                       "nobody can show a certificate: no listener for this resource has 'tls' with a "
                       "'client_ca'");
        }
    }
}

// One certificate must not be two people.
void check_certificate_names(const Config& config, Report& report) {
    std::map<std::string_view, std::string_view> owner_by_name;
    for (const auto& [name, user] : config.users) {
        const auto [owner, is_new] = owner_by_name.try_emplace(user.certificate_name, name);
        if (is_new) continue;
        report.add(fmt::format("users.{}.certificate_name", name),
                   fmt::format("a certificate for '{}' already means the user '{}'",
                               printable(user.certificate_name), printable(owner->second)));
    }
}

}  // namespace

void check_clashes(const Config& config, Report& report) {
    check_listener_names(config, report);
    check_addresses(config, report);
    check_loops(config, report);
    check_sidecars(config, report);
    check_group_members(config, report);
    check_managed_logins(config, report);
    check_certificate_names(config, report);
}

}  // namespace curfew::config

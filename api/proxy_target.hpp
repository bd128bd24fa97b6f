// Where a client connects to reach a resource through this node, and what it needs to be told for that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http_types.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"
#include "proxy/control.hpp"

namespace curfew::api {

struct ProxyTarget {
    std::string host;  // for libpq: a name, an address, or the directory of a Unix socket
    std::uint16_t port = 0;
    std::string database;  // what the client names there
    config::ClientTls tls = config::ClientTls::disable;

    bool operator==(const ProxyTarget&) const = default;
};

// The best of the open listeners: TCP before Unix sockets, what other machines reach before loopback, and
// then one that is for this resource alone. `people_host`: what a listener on all addresses goes by. nullopt:
// none of them is for this resource. Pure.
std::optional<ProxyTarget> target_for(const config::Resource& resource, const config::Config& config,
                                      const std::vector<proxy::ListenerStatus>& open,
                                      std::string_view people_host);

// The name or address that this node goes by towards whoever asks: that of `public_url`, else the one that
// they asked by; for a Unix socket's peer `localhost`.
std::string host_towards(const Request& request, const Peer& peer, std::string_view public_url);

// `postgresql://alice:…@host:6432/prod`, with sslmode where TLS is a must. Holds the password.
std::string connection_uri(const ProxyTarget& target, std::string_view user, const Secret& password);
// A line for ~/.pgpass, without its end. Holds the password.
std::string pgpass_line(const ProxyTarget& target, std::string_view user, const Secret& password);
// What PGSERVICEFILE can name: one service, called as the resource. No value may hold a line break.
std::string service_file(const ProxyTarget& target, std::string_view resource, std::string_view user);

}  // namespace curfew::api

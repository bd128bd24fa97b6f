#include "api/proxy_target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <tuple>

#include "api/origin.hpp"
#include "base/percent_encoding.hpp"

namespace curfew::api {
namespace {

constexpr std::string_view socket_name = "/.s.PGSQL.";

std::optional<boost::asio::ip::address> ip_of(const std::string& host) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(host, error);
    return error ? std::nullopt : std::optional{address};
}

bool is_loopback(const std::string& host) {
    const auto address = ip_of(host);
    return address && address->is_loopback();
}

// As libpq takes it: the directory, and the number in the name. nullopt: libpq cannot be led there.
std::optional<ProxyTarget> at_unix_socket(const std::string& path) {
    const auto end = path.rfind(socket_name);
    if (end == std::string::npos) return std::nullopt;
    ProxyTarget target;
    target.host = end == 0 ? "/" : path.substr(0, end);
    const char* const first = path.data() + end + socket_name.size();
    const char* const last = path.data() + path.size();
    const auto [stop, error] = std::from_chars(first, last, target.port);
    return error == std::errc{} && stop == last ? std::optional{target} : std::nullopt;
}

std::optional<ProxyTarget> at(const config::Endpoint& address, std::string_view people_host) {
    if (address.is_unix()) return at_unix_socket(address.host);
    ProxyTarget target;
    target.port = address.port;
    const auto ip = ip_of(address.host);
    target.host = ip && ip->is_unspecified() ? std::string{people_host} : address.host;
    return target;
}

const config::Listener* find_listener(const config::Config& config, std::string_view name) {
    const auto found = std::find_if(config.listeners.begin(), config.listeners.end(),
                                    [&](const config::Listener& one) { return one.name == name; });
    return found == config.listeners.end() ? nullptr : &*found;
}

std::string escaped_for_pgpass(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == ':' || c == '\\') result += '\\';
        result += c;
    }
    return result;
}

std::string host_in_uri(const std::string& host) {
    if (host.find(':') != std::string::npos) return '[' + host + ']';
    return encode_segment(host);
}

}  // namespace

std::optional<ProxyTarget> target_for(const config::Resource& resource, const config::Config& config,
                                      const std::vector<proxy::ListenerStatus>& open,
                                      std::string_view people_host) {
    std::optional<ProxyTarget> best;
    std::tuple<bool, bool, bool> least;
    for (const auto& one : open) {
        const config::Listener* listener = find_listener(config, one.name);
        if (listener == nullptr) continue;
        if (listener->resource && *listener->resource != resource.name) continue;
        auto target = at(one.address, people_host);
        if (!target) continue;
        const std::tuple rank{one.address.is_unix(), is_loopback(one.address.host), !listener->resource};
        if (best && rank >= least) continue;
        least = rank;
        target->database = listener->resource ? resource.default_database : resource.name;
        target->tls = listener->tls.mode;
        best = std::move(target);
    }
    return best;
}

std::string host_towards(const Request& request, const Peer& peer, std::string_view public_url) {
    const auto scheme = public_url.find("://");
    if (scheme != std::string_view::npos) {
        if (const auto authority = parse_authority(public_url.substr(scheme + 3))) return authority->host;
    }
    if (peer.local) return "localhost";
    const auto host = request[http::field::host];
    const auto authority = parse_authority({host.data(), host.size()});
    return authority ? authority->host : "localhost";
}

std::string connection_uri(const ProxyTarget& target, std::string_view user, const Secret& password) {
    return fmt::format("postgresql://{}:{}@{}:{}/{}{}", encode_segment(user),
                       encode_segment(password.reveal()), host_in_uri(target.host), target.port,
                       encode_segment(target.database),
                       target.tls == config::ClientTls::require ? "?sslmode=require" : "");
}

std::string pgpass_line(const ProxyTarget& target, std::string_view user, const Secret& password) {
    return fmt::format("{}:{}:{}:{}:{}", escaped_for_pgpass(target.host), target.port,
                       escaped_for_pgpass(target.database), escaped_for_pgpass(user),
                       escaped_for_pgpass(password.reveal()));
}

std::string service_file(const ProxyTarget& target, std::string_view resource, std::string_view user) {
    return fmt::format("[{}]\nhost={}\nport={}\nuser={}\ndbname={}\n{}", resource, target.host, target.port,
                       user, target.database,
                       target.tls == config::ClientTls::require ? "sslmode=require\n" : "");
}

}  // namespace curfew::api

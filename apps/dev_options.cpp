#include "apps/dev_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <cstdint>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "config/values.hpp"

namespace curfew::apps {
namespace {

using namespace std::chrono_literals;

constexpr std::uint16_t postgres_port = 5432;
constexpr Duration dev_drain = 1s;

Error invalid(std::string message) {
    return {ErrorCode::invalid, std::move(message)};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

// The canonical text of an IP address, in brackets or not; nullopt if it is none. No scope (`%eth0`): nobody
// tries anything out on a link-local address, and an upstream's would not be passed on.
std::optional<std::string> parse_ip(std::string_view text) {
    const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
    if (bracketed) text = text.substr(1, text.size() - 2);
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(text, error);
    if (error || bracketed != address.is_v6() || text.find('%') != std::string_view::npos) {
        return std::nullopt;
    }
    return address.to_string();
}

bool is_host_name(std::string_view text) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

// The Unix socket of a PostgreSQL, from its directory and its number.
Result<config::Endpoint> socket_in(std::string_view directory, std::uint16_t port) {
    while (directory.size() > 1 && directory.ends_with('/'))
        directory.remove_suffix(1);
    auto path = fmt::format("{}/.s.PGSQL.{}", directory == "/" ? "" : directory, port);
    if (path.size() > config::longest_socket_path) {
        return invalid(fmt::format("the path of a Unix socket has at most {} bytes, '{}' has {}",
                                   config::longest_socket_path, printable(path), path.size()));
    }
    return config::Endpoint{std::move(path), 0};
}

Result<config::Endpoint> parse_upstream_socket(std::string_view text) {
    if (text.find("/.s.PGSQL.") != std::string_view::npos) {
        return invalid(
            fmt::format("expected the directory of PostgreSQL's Unix socket (/var/run/postgresql:5432), "
                        "found the socket itself, '{}'",
                        printable(text)));
    }
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return socket_in(text, postgres_port);
    const auto port = parse_port(text.substr(colon + 1));
    if (!port || *port == 0) {
        return invalid(fmt::format("'{}' is no port; expected /socket/directory:PORT",
                                   printable(text.substr(colon + 1))));
    }
    return socket_in(text.substr(0, colon), *port);
}

}  // namespace

Result<config::Endpoint> parse_upstream(std::string_view text) {
    constexpr std::string_view what =
        "HOST:PORT (127.0.0.1:5432) or the directory of PostgreSQL's Unix socket (/var/run/postgresql)";
    if (text.find_first_of("@=") != std::string_view::npos) {
        // Not quoted back: it may hold a password.
        return invalid(fmt::format("expected {}, found what looks like a connection string", what));
    }
    if (text.starts_with('/')) return parse_upstream_socket(text);
    if (auto ip = parse_ip(text)) return config::Endpoint{std::move(*ip), postgres_port};
    const auto colon = text.rfind(':');
    const auto host = text.substr(0, colon);
    const auto port =
        colon == std::string_view::npos ? std::optional{postgres_port} : parse_port(text.substr(colon + 1));
    auto ip = parse_ip(host);
    if (port && *port != 0 && (ip || is_host_name(host))) {
        return config::Endpoint{ip ? std::move(*ip) : std::string{host}, *port};
    }
    return invalid(fmt::format("expected {}, found '{}'", what, printable(text)));
}

Result<config::Endpoint> parse_listen_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon != std::string_view::npos) {
        auto ip = parse_ip(text.substr(0, colon));
        const auto port = parse_port(text.substr(colon + 1));
        if (ip && port) return config::Endpoint{std::move(*ip), *port};
    }
    return invalid(
        fmt::format("expected an IP address and a port (127.0.0.1:6432, [::1]:6432; port 0: any "
                    "that is free), found '{}'",
                    printable(text)));
}

Result<DevGrant> parse_dev_grant(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return invalid(fmt::format("expected USER:DURATION (alice:1h, '*:30m' for everyone), found '{}'",
                                   printable(text)));
    }
    auto subject = policy::parse_subject(text.substr(0, colon));
    if (!subject) return subject.error();
    if (subject->kind == policy::Subject::Kind::group) {
        return invalid("there are no groups in dev mode; name a user, or * for everyone");
    }
    if (subject->kind == policy::Subject::Kind::user) {
        if (auto wrong = config::wrong_name(subject->name)) return invalid(std::move(*wrong));
    }
    const auto length = parse_duration(text.substr(colon + 1));
    if (!length) return length.error();
    return DevGrant{std::move(*subject), *length};
}

std::string dev_store(const std::string& directory) {
    return directory + "/curfew.db";
}

std::string dev_admin_socket(const std::string& directory) {
    return directory + "/admin.sock";
}

Result<config::Config> dev_config(const DevOptions& options, const std::string& directory) {
    if (options.listen == options.upstream) {
        return invalid(fmt::format("--listen and --upstream are both {}: curfewd would connect to itself",
                                   config::to_string(options.listen)));
    }
    config::Config config;
    config.listeners.push_back({"dev", options.listen, dev_resource, {}});

    config::Resource resource;
    resource.name = dev_resource;
    resource.upstream = options.upstream;
    if (options.admin_user) {
        resource.admin_login = config::AdminLogin{*options.admin_user, options.admin_password};
        resource.admin_login->password_file = options.admin_password_file;
    }
    config.resources.emplace(dev_resource, std::move(resource));

    config.accept_unlisted_users = true;
    config.store.path = dev_store(directory);
    config.metrics = options.metrics;
    config.admin_socket = dev_admin_socket(directory);
    config.admin_group.clear();  // this user alone
    config.timeouts.drain = dev_drain;
    config.how_to_ask =
        fmt::format("Run: curfew --socket {} grant USER {} --for 1h", config.admin_socket, dev_resource);
    return config;
}

}  // namespace curfew::apps

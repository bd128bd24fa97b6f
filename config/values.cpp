#include "config/values.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <set>

#include "base/text.hpp"

namespace curfew::config {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// The canonical text of an IP address; nullopt if it is none.
std::optional<std::string> canonical_ip(const std::string& text) {
    for (const int family : {AF_INET, AF_INET6}) {
        std::array<unsigned char, sizeof(in6_addr)> address{};
        if (::inet_pton(family, text.c_str(), address.data()) != 1) continue;
        std::array<char, INET6_ADDRSTRLEN> canonical{};
        ::inet_ntop(family, address.data(), canonical.data(), canonical.size());
        return std::string{canonical.data()};
    }
    return std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return port;
}

// `1.2.3.4:80` or `[::1]:80`.
std::optional<Endpoint> parse_tcp_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    const bool is_ipv6 = host.find(':') != std::string_view::npos;
    const auto ip = canonical_ip(std::string{host});
    const auto port = parse_port(text.substr(colon + 1));
    if (!ip || !port || bracketed != is_ipv6) return std::nullopt;
    return Endpoint{*ip, *port};
}

// nullopt if a live object may name the file.
std::optional<std::string> wrong_live_path(const LiveBounds& bounds, const std::string& path) {
    if (!bounds.files) {
        return "a live object may name no file here; set 'live.files' in the configuration of curfewd to the "
               "directory that live objects may name files of";
    }
    // Compared as text, with nothing in it that leads elsewhere. A link in that directory was put there by
    // somebody who may.
    const std::filesystem::path file{path};
    const std::filesystem::path directory = std::filesystem::path{*bounds.files + "/"}.lexically_normal();
    const bool below = file.is_absolute() && path == file.lexically_normal().string() &&
                       file.has_filename() && path.starts_with(directory.string());
    if (below) return std::nullopt;
    return fmt::format("a live object may name files in {} alone, by their absolute path",
                       printable(*bounds.files, 4096));
}

bool check_socket_path(const Value& value, const std::string& path) {
    if (path.size() <= longest_socket_path) return true;
    value.problem(fmt::format("the path of a Unix socket has at most {} bytes, '{}' has {}",
                              longest_socket_path, printable(path), path.size()));
    return false;
}

std::optional<Endpoint> read_upstream_socket(const Value& host, std::string directory, std::uint16_t port) {
    if (directory.find("/.s.PGSQL.") != std::string::npos) {
        host.problem(
            "expected the directory of the Unix socket (/var/run/postgresql), found the socket itself; "
            "its number goes into 'port'");
        return std::nullopt;
    }
    while (directory.ends_with('/'))
        directory.pop_back();
    Endpoint endpoint{fmt::format("{}/.s.PGSQL.{}", directory, port), 0};
    if (!check_socket_path(host, endpoint.host)) return std::nullopt;
    return endpoint;
}

}  // namespace

std::optional<Endpoint> read_address(const Value& value, UnixSockets unix_sockets) {
    const bool may_be_unix = unix_sockets == UnixSockets::allowed;
    const std::string_view what =
        may_be_unix
            ? "an IP address and a port (0.0.0.0:6432, [::1]:6432) or the absolute path of a Unix socket"
            : "an IP address and a port (127.0.0.1:9187, [::1]:9187)";
    const auto text = value.text(4096, what);
    if (!text) return std::nullopt;
    if (may_be_unix && text->starts_with('/')) {
        if (!check_socket_path(value, *text)) return std::nullopt;
        return Endpoint{*text, 0};
    }
    auto endpoint = parse_tcp_address(*text);
    if (!endpoint) value.expected(what);
    return endpoint;
}

std::optional<std::string> read_socket_path(const Value& value) {
    auto path = value.text(4096, "the absolute path of a Unix socket");
    if (!path) return std::nullopt;
    if (!path->starts_with('/')) {
        value.expected("the absolute path of a Unix socket");
        return std::nullopt;
    }
    if (!check_socket_path(value, *path)) return std::nullopt;
    return path;
}

std::optional<Endpoint> read_upstream(const Value& host, std::uint16_t port) {
    constexpr std::string_view what = "a host name, an IP address or the directory of a Unix socket";
    if (host.node().text.find_first_of("@=") != std::string::npos) {
        // Not quoted back: a connection string may hold a password.
        host.problem(
            "expected a host alone, found what looks like a connection string; "
            "port, databases and role have keys of their own");
        return std::nullopt;
    }
    const auto text = host.text(longest_socket_path + 1, what);
    if (!text) return std::nullopt;
    if (text->starts_with('/')) return read_upstream_socket(host, *text, port);

    const bool bracketed = text->size() > 2 && text->front() == '[' && text->back() == ']';
    if (const auto ip = canonical_ip(bracketed ? text->substr(1, text->size() - 2) : *text)) {
        return Endpoint{*ip, port};
    }
    const bool is_name = std::all_of(text->begin(), text->end(), [](char c) {
        return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_';
    });
    if (!is_name) {
        host.expected(text->find(':') == std::string::npos ? what
                                                           : "a host alone (the port goes into 'port')");
        return std::nullopt;
    }
    return Endpoint{*text, port};
}

std::optional<std::string> wrong_plain_name(std::string_view name) {
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
    });
    if (plain && name.size() <= longest_name) return std::nullopt;
    return fmt::format("a name has 1 to {} of the characters A-Z a-z 0-9 . _ -; '{}' does not", longest_name,
                       printable(name, 80));
}

std::optional<std::string> read_plain_name(const Value& value) {
    auto name = value.text();
    if (!name) return std::nullopt;
    if (auto wrong = wrong_plain_name(*name)) {
        value.problem(std::move(*wrong));
        return std::nullopt;
    }
    return name;
}

std::optional<std::string> wrong_name(std::string_view name) {
    const bool one_line = std::all_of(
        name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
    if (!name.empty() && name.size() <= longest_name && one_line) return std::nullopt;
    return fmt::format("a name has 1 to {} bytes and no control characters; '{}' does not fit", longest_name,
                       printable(name, 80));
}

std::optional<std::string> read_name(const Value& value) {
    auto name = value.text();
    if (!name) return std::nullopt;
    if (auto wrong = wrong_name(*name)) {
        value.problem(std::move(*wrong));
        return std::nullopt;
    }
    return name;
}

// Whether mail arrives there nobody can tell here; only that it is one address, and no list and no header.
std::optional<std::string> read_mail_address(const Value& value) {
    constexpr std::string_view what = "an address for mail (alice@example.org)";
    constexpr std::size_t longest = 254;
    auto text = value.text(longest, what);
    if (!text) return std::nullopt;
    const auto at = text->find('@');
    const bool is_address = at != std::string::npos && at > 0 && at + 1 < text->size() &&
                            text->find_first_of(" <>,;:\"()[]\\") == std::string::npos &&
                            text->find('@', at + 1) == std::string::npos;
    if (is_address) return text;
    value.expected(what);
    return std::nullopt;
}

std::string read_description(const Section& section) {
    constexpr std::size_t longest = 1000;
    const auto value = section.find("description");
    const bool is_empty =
        value && value->node().kind == DocumentNode::Kind::text && value->node().text.empty();
    if (!value || is_empty) return {};
    return value->text(longest, "a sentence").value_or("");
}

std::optional<std::string> read_path(const Value& value) {
    auto path = value.text(4096, "a file's path");
    if (!path) return std::nullopt;
    if (const auto& bounds = value.context().live) {
        if (auto wrong = wrong_live_path(*bounds, *path)) {
            value.problem(std::move(*wrong));
            return std::nullopt;
        }
    }
    if (path->starts_with('/')) return path;
    const std::string& directory = value.context().directory;
    if (directory.empty()) return path;
    return directory + (directory.ends_with('/') ? "" : "/") + *path;
}

std::optional<std::vector<std::string>> read_names(const Value& value) {
    const auto items = value.list();
    if (!items) return std::nullopt;
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const Value& item : *items) {
        const auto name = read_name(item);
        // A name that cannot be read keeps its place, so that `groups.dba[2]` stays the third.
        names.push_back(name.value_or(""));
        if (name && !seen.insert(*name).second) {
            item.problem(fmt::format("'{}' is listed twice", printable(*name)));
        }
    }
    return names;
}

}  // namespace curfew::config

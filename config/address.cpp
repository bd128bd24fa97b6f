#include "config/address.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace curfew::config {
namespace {

bool is_ipv6(const Endpoint& endpoint) {
    return endpoint.host.find(':') != std::string::npos;
}

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() && port > 0;
}

// HOST or HOST:PORT of a URL; an IPv6 address stands in brackets. Gives the host, empty if it is neither.
std::string_view host_of(std::string_view authority) {
    constexpr std::string_view name_characters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    constexpr std::string_view ipv6_characters = "0123456789abcdefABCDEF:.";
    const bool bracketed = authority.starts_with('[');
    const auto end = bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
    if (end == std::string_view::npos) return {};
    const auto host = bracketed ? authority.substr(1, end - 1) : authority.substr(0, end);
    const auto rest = authority.substr(bracketed ? end + 1 : end);
    if (!rest.empty() && !(rest.front() == ':' && is_port(rest.substr(1)))) return {};
    const auto allowed = bracketed ? ipv6_characters : name_characters;
    return host.find_first_not_of(allowed) == std::string_view::npos ? host : std::string_view{};
}

}  // namespace

bool is_wildcard(const Endpoint& endpoint) {
    return endpoint.host == "0.0.0.0" || endpoint.host == "::";
}

bool is_loopback(const Endpoint& endpoint) {
    const std::string& host = endpoint.host;
    const bool is_ipv4 = host.find_first_not_of("0123456789.") == std::string::npos;
    return host == "localhost" || host == "::1" || (is_ipv4 && host.starts_with("127."));
}

bool overlap(const Endpoint& a, const Endpoint& b) {
    if (a.host.empty() || b.host.empty()) return false;
    if (a.is_unix() || b.is_unix()) return a == b;
    if (a.port != b.port || a.port == 0 || is_ipv6(a) != is_ipv6(b)) return false;
    return a.host == b.host || is_wildcard(a) || is_wildcard(b);
}

std::optional<std::string> wrong_url(std::string_view url, UrlPath path) {
    constexpr std::string_view https = "https://";
    constexpr std::string_view http = "http://";
    const bool secure = url.starts_with(https);
    // Never quoted back: a password may stand before the host.
    if (!secure && !url.starts_with(http)) return "expected https://HOST";
    const auto rest = url.substr(secure ? https.size() : http.size());
    const auto slash = std::min(rest.find_first_of("/?"), rest.size());
    const auto host = host_of(rest.substr(0, slash));
    if (host.empty()) return "expected https://HOST or https://HOST:PORT, without a user's name";
    if (path == UrlPath::with_query) {
        const auto is_plain = [](unsigned char byte) { return byte > ' ' && byte < 0x7f; };
        if (!std::all_of(rest.begin(), rest.end(), is_plain))
            return "expected no blanks and nothing but ASCII";
        if (rest.find('#') != std::string_view::npos) return "expected no '#' in it";
    } else if (rest.find_first_of("?#") != std::string_view::npos) {
        return "expected no '?' and no '#' in it";
    }
    if (path == UrlPath::refused && slash < rest.size()) return "expected no path after the host";
    if (!secure && !is_loopback(Endpoint{std::string{host}, 0})) {
        return "expected https: http is for this machine alone";
    }
    return std::nullopt;
}

}  // namespace curfew::config

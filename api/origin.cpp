#include "api/origin.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace curfew::api {
namespace {

std::string lower(std::string_view text) {
    std::string result{text};
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

bool is_port(std::string_view text) {
    return !text.empty() && text.size() <= 5 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A header that must stand there once at most; nullopt where it stands there more often.
std::optional<std::string_view> single(const Request& request, std::string_view name) {
    const auto [first, last] = request.equal_range(name);
    if (first == last) return std::string_view{};
    if (std::next(first) != last) return std::nullopt;
    return std::string_view{first->value().data(), first->value().size()};
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
    Authority authority;
    auto rest = text;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        authority.host = lower(text.substr(1, end - 1));
        if (authority.host.find(':') == std::string::npos || !is_address(authority.host)) return std::nullopt;
        rest = text.substr(end + 1);
    } else {
        const auto colon = text.find(':');
        authority.host = lower(text.substr(0, colon));
        rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon);
        const bool plain = std::all_of(authority.host.begin(), authority.host.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
        });
        if (authority.host.empty() || !plain) return std::nullopt;
    }
    if (rest.empty()) return authority;
    if (!rest.starts_with(':') || !is_port(rest.substr(1))) return std::nullopt;
    authority.port = rest.substr(1);
    return authority;
}

std::string origin_of(std::string_view url) {
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos) return {};
    const auto path = url.find('/', scheme_end + 3);
    return lower(url.substr(0, path));
}

bool names_this_server(const Request& request, std::string_view public_url) {
    const auto header = single(request, "Host");
    const auto asked = header ? parse_authority(*header) : std::nullopt;
    if (!asked) return false;
    if (asked->host == "localhost" || is_address(asked->host)) return true;
    const auto origin = origin_of(public_url);
    const auto own = origin.empty() ? std::nullopt : parse_authority(origin.substr(origin.find("://") + 3));
    return own && own->host == asked->host;
}

Site site_of(const Request& request, const Peer& peer, std::string_view public_url) {
    const auto fetch = single(request, "Sec-Fetch-Site");
    const auto origin = single(request, "Origin");
    if (!fetch || !origin) return Site::other;
    if (!fetch->empty()) return *fetch == "same-origin" ? Site::same : Site::other;
    if (origin->empty()) return Site::unknown;
    const auto host = request[http::field::host];
    const std::string asked =
        lower((peer.tls ? "https://" : "http://") + std::string{host.data(), host.size()});
    const auto own = origin_of(public_url);
    return lower(*origin) == asked || (!own.empty() && lower(*origin) == own) ? Site::same : Site::other;
}

}  // namespace curfew::api

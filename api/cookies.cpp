#include "api/cookies.hpp"

#include <fmt/format.h>

#include "api/origin.hpp"

namespace curfew::api {
namespace {

// Whether the browser came by https, be it to a proxy in front of us.
bool is_secure(const Request& request, const Peer& peer, std::string_view public_url) {
    if (peer.tls) return true;
    const auto own = origin_of(public_url);
    return own.starts_with("https://") &&
           own == origin_of(fmt::format("https://{}", view_of(request[http::field::host])));
}

std::string_view to_string(SameSite same_site) {
    return same_site == SameSite::strict ? "Strict" : "Lax";
}

}  // namespace

std::string_view cookie_value(const Request& request, std::string_view name) {
    auto header = view_of(request[http::field::cookie]);
    while (!header.empty()) {
        const auto end = header.find(';');
        auto pair = header.substr(0, end);
        header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
        while (pair.starts_with(' '))
            pair.remove_prefix(1);
        if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
            return pair.substr(name.size() + 1);
        }
    }
    return {};
}

void set_cookie(Response& response, const Request& request, const Peer& peer, std::string_view public_url,
                const Cookie& cookie) {
    // To be kept by the browser that it is for.
    response.insert(
        http::field::set_cookie,
        fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite={}{}", cookie.name.towards(peer),
                    cookie.value.reveal(), cookie.lifetime.count(), to_string(cookie.same_site),
                    is_secure(request, peer, public_url) ? "; Secure" : ""));
}

}  // namespace curfew::api

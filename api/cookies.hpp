// Cookies: what a browser keeps for us, and sends by itself.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "api/http_types.hpp"
#include "base/secret.hpp"

namespace curfew::api {

// One cookie's two names. Browsers take the first only over TLS, for this very host and all its paths.
struct CookieName {
    std::string_view with_tls;
    std::string_view without;

    std::string_view towards(const Peer& peer) const { return peer.tls ? with_tls : without; }
};

// Of a sign-in.
inline constexpr CookieName sign_in_cookie{"__Host-curfew", "curfew"};
// Of a sign-in that is under way at the provider.
inline constexpr CookieName provider_cookie{"__Host-curfew-oidc", "curfew-oidc"};

// The value of the cookie of that name in a request (RFC 6265, 4.2.1); empty if there is none.
std::string_view cookie_value(const Request& request, std::string_view name);

// Which requests of other sites' pages it goes with: none at all, or those that lead the browser here.
enum class SameSite { strict, lax };

struct Cookie {
    CookieName name;
    Secret value;
    std::chrono::seconds lifetime{};  // none: forget it
    SameSite same_site = SameSite::strict;
};
// Has the browser keep it, out of reach of scripts. `public_url`, as config::Api's: where a proxy in front
// does TLS, the browser is told to send it over TLS alone.
void set_cookie(Response& response, const Request& request, const Peer& peer, std::string_view public_url,
                const Cookie& cookie);

}  // namespace curfew::api

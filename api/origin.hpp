// Where a request over TCP comes from, as far as a browser can be trusted to say: what keeps other people's
// pages from using somebody's browser against the API.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/http_types.hpp"

namespace curfew::api {

// `host` and `host:port` taken apart; of an IPv6 address without its brackets. nullopt: it is neither.
struct Authority {
    std::string host;  // in lower case
    std::string port;  // empty: none given
};
std::optional<Authority> parse_authority(std::string_view text);

// Scheme and authority of a URL: `https://curfew.example.com` of whatever stands below it. Empty: it is no
// URL.
std::string origin_of(std::string_view url);

// Whether the Host header names this server: by an IP address, as `localhost`, or as the host of `public_url`
// does. A page whose own name was made to lead here (DNS rebinding) sends that name.
bool names_this_server(const Request& request, std::string_view public_url);

enum class Site {
    same,     // the browser says that one of this server's own pages sends it
    other,    // the browser says that somebody else's does
    unknown,  // nobody says anything: not a browser, or a very old one
};
// By Sec-Fetch-Site (W3C Fetch Metadata), or else by Origin, compared with `public_url` and with the Host
// that was asked.
Site site_of(const Request& request, const Peer& peer, std::string_view public_url);

}  // namespace curfew::api

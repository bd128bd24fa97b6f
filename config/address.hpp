// What an address means: who can reach it, and what it overlaps with.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/config.hpp"

namespace curfew::config {

bool is_wildcard(const Endpoint& endpoint);  // 0.0.0.0, [::]
bool is_loopback(const Endpoint& endpoint);  // 127.0.0.0/8, [::1], localhost

// True if both cannot be listened on at once: the same, or one is all addresses of the other's kind. An
// address that could not be read overlaps with nothing.
bool overlap(const Endpoint& a, const Endpoint& b);

// nullopt if `url` is https://HOST or https://HOST:PORT (http for this machine alone), with a path, or a path
// and a query, where that is allowed, and with nothing else; else what is wrong with it.
enum class UrlPath { refused, allowed, with_query };
std::optional<std::string> wrong_url(std::string_view url, UrlPath path);

}  // namespace curfew::config

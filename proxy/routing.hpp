// Which resource, and which of its databases, a client means.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "config/config.hpp"
#include "protocol/postgres/startup.hpp"
#include "proxy/refusal.hpp"

namespace curfew::proxy {

struct Route {
    std::string resource;  // exists in the configuration
    std::string database;  // allowed by it; what PostgreSQL is asked for
};

struct NoRoute {
    Refusal refusal;
    std::string resource;  // the one that was meant; empty if there is none of that name
};

// By the listener, where that is for one resource: the client's database is the resource's. Else by the
// client's `database`: `prod-postgres`, or `prod-postgres/orders` for one database of it. Pure.
std::variant<Route, NoRoute> find_route(const postgres::StartupMessage& startup,
                                        const std::optional<std::string>& listener_resource,
                                        const config::Config& config);

}  // namespace curfew::proxy

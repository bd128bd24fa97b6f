#include "proxy/routing.hpp"

#include <utility>

#include "base/text.hpp"

namespace curfew::proxy {
namespace {

// SQLSTATE invalid_catalog_name: what PostgreSQL says of a database that does not exist.
constexpr std::string_view no_such_database = "3D000";

Refusal unknown_resource(std::string_view name) {
    return refuse(
        no_such_database, "there is no resource \"" + printable(name) + "\" here", "unknown_resource", {},
        "Name the resource as the database: dbname=RESOURCE, or dbname=RESOURCE/DATABASE for one of "
        "its databases.");
}

}  // namespace

std::variant<Route, NoRoute> find_route(const postgres::StartupMessage& startup,
                                        const std::optional<std::string>& listener_resource,
                                        const config::Config& config) {
    // PostgreSQL's own default for a database that is not named.
    const std::string named = startup.database.empty() ? startup.user : startup.database;
    Route route;
    if (listener_resource) {
        route = {*listener_resource, named};
    } else {
        const std::size_t slash = named.find('/');
        route.resource = named.substr(0, slash);
        if (slash != std::string::npos) route.database = named.substr(slash + 1);
    }
    const config::Resource* resource = config.find_resource(route.resource);
    if (resource == nullptr) return NoRoute{unknown_resource(route.resource), {}};
    if (route.database.empty()) route.database = resource->default_database;
    // Physical replication is for the whole cluster; its clients name a database that means nothing.
    if (startup.replication != postgres::Replication::physical &&
        !resource->allows_database(route.database)) {
        Refusal refusal = refuse(no_such_database,
                                 "resource \"" + route.resource + "\" has no database \"" +
                                     printable(route.database) + "\" that may be opened through Curfew",
                                 "database_not_allowed", {},
                                 "An administrator can add it to the resource's list of databases.");
        return NoRoute{std::move(refusal), std::move(route.resource)};
    }
    return route;
}

}  // namespace curfew::proxy

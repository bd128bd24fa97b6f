// Where a store in PostgreSQL is, and how libpq is told to reach it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "pq/connection.hpp"

namespace curfew::store {

// One server to try, and as whom.
struct PostgresServer {
    std::string name;  // `db1:5432`, for messages
    pq::Parameters parameters;
};

// libpq tries the servers of a connection string one after the other, but bounds none of them when it must
// not block; so they are taken apart here, and each is tried for its own time.
struct PostgresTarget {
    std::vector<PostgresServer> servers;  // at least one
    std::string database;
    std::optional<Secret> password;
    Duration connect_timeout = std::chrono::seconds{2};  // of each server
    Duration statement_timeout = std::chrono::seconds{5};

    std::string name() const;  // `curfew on db1:5432, db2:5432`
};

// Reads a connection string of libpq's (a URI, or keywords and values), with what a `service` in it stands
// for in libpq's file of services. `application` is what pg_stat_activity shows. Only primaries are taken,
// whatever the string says. invalid: it cannot be read, or it holds a password, which belongs into a file of
// its own.
Result<PostgresTarget> read_postgres_target(const std::string& connection_string,
                                            std::optional<Secret> password, std::string_view application);

}  // namespace curfew::store

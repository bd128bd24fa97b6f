// Stores in a real PostgreSQL, one database for each test.
#pragma once

#include <memory>
#include <string>

#include "store/postgres/postgres_store.hpp"
#include "support/pg_connection.hpp"
#include "support/postgres_cluster.hpp"

namespace curfew::test {

// An empty database of its own, dropped at the end.
class PostgresDatabase {
public:
    explicit PostgresDatabase(const std::string& model = "template0");
    ~PostgresDatabase();
    PostgresDatabase(const PostgresDatabase&) = delete;
    PostgresDatabase& operator=(const PostgresDatabase&) = delete;

    const std::string& name() const noexcept { return name_; }
    store::PostgresTarget target() const;
    void execute(const std::string& sql) const;
    std::string value(const std::string& sql) const;
    // Leaves it, so that it can be a model.
    void leave() { connection_.reset(); }

private:
    PgConnection& connection() const;

    std::string name_;
    mutable std::unique_ptr<PgConnection> connection_;
};

// The cluster that they are all in.
PostgresCluster& store_cluster();

}  // namespace curfew::test

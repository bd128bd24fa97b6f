// Looks at a database from outside, with a superuser's connection of its own.
#pragma once

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "support/history.hpp"
#include "support/postgres_cluster.hpp"

namespace curfew::test {

// Whoever works there names the grant as its application_name, and leaves a row in the table `commits`
// (grant_id, user_name, node) with each transaction.
class Observer {
public:
    // Makes the table, and watches pg_stat_activity from here on, also across restarts of `cluster`, which
    // outlives it. Only what roles do whose names match `roles` (SQL's LIKE) counts.
    Observer(PostgresCluster& cluster, std::string roles);
    ~Observer();
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;

    // Ends the watching. Each backend as it was seen last.
    std::vector<Sight> backends();
    // Every row that is there, with the time of its commit.
    std::vector<Sight> commits();

private:
    void watch();
    void look(PgConnection& connection);

    PostgresCluster& cluster_;
    const std::string roles_;
    const std::string conninfo_;
    std::map<std::string, Sight> seen_;  // by pid and start
    std::atomic<bool> over_ = false;
    std::thread thread_;
};

}  // namespace curfew::test

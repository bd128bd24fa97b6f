#include "support/observer.hpp"

#include <utility>

namespace curfew::test {
namespace {

WallTime wall_time(const std::string& microseconds) {
    return WallTime{std::chrono::microseconds{std::stoll(microseconds)}};
}

}  // namespace

Observer::Observer(PostgresCluster& cluster, std::string roles)
    : cluster_{cluster}, roles_{std::move(roles)}, conninfo_{cluster.conninfo()} {
    cluster_.sql(
        "CREATE TABLE commits (number bigint GENERATED ALWAYS AS IDENTITY, grant_id text, user_name text "
        "DEFAULT session_user, node text);"
        "GRANT INSERT ON commits TO PUBLIC");
    thread_ = std::thread{[this] { watch(); }};
}

Observer::~Observer() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
}

void Observer::watch() {
    while (!over_) {
        try {
            PgConnection connection{conninfo_};
            while (!over_)
                look(connection);
        } catch (const PgError&) {
            // It is being killed, or comes up.
        }
    }
}

// A round trip takes as long as the pause that it has the server make.
void Observer::look(PgConnection& connection) {
    const PgResult rows = connection.exec(
        "SELECT pid || ' ' || backend_start, application_name, usename, "
        "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint) FROM pg_stat_activity "
        "WHERE usename LIKE '" +
        roles_ + "' AND application_name LIKE 'g-%'");
    for (int row = 0; row < rows.rows(); ++row) {
        const std::string application = rows.value(row, 1);  // `g-7k3mq9xd gate-1`
        const std::size_t blank = application.find(' ');
        seen_[rows.value(row, 0)] = {application.substr(0, blank), rows.value(row, 2),
                                     blank == std::string::npos ? "" : application.substr(blank + 1),
                                     wall_time(rows.value(row, 3)), "the backend"};
    }
    connection.exec("SELECT pg_sleep(0.025)");
}

std::vector<Sight> Observer::backends() {
    over_ = true;
    thread_.join();
    std::vector<Sight> sights;
    for (const auto& [backend, sight] : seen_)
        sights.push_back(sight);
    return sights;
}

std::vector<Sight> Observer::commits() {
    PgConnection connection{conninfo_};
    const PgResult rows = connection.exec(
        "SELECT grant_id, user_name, node, "
        "CAST(extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000 AS bigint) FROM commits");
    std::vector<Sight> sights;
    for (int row = 0; row < rows.rows(); ++row) {
        sights.push_back({rows.value(row, 0), rows.value(row, 1), rows.value(row, 2),
                          wall_time(rows.value(row, 3)), "a commit"});
    }
    return sights;
}

}  // namespace curfew::test

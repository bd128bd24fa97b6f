#include "store/sql/nodes.hpp"

#include <chrono>
#include <string_view>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "store/sql/request_rows.hpp"

namespace curfew::store {
namespace {

using namespace std::chrono_literals;

// How long people can look up what became of a node that never came back.
constexpr Duration forgotten_after = 24h;

Error name_taken(const NodeReport& report, const std::string& address, Duration seen_ago) {
    return {ErrorCode::conflict,
            "Node name '" + printable(report.name) + "' belongs to another curfewd, at " +
                printable(address) + ", which was heard " + format_duration(seen_ago) +
                " ago; let `node` in the configuration name each node differently, or stop that one"};
}

// The error: somebody else has the name. True: it is this process's already.
Result<bool> has_name(Connection& connection, const StoreTime& now, const NodeReport& report,
                      const std::optional<std::string>& dead_instance) {
    Query holder{connection,
                 "SELECT instance, address, seen_at_ms, lease_ends_at_ms FROM nodes WHERE name = ?",
                 report.name};
    if (!holder.next()) return false;
    const std::string instance = holder.text(0);
    if (instance == report.instance) return true;
    const bool over = holder.instant(3) <= now.in_milliseconds();
    if (over || instance == dead_instance) return false;
    const Duration seen_ago = now.in_milliseconds() - holder.instant(2);
    return name_taken(report, holder.text(1), std::chrono::floor<std::chrono::seconds>(seen_ago));
}

void forget_the_long_gone(Connection& connection, const StoreTime& now) {
    const WallInstant before =
        now.in_milliseconds() - std::chrono::duration_cast<WallInstant::duration>(forgotten_after);
    Query{connection,
          "DELETE FROM nodes WHERE lease_ends_at_ms < ? AND NOT EXISTS "
          "(SELECT 1 FROM sessions WHERE sessions.node = nodes.name AND state <> 'ended')",
          before}
        .run();
}

bool are_orphans(Connection& connection, const StoreTime& now) {
    return Query{connection,
                 "SELECT 1 FROM nodes WHERE orphans_from_ms <= ? AND EXISTS "
                 "(SELECT 1 FROM sessions WHERE sessions.node = nodes.name AND state <> 'ended') LIMIT 1",
                 now.in_milliseconds()}
        .next();
}

WallInstant after(const StoreTime& now, Duration duration) {
    return now.in_milliseconds() + std::chrono::floor<WallInstant::duration>(duration);
}

}  // namespace

Result<NodeStanding> note_living_node(Connection& connection, const StoreTime& now, const NodeReport& report,
                                      const std::optional<std::string>& dead_instance) {
    const Result<bool> known = has_name(connection, now, report, dead_instance);
    if (!known) return known.error();
    if (*known) {
        Query{connection,
              "UPDATE nodes SET version = ?, address = ?, resources = ?, sessions = ?, seen_at_ms = ?, "
              "lease_ends_at_ms = ?, orphans_from_ms = ? WHERE name = ?",
              report.version,
              report.address,
              to_json(report.resources),
              std::uint64_t{report.sessions},
              now.in_milliseconds(),
              after(now, report.lease),
              after(now, report.sessions_over_within),
              report.name}
            .run();
    } else {
        forget_the_long_gone(connection, now);
        Query{connection, "DELETE FROM nodes WHERE name = ?", report.name}.run();
        Query{connection,
              "INSERT INTO nodes (name, instance, version, address, resources, sessions, started_at_ms, "
              "seen_at_ms, lease_ends_at_ms, orphans_from_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
              report.name,
              report.instance,
              report.version,
              report.address,
              to_json(report.resources),
              std::uint64_t{report.sessions},
              now.in_milliseconds(),
              now.in_milliseconds(),
              after(now, report.lease),
              after(now, report.sessions_over_within)}
            .run();
    }
    return NodeStanding{are_orphans(connection, now)};
}

void forget_other_nodes(Connection& connection, const NodeReport& report) {
    Query{connection, "DELETE FROM nodes WHERE instance <> ?", report.instance}.run();
}

Result<void> note_leaving_node(Connection& connection, const StoreTime& now, const std::string& name,
                               const std::string& instance) {
    const bool left_something =
        Query{connection, "SELECT 1 FROM sessions WHERE node = ? AND state <> 'ended' LIMIT 1", name}.next();
    if (left_something) {
        Query{connection,
              "UPDATE nodes SET sessions = 0, lease_ends_at_ms = ?, orphans_from_ms = ? "
              "WHERE name = ? AND instance = ?",
              now.in_milliseconds(),
              now.in_milliseconds(),
              name,
              instance}
            .run();
    } else {
        Query{connection, "DELETE FROM nodes WHERE name = ? AND instance = ?", name, instance}.run();
    }
    return {};
}

Result<std::vector<NodeRecord>> list_nodes(Connection& connection, const StoreTime& now) {
    Query rows{connection,
               "SELECT name, instance, version, address, resources, sessions, started_at_ms, seen_at_ms, "
               "lease_ends_at_ms FROM nodes ORDER BY name"};
    std::vector<NodeRecord> nodes;
    while (rows.next()) {
        NodeRecord node;
        node.name = rows.text(0);
        node.instance = rows.text(1);
        node.version = rows.text(2);
        node.address = rows.text(3);
        node.resources = names_in_json(rows.text(4), node.name);
        node.sessions = static_cast<std::size_t>(rows.integer(5));
        node.started_at = rows.instant(6);
        node.seen_at = rows.instant(7);
        node.seen_ago = now.in_milliseconds() - node.seen_at;
        node.lease_left = rows.instant(8) - now.in_milliseconds();
        nodes.push_back(std::move(node));
    }
    return nodes;
}

Result<FleetCount> count_fleet(Connection& connection, const StoreTime& now) {
    FleetCount count;
    Query nodes{connection,
                "SELECT COUNT(*), COALESCE(SUM(CASE WHEN lease_ends_at_ms <= ? THEN 1 ELSE 0 END), 0) "
                "FROM nodes",
                now.in_milliseconds()};
    nodes.next();
    count.gone = static_cast<std::size_t>(nodes.integer(1));
    count.up = static_cast<std::size_t>(nodes.integer(0)) - count.gone;
    if (count.gone == 0) return count;
    Query orphans{connection,
                  "SELECT COUNT(*), MIN(nodes.orphans_from_ms) FROM nodes "
                  "JOIN sessions ON sessions.node = nodes.name AND sessions.state <> 'ended' "
                  "WHERE nodes.orphans_from_ms <= ?",
                  now.in_milliseconds()};
    orphans.next();
    count.orphans = static_cast<std::size_t>(orphans.integer(0));
    if (count.orphans > 0) count.oldest_orphan = now.in_milliseconds() - orphans.instant(1);
    return count;
}

}  // namespace curfew::store

// Nodes, and sessions across them.
#include <utility>

#include "store/sql/ask.hpp"
#include "store/sql/nodes.hpp"
#include "store/sql/sessions.hpp"
#include "store/sql/sql_store.hpp"

namespace curfew::store {

Awaitable<Result<NodeStanding>> SqlStore::announce_node(NodeReport report,
                                                        std::optional<std::string> dead_instance,
                                                        Others others) {
    auto work = [report = std::move(report), dead = std::move(dead_instance), others](Connection& connection,
                                                                                      const StoreTime& now) {
        if (others == Others::impossible) forget_other_nodes(connection, report);
        return note_living_node(connection, now, report, dead);
    };
    return ask_to_write(writer(), "node_lives", std::move(work));
}

Awaitable<Result<NodeStanding>> SqlStore::node_lives(NodeReport report,
                                                     std::optional<std::string> dead_instance) {
    return announce_node(std::move(report), std::move(dead_instance), Others::possible);
}

Awaitable<Result<void>> SqlStore::node_leaves(std::string name, std::string instance) {
    auto work = [name = std::move(name), instance = std::move(instance)](Connection& connection,
                                                                         const StoreTime& now) {
        return note_leaving_node(connection, now, name, instance);
    };
    return ask_to_write(writer(), "node_leaves", std::move(work));
}

Awaitable<Result<std::vector<NodeRecord>>> SqlStore::nodes() {
    auto work = [](Connection& connection, const StoreTime& now) { return list_nodes(connection, now); };
    return ask_to_read(reader(), "nodes", std::move(work));
}

Awaitable<Result<FleetCount>> SqlStore::count_fleet() {
    auto work = [](Connection& connection, const StoreTime& now) {
        return store::count_fleet(connection, now);
    };
    return ask_to_read(reader(), "count_fleet", std::move(work));
}

Awaitable<Result<std::vector<SessionRecord>>> SqlStore::claim_orphans(std::string by,
                                                                      std::vector<std::string> resources,
                                                                      Duration at_most) {
    auto work = [by = std::move(by), resources = std::move(resources), at_most](Connection& connection,
                                                                                const StoreTime& now) {
        return claim_orphaned_sessions(connection, now, by, resources, at_most);
    };
    return ask_to_write(writer(), "claim_orphans", std::move(work));
}

Awaitable<Result<std::vector<LiveSession>>> SqlStore::live_sessions() {
    auto work = [](Connection& connection, const StoreTime& now) {
        return list_live_sessions(connection, now);
    };
    return ask_to_read(reader(), "live_sessions", std::move(work));
}

Awaitable<Result<SessionRecord>> SqlStore::find_session(SessionId id) {
    auto work = [id = std::move(id)](Connection& connection, const StoreTime&) {
        return find_session_record(connection, id);
    };
    return ask_to_read(reader(), "find_session", std::move(work));
}

Awaitable<Result<SessionRecord>> SqlStore::ask_to_end_session(SessionId id, Actor by) {
    auto work = [id = std::move(id), by = std::move(by)](Connection& connection, const StoreTime& now) {
        return ask_for_session_end(connection, now, id, by);
    };
    return ask_to_write(writer(), "ask_to_end_session", std::move(work));
}

}  // namespace curfew::store

// Nodes in the store. Everything here runs inside a transaction of its caller's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/nodes.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As NodeStore's functions promise, at `now`. These throw what the connection explains where the database
// fails, and std::runtime_error where a row cannot be understood.
namespace curfew::store {

Result<NodeStanding> note_living_node(Connection& connection, const StoreTime& now, const NodeReport& report,
                                      const std::optional<std::string>& dead_instance);
// Of a store that is one node's alone: all others are dead.
void forget_other_nodes(Connection& connection, const NodeReport& report);
Result<void> note_leaving_node(Connection& connection, const StoreTime& now, const std::string& name,
                               const std::string& instance);
Result<std::vector<NodeRecord>> list_nodes(Connection& connection, const StoreTime& now);
Result<FleetCount> count_fleet(Connection& connection, const StoreTime& now);

}  // namespace curfew::store

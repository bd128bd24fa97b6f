// Rows of deliveries. Everything here runs inside a transaction of its caller's.
#pragma once

#include "base/result.hpp"
#include "store/deliveries.hpp"
#include "store/sql/connection.hpp"

// In the order in which read_delivery() takes them.
#define CURFEW_DELIVERY_COLUMNS                                                                         \
    "seq, id, notifier, recipient, kind, subject, event, content, state, created_at_ms, wanted_at_ms, " \
    "due_at_ms, attempts, problem, receipt, claimed_by "

namespace curfew::store {

// Throws std::runtime_error where somebody changed the row by hand.
Delivery read_delivery(const Query& row);
// not_found: there is no such delivery.
Result<Delivery> find_delivery(Connection& connection, const DeliveryId& id);

}  // namespace curfew::store

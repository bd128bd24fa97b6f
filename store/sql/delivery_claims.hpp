// Deliveries in the store as they are sent: claimed by a node, and finished by it. Everything here runs
// inside a transaction of its caller's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/deliveries.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As the functions of DeliveryStore promise, at `now`. These throw what the connection explains where the
// database fails, and std::runtime_error where a row cannot be understood.
namespace curfew::store {

Result<std::vector<ClaimedDelivery>> claim_deliveries(Connection& connection, const StoreTime& now,
                                                      const std::string& notifier, const std::string& node,
                                                      Duration lease, std::size_t most);
Result<Delivery> finish_delivery(Connection& connection, const StoreTime& now, const DeliveryClaim& claim,
                                 const DeliveryOutcome& outcome);
Result<std::optional<BootInstant>> next_delivery_due(Connection& connection, const StoreTime& now,
                                                     const std::string& notifier);
Result<std::optional<std::string>> receipt_of(Connection& connection, const std::string& notifier,
                                              const std::string& recipient, const std::string& subject);

}  // namespace curfew::store

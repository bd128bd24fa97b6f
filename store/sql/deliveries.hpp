// Deliveries in the store: written, withdrawn, listed and removed. Everything here runs inside a transaction
// of its caller's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/result.hpp"
#include "store/deliveries.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As the functions of DeliveryStore promise, at `now`. These throw what the connection explains where the
// database fails, and std::runtime_error where a row cannot be understood.
namespace curfew::store {

// nullopt: the notifier was never seen.
Result<std::optional<ChainHead>> find_place(Connection& connection, const std::string& notifier);
Result<ChainHead> place_of_notifier(Connection& connection, const std::string& notifier);
Result<std::size_t> take_in_events(Connection& connection, const StoreTime& now, const std::string& notifier,
                                   const ChainHead& from, const ChainHead& to,
                                   const DeliveryChanges& changes);

Result<std::vector<std::string>> recipients_of(Connection& connection, const std::string& notifier,
                                               const std::string& subject);
Result<DeliveryPage> list_deliveries(Connection& connection, const DeliveryFilter& filter, const Page& page);
Result<Delivery> retry_delivery(Connection& connection, const StoreTime& now, const DeliveryId& id,
                                const Actor& by);
Result<std::vector<DeliveryCount>> count_deliveries(Connection& connection, const StoreTime& now);
Result<std::size_t> remove_old_deliveries(Connection& connection, const StoreTime& now, Duration age,
                                          const std::optional<std::string>& notifier);

}  // namespace curfew::store

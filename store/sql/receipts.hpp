// Receipts in the store. Everything here runs inside a transaction of its caller's.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "store/receipts.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As the functions of ReceiptStore of these names promise, at `now`. These throw what the connection explains
// where the database fails, and std::runtime_error where a row cannot be understood.
namespace curfew::store {

Result<std::vector<SessionId>> sessions_without_receipt(Connection& connection, const StoreTime& now,
                                                        const std::string& node, Duration others_after,
                                                        std::size_t limit);
Result<std::size_t> issue_receipts(Connection& connection, const StoreTime& now,
                                   const std::vector<SessionId>& sessions, const WriteReceipt& write);
Result<Receipt> find_receipt(Connection& connection, const SessionId& session);

}  // namespace curfew::store

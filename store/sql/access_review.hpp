// A review of accesses, read from the database. Everything here runs inside a transaction of its caller's.
#pragma once

#include "base/result.hpp"
#include "store/access_review.hpp"
#include "store/sql/connection.hpp"

namespace curfew::store {

// As AccessReviewStore promises. Throws what the connection explains where the database fails, and
// std::runtime_error where a row cannot be understood.
Result<AccessReviewPage> read_access_review(Connection& connection, const StoreTime& now,
                                            const AccessReviewWanted& wanted, const Page& page);

}  // namespace curfew::store

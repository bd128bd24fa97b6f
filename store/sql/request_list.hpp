// Pages of requests from the store, whatever they are narrowed by, at the price of a page.
#pragma once

#include <array>
#include <string_view>

#include "base/result.hpp"
#include "store/requests.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

namespace curfew::store {

// As RequestStore promises. Throws what the connection explains where the database fails, and
// std::runtime_error where a row cannot be understood.
Result<RequestPage> list_requests(Connection& connection, const StoreTime& now, const RequestFilter& filter,
                                  const Page& page);

// What it asks the database for, each by an index that has the requests in their order.
std::array<std::string_view, 5> request_list_queries() noexcept;

}  // namespace curfew::store

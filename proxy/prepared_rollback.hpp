// Rolling back a transaction that its session prepared and left.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "proxy/backend_admin.hpp"

namespace curfew::proxy {

// As BackendAdmin::roll_back says. PostgreSQL takes it in the transaction's own database alone, so this is a
// connection of its own. Awaited on `executor`, which one thread runs; over within seconds.
boost::asio::awaitable<Result<void>> roll_back_prepared(boost::asio::any_io_executor executor,
                                                        config::Resource resource,
                                                        BackendAdmin::PreparedTransaction transaction,
                                                        Duration connect_timeout);

}  // namespace curfew::proxy

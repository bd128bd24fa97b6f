// The addresses that a configured endpoint stands for.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "proxy/stream.hpp"
#include "proxy/time_limit.hpp"

namespace curfew::proxy {

// At least one, in the order to try them in. Only a name takes time: it is looked up on a thread of Asio's,
// which cannot be stopped; past `deadline` it is left behind, touching nothing of the caller's. invalid: the
// path of the socket is too long; unavailable: the name has no address, or none was found in time; conflict:
// cancelled.
boost::asio::awaitable<Result<std::vector<Stream::Endpoint>>> look_up(boost::asio::any_io_executor executor,
                                                                      config::Endpoint endpoint,
                                                                      SteadyInstant deadline);

}  // namespace curfew::proxy

#include "proxy/run_on.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace curfew::proxy {

namespace asio = boost::asio;

asio::awaitable<void> run_on(asio::any_io_executor executor, asio::awaitable<void> task) {
    co_await asio::co_spawn(executor, std::move(task),
                            asio::bind_cancellation_slot(asio::cancellation_slot{}, asio::use_awaitable));
}

}  // namespace curfew::proxy

#include "support/awaiting.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <stdexcept>

namespace curfew::test::detail {

void spawn(const boost::asio::any_io_executor& executor, boost::asio::awaitable<void> task,
           boost::asio::cancellation_slot slot) {
    boost::asio::co_spawn(executor, std::move(task),
                          boost::asio::bind_cancellation_slot(slot, boost::asio::detached));
}

void run_one(boost::asio::io_context& context, std::chrono::steady_clock::time_point deadline) {
    context.restart();
    if (context.run_one_until(deadline) == 0) throw std::runtime_error("a task did not end in time");
}

}  // namespace curfew::test::detail

#include "proxy/clients_first.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace curfew::proxy {

namespace asio = boost::asio;

void UntoldClients::told() {
    if (count_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    const std::lock_guard lock{mutex_};
    for (ClientsFirst* thread : threads_)
        asio::post(thread->timer_.get_executor(), [thread] { thread->timer_.cancel(); });
}

ClientsFirst::ClientsFirst(const asio::any_io_executor& executor, UntoldClients& untold)
    : untold_{untold}, timer_{executor} {
    const std::lock_guard lock{untold_.mutex_};
    untold_.threads_.insert(this);
}

// What was posted to it by then runs before its thread ends, or never.
ClientsFirst::~ClientsFirst() {
    const std::lock_guard lock{untold_.mutex_};
    untold_.threads_.erase(this);
}

asio::awaitable<void> ClientsFirst::all_told(Duration at_most) {
    // Told to go on from here on, it waits by the time that its thread comes to that.
    if (untold_.count() == 0) co_return;
    if (waiting_++ == 0) timer_.expires_after(at_most);
    co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
    --waiting_;
}

}  // namespace curfew::proxy

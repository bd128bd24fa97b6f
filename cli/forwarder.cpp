#include "cli/forwarder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "cli/forwarded_connection.hpp"

namespace curfew::cli {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto pause_after_failure = 100ms;

// Passing, or for good: out of descriptors, say, or closed.
asio::awaitable<void> pause(const asio::any_io_executor& executor) {
    asio::steady_timer timer{executor, pause_after_failure};
    co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

GrantPassword::Issue GrantPassword::current() const {
    const std::lock_guard lock{mutex_};
    return issue_;
}

Outcome<GrantPassword::Issue> GrantPassword::newer_than(unsigned refused) {
    // One at a time: the second would make the first's worthless.
    const std::lock_guard one_at_a_time{renewing_};
    auto issue = current();
    if (issue.number != refused) return issue;
    auto password = renew_();
    if (!password) return password.error();
    const std::lock_guard lock{mutex_};
    issue_ = Issue{std::move(*password), refused + 1};
    return issue_;
}

Outcome<std::unique_ptr<Forwarder>> Forwarder::start(Settings settings) {
    auto tls = make_proxy_tls(settings.target);
    if (!tls) return tls.error();
    std::unique_ptr<Forwarder> forwarder{new Forwarder{std::move(settings), std::move(*tls)}};
    auto listener = LocalListener::open(forwarder->io_.get_executor(), forwarder->settings_.address);
    if (!listener) return listener.error();
    forwarder->listener_ = std::move(*listener);
    asio::co_spawn(forwarder->io_, forwarder->serve(), asio::detached);
    forwarder->thread_ = std::thread{[self = forwarder.get()] { self->io_.run(); }};
    return forwarder;
}

Forwarder::~Forwarder() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
}

void Forwarder::stop_listening() {
    asio::post(io_, [this] { listener_->close(); });
}

asio::awaitable<void> Forwarder::serve() {
    const ForwardedConnection::Setting setting{settings_.target, tls_, settings_.password, connections_,
                                               waiters_};
    while (listener_->is_open()) {
        std::optional<StreamSocket> client;
        try {
            client = co_await listener_->accept();
        } catch (const boost::system::system_error&) {
            // Below: nothing can be awaited here.
        }
        if (client) {
            ForwardedConnection::start(io_.get_executor(), std::move(*client), setting);
        } else if (listener_->is_open()) {
            co_await pause(io_.get_executor());
        }
    }
}

}  // namespace curfew::cli

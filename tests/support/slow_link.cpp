#include "support/slow_link.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <memory>
#include <string>

#include "support/timing.hpp"

namespace curfew::test {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

// What is under way in one direction; empty text: the end.
struct Parcel {
    Instant due;
    std::string text;
};

}  // namespace

// One direction of a connection. The two directions share the sockets.
struct SlowLink::Passage {
    Passage(std::shared_ptr<Socket> from_, std::shared_ptr<Socket> to_)
        : from{std::move(from_)}, to{std::move(to_)}, changed{from->get_executor(), Instant::max()} {}

    std::shared_ptr<Socket> from;
    std::shared_ptr<Socket> to;
    std::deque<Parcel> under_way;
    asio::steady_timer changed;  // cancelled when a parcel was added
    Instant free_at{};           // when what was taken so far has passed at the link's rate
};

SlowLink::SlowLink(const std::string& address, std::uint16_t port, Pace pace)
    : latency_ms_{pace.latency.count()},
      bytes_per_second_{pace.bytes_per_second},
      target_{asio::ip::make_address(address), port},
      acceptor_{loop_, tcp::endpoint{asio::ip::address_v4::loopback(), 0}},
      port_{acceptor_.local_endpoint().port()} {
    asio::co_spawn(loop_, accept(), asio::detached);
    thread_ = std::thread{[this] { loop_.run(); }};
}

SlowLink::~SlowLink() {
    loop_.stop();
    thread_.join();
}

void SlowLink::set(Pace pace) {
    latency_ms_ = pace.latency.count();
    bytes_per_second_ = pace.bytes_per_second;
}

asio::awaitable<void> SlowLink::accept() {
    for (;;) {
        auto accepting = acceptor_.async_accept(as_result);
        auto [error, client] = co_await std::move(accepting);
        if (error) co_return;
        asio::co_spawn(loop_, carry(std::move(client)), asio::detached);
    }
}

asio::awaitable<void> SlowLink::carry(Socket client) {
    const auto near = std::make_shared<Socket>(std::move(client));
    const auto far = std::make_shared<Socket>(loop_);
    const auto [error] = co_await far->async_connect(target_, as_result);
    if (error) co_return;
    for (const auto& socket : {near, far})
        socket->set_option(tcp::no_delay{true});
    for (const auto& [from, to] : {std::pair{near, far}, std::pair{far, near}}) {
        const auto passage = std::make_shared<Passage>(from, to);
        // Both keep the passage until they are done.
        asio::co_spawn(loop_, take(*passage), [passage](const std::exception_ptr&) {});
        asio::co_spawn(loop_, give(*passage), [passage](const std::exception_ptr&) {});
    }
}

// A reset is passed on as an end: what was under way before it arrives.
asio::awaitable<void> SlowLink::take(Passage& passage) {
    std::array<char, 16384> buffer{};
    for (bool open = true; open;) {
        const auto [error, size] = co_await passage.from->async_read_some(asio::buffer(buffer), as_result);
        open = !error;
        const std::size_t rate = bytes_per_second_;
        const Instant start = std::max(now(), passage.free_at);
        passage.free_at = start;
        if (rate > 0) passage.free_at += std::chrono::microseconds{size * 1'000'000 / rate};
        passage.under_way.push_back(
            {passage.free_at + std::chrono::milliseconds{latency_ms_}, std::string(buffer.data(), size)});
        passage.changed.cancel();
    }
}

asio::awaitable<void> SlowLink::give(Passage& passage) {
    for (;;) {
        if (passage.under_way.empty()) {
            co_await passage.changed.async_wait(as_result);
            continue;
        }
        const Parcel parcel = std::move(passage.under_way.front());
        passage.under_way.pop_front();
        asio::steady_timer due{loop_, parcel.due};
        co_await due.async_wait(as_result);
        boost::system::error_code ignored;  // the other side has gone
        if (parcel.text.empty()) {
            passage.to->shutdown(Socket::shutdown_send, ignored);
            co_return;
        }
        const auto [error, size] =
            co_await asio::async_write(*passage.to, asio::buffer(parcel.text), as_result);
        if (error) {
            passage.from->close(ignored);
            co_return;
        }
    }
}

}  // namespace curfew::test

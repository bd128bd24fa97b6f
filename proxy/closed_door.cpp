#include "proxy/closed_door.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "proxy/client_texts.hpp"
#include "proxy/farewell.hpp"
#include "proxy/greeting.hpp"
#include "proxy/listeners.hpp"
#include "proxy/time_limit.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// Between two tries where the system gives no more descriptors or memory for a connection.
constexpr auto pause_without_descriptors = 50ms;
// For a client to take what it is told.
constexpr Duration told_within = 5s;

}  // namespace

ClosedDoor::ClosedDoor(asio::any_io_executor control, const Clock& clock, metrics::Metrics& metrics,
                       const config::Config& config)
    : control_{std::move(control)},
      clock_{clock},
      metrics_{metrics},
      listeners_{config.listeners},
      most_at_a_time_{config.limits.half_open},
      patience_{config.timeouts.handshake},
      timer_{control_, clock},
      tasks_{control_} {}

ClosedDoor::~ClosedDoor() = default;

Result<ListeningSocket> ClosedDoor::listen(const config::Listener& listener,
                                           const std::vector<InheritedSocket>& inherited) const {
    const auto found = find_inherited(inherited, listener.name, listeners_.size() == 1);
    if (found != inherited.end()) {
        const int own = ::fcntl(found->descriptor, F_DUPFD_CLOEXEC, 0);
        if (own >= 0) return ListeningSocket::adopt(own);
    }
    return open_for_clients(listener.address, PortSharing::exclusive);
}

Result<void> ClosedDoor::open(const std::vector<InheritedSocket>& inherited) {
    std::vector<ListeningSocket> sockets;
    std::map<std::string, TlsContext> tls;
    for (const config::Listener& listener : listeners_) {
        if (listener.tls.mode != config::ClientTls::disable) {
            auto context = make_server_context(listener.tls);
            if (!context) return context.error();
            tls.emplace(listener.name, std::move(*context));
        }
        auto socket = listen(listener, inherited);
        if (!socket) return socket.error();
        sockets.push_back(std::move(*socket));
    }
    sockets_ = std::move(sockets);
    tls_ = std::move(tls);
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
        const int own = ::fcntl(sockets_[i].descriptor(), F_DUPFD_CLOEXEC, 0);
        if (own < 0) return Error{ErrorCode::unavailable, "cannot duplicate a listening socket"};
        auto acceptor = std::make_shared<Acceptor>(
            control_, asio::generic::stream_protocol{sockets_[i].family(), 0}, own);
        acceptors_.push_back(acceptor);
        tasks_.spawn(accept_all(listeners_[i], std::move(acceptor)));
        log::info("listener.refusing",
                  {{"listener", listeners_[i].name}, {"address", config::to_string(sockets_[i].address())}});
    }
    return {};
}

void ClosedDoor::close() {
    for (const auto& acceptor : acceptors_)
        acceptor->close();
    acceptors_.clear();
    sockets_.clear();
}

asio::awaitable<void> ClosedDoor::leave() {
    for (Stream* client : clients_)
        client->interrupt();
    co_await tasks_.join();
}

asio::awaitable<void> ClosedDoor::accept_all(config::Listener listener, std::shared_ptr<Acceptor> acceptor) {
    const auto as_result = asio::as_tuple(asio::use_awaitable);
    while (acceptor->is_open()) {
        auto [error, socket] = co_await acceptor->async_accept(as_result);
        if (!error) {
            metrics_.connection_accepted(listener.name);
            if (clients_.size() >= most_at_a_time_) {
                metrics_.connection_dropped("half_open_limit");
                continue;  // and with it the socket goes
            }
            tasks_.spawn(turn_away(listener, Stream{std::move(socket)}));
            continue;
        }
        if (!acceptor->is_open() || error == asio::error::operation_aborted) break;
        if (error == asio::error::connection_aborted) continue;
        log::error("accept.failed", {{"listener", listener.name}, {"error", error.message()}});
        asio::steady_timer pause{control_, pause_without_descriptors};
        co_await pause.async_wait(as_result);
    }
}

// Up to the point at which it can be told, and no further: who it is, is not asked.
asio::awaitable<void> ClosedDoor::turn_away(config::Listener listener, Stream client) {
    clients_.insert(&client);
    const std::string address = client.peer_address();
    std::optional<Greeted> greeted;
    {
        const TimeLimit limit{control_, std::chrono::steady_clock::now() + patience_,
                              [&client] { client.interrupt(); }};
        const auto tls = tls_.find(listener.name);
        auto greeting = greet(client, listener.tls.mode, tls == tls_.end() ? nullptr : tls->second.get());
        greeted.emplace(co_await std::move(greeting));
    }
    std::string words;
    if (std::holds_alternative<postgres::StartupMessage>(*greeted)) {
        Refusal refusal = store_is_away();
        metrics_.admission("", metrics::AdmissionDecision::refused, refusal.reason);
        log::warning("session.refused", {{"listener", listener.name},
                                         {"client", address},
                                         {"user", std::get<postgres::StartupMessage>(*greeted).user},
                                         {"reason", refusal.reason}});
        words = std::move(refusal.bytes);
    } else if (auto* refusal = std::get_if<Refusal>(&*greeted)) {
        metrics_.connection_dropped(refusal->reason);
        words = std::move(refusal->bytes);
    } else if (const auto* dropped = std::get_if<Dropped>(&*greeted)) {
        metrics_.connection_dropped(dropped->reason);
    }
    if (!words.empty()) {
        std::function<void()> nothing = [] {};
        auto leaving = bid_farewell(client, nullptr, timer_, clock_.boot_now() + told_within,
                                    std::move(words), std::move(nothing));
        co_await std::move(leaving);
    }
    clients_.erase(&client);
}

}  // namespace curfew::proxy

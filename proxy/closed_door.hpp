// What a node's clients find while it cannot know yet whom to let in.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "metrics/metrics.hpp"
#include "proxy/boot_timer.hpp"
#include "proxy/listening_socket.hpp"
#include "proxy/node.hpp"
#include "proxy/stream.hpp"
#include "proxy/task_group.hpp"
#include "proxy/tls_context.hpp"

namespace curfew::proxy {

// Listens where the node will, and tells every client that the store is away (57P03), so that it goes on to
// the next host of its list, or comes again. Belongs to the control thread.
class ClosedDoor {
public:
    // `clock` and `metrics` outlive it.
    ClosedDoor(boost::asio::any_io_executor control, const Clock& clock, metrics::Metrics& metrics,
               const config::Config& config);
    ~ClosedDoor();
    ClosedDoor(const ClosedDoor&) = delete;
    ClosedDoor& operator=(const ClosedDoor&) = delete;

    // The error says what cannot be listened on; nothing is open then. `inherited` stay whose they are. Logs
    // `listener.refusing`.
    Result<void> open(const std::vector<InheritedSocket>& inherited);
    // Listens no more, so that another one can; whoever is in conversation is still told.
    void close();
    // Returns once nobody is in conversation any more; they are interrupted. After close().
    boost::asio::awaitable<void> leave();

private:
    using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

    Result<ListeningSocket> listen(const config::Listener& listener,
                                   const std::vector<InheritedSocket>& inherited) const;
    boost::asio::awaitable<void> accept_all(config::Listener listener, std::shared_ptr<Acceptor> acceptor);
    boost::asio::awaitable<void> turn_away(config::Listener listener, Stream client);

    boost::asio::any_io_executor control_;
    const Clock& clock_;
    metrics::Metrics& metrics_;
    const std::vector<config::Listener> listeners_;
    const std::uint32_t most_at_a_time_;
    const Duration patience_;  // with a client that says nothing
    BootTimer timer_;
    TaskGroup tasks_;
    std::map<std::string, TlsContext> tls_;  // by listener
    std::vector<ListeningSocket> sockets_;
    std::vector<std::shared_ptr<Acceptor>> acceptors_;
    std::set<Stream*> clients_;
};

}  // namespace curfew::proxy

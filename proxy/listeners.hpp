// The sockets that a node accepts on, and which worker accepts on which.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/config.hpp"
#include "proxy/listening_socket.hpp"
#include "proxy/node.hpp"
#include "proxy/node_context.hpp"

namespace curfew::proxy {

// The one that the listener of this name is to take; end() if there is none. `only_one`: there is no other
// listener, so that a nameless socket is its.
std::vector<InheritedSocket>::const_iterator find_inherited(const std::vector<InheritedSocket>& inherited,
                                                            const std::string& listener, bool only_one);
// Opens one for clients. `sharing`: of a TCP port.
Result<ListeningSocket> open_for_clients(const config::Endpoint& address, PortSharing sharing);

// Belongs to the control thread. A TCP listener is one socket a worker (SO_REUSEPORT), so that no connection
// changes thread; a Unix socket, and one that was inherited, is shared by all.
class Listeners {
public:
    Listeners(NodeContext& node, std::vector<InheritedSocket> inherited);

    // Opens what `wanted` has and we have not, and closes the others; what stays the same (name and address)
    // is not touched. Where something cannot be opened nothing has changed. Logs `listener.opened` and
    // `listener.closed`.
    boost::asio::awaitable<Result<void>> change_to(std::vector<config::Listener> wanted);
    boost::asio::awaitable<void> close_all();

    std::vector<Node::Opened> opened() const;

private:
    struct Open {
        config::Endpoint asked_for;
        config::Endpoint address;  // as it is
        std::vector<ListeningSocket> sockets;
    };

    Result<Open> open(const config::Listener& listener, bool only_one);
    std::optional<Open> take_inherited(const config::Listener& listener, bool only_one);
    boost::asio::awaitable<void> serve(std::string name, const Open& open);
    boost::asio::awaitable<void> close(std::string name);

    NodeContext& node_;
    std::vector<InheritedSocket> inherited_;
    std::map<std::string, Open> open_;
};

}  // namespace curfew::proxy

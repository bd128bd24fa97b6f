// Whose a connection over the loopback is: anybody on this machine can make one.
#pragma once

#include <sys/types.h>

#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace curfew::cli {

// The owner of the socket at `client` that is connected to `server`, both IPv4, as the kernel knows it;
// nullopt where no process has it any more. The kernel then calls it root's, whoever left it behind.
std::optional<uid_t> owner_of(const boost::asio::ip::tcp::endpoint& client,
                              const boost::asio::ip::tcp::endpoint& server);

// The same from one table: the text of /proc/net/tcp, or of /proc/net/tcp6, where clients that speak both
// (Java's) stand with IPv4 addresses mapped to IPv6.
std::optional<uid_t> owner_in(std::string_view table, const boost::asio::ip::tcp::endpoint& client,
                              const boost::asio::ip::tcp::endpoint& server);

}  // namespace curfew::cli

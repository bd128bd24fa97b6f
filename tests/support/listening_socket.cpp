#include "support/listening_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <system_error>

namespace curfew::test {

ListeningSocket::ListeningSocket() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (!socket_ || ::bind(socket_.get(), raw, size) != 0 || ::listen(socket_.get(), 128) != 0 ||
        ::getsockname(socket_.get(), raw, &size) != 0)
        throw std::system_error(errno, std::generic_category(), "listening on the loopback");
    port_ = ntohs(address.sin_port);
}

}  // namespace curfew::test

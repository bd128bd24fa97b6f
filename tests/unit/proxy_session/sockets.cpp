#include "sockets.hpp"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

namespace curfew::test {

namespace asio = boost::asio;
using proxy::Stream;

namespace {

Stream unix_stream(Loop& loop, int descriptor) {
    return Stream{Stream::Socket{loop.executor(), asio::generic::stream_protocol{AF_UNIX, 0}, descriptor}};
}

// Beyond the system's limit where we may.
void set_send_buffer(int descriptor, int size) {
    if (::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
        ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

std::array<int, 2> socket_pair(int send_buffer) {
    std::array<int, 2> both{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()) != 0)
        throw std::system_error(errno, std::generic_category(), "socketpair");
    for (const int descriptor : both)
        set_send_buffer(descriptor, send_buffer);
    return both;
}

}  // namespace

std::string name_of(Transport transport) {
    return transport == Transport::tls ? "tls" : "plaintext";
}

StreamPair local_pair(Loop& loop, Transport transport, int send_buffer) {
    const std::array<int, 2> both = socket_pair(send_buffer);
    StreamPair pair{unix_stream(loop, both[0]), unix_stream(loop, both[1])};
    if (transport == Transport::tls) {
        static const proxy::TlsContext server = server_context();
        static const proxy::TlsContext client = client_context();
        const Handshake handshake = shake_hands(loop, pair, server.get(), client.get());
        handshake.server.value();
        handshake.client.value();
    }
    return pair;
}

HalfPair flooded_half_pair(Loop& loop) {
    const std::array<int, 2> both = socket_pair(flood_buffer);
    return {unix_stream(loop, both[0]), FileDescriptor{both[1]}};
}

std::size_t stuff(const FileDescriptor& socket) {
    const std::vector<char> bytes(std::size_t{64} * 1024, 'x');
    std::size_t taken = 0;
    for (;;) {
        const ssize_t n = ::send(socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n <= 0) return taken;
        taken += static_cast<std::size_t>(n);
    }
}

std::size_t unread(const FileDescriptor& socket) {
    int bytes = 0;
    if (::ioctl(socket.get(), SIOCOUTQ, &bytes) != 0)
        throw std::system_error(errno, std::generic_category(), "SIOCOUTQ");
    return static_cast<std::size_t>(bytes);
}

asio::awaitable<Stream::Status> read_all(Stream& stream, std::string& into) {
    std::vector<char> buffer(std::size_t{64} * 1024);
    for (;;) {
        const Stream::Outcome outcome = co_await stream.read_some(buffer);
        if (outcome.status != Stream::Status::ok) co_return outcome.status;
        into.append(buffer.data(), outcome.bytes);
    }
}

std::string take(Stream& stream, std::size_t most) {
    std::string taken;
    std::vector<char> buffer(std::size_t{64} * 1024);
    int nothing = 0;  // the first such answer may come without a look at the socket
    while (nothing < 2 && taken.size() < most) {
        const std::size_t wanted = std::min(buffer.size(), most - taken.size());
        const Stream::Outcome outcome = stream.try_read(std::span<char>{buffer}.first(wanted));
        if (outcome.status == Stream::Status::ok) {
            taken.append(buffer.data(), outcome.bytes);
            nothing = 0;
        } else if (outcome.status == Stream::Status::want_read) {
            ++nothing;
        } else {
            break;
        }
    }
    return taken;
}

}  // namespace curfew::test

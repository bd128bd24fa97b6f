#include "sockets.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace curfew::test {

namespace asio = boost::asio;
using proxy::Stream;

namespace {

// Asked for where a socket should hold much; the kernel cuts it at its own limit.
constexpr int much = 8'000'000;

Stream unix_stream(Loop& loop, int descriptor) {
    return Stream{Stream::Socket{loop.executor(), asio::generic::stream_protocol{AF_UNIX, 0}, descriptor}};
}

void widen(int descriptor) {
    for (const int buffer : {SO_SNDBUF, SO_RCVBUF})
        ::setsockopt(descriptor, SOL_SOCKET, buffer, &much, sizeof much);
}

struct TcpPair {
    asio::ip::tcp::socket accepted;
    asio::ip::tcp::socket connected;
};

TcpPair connect_tcp(Loop& loop) {
    const asio::ip::tcp::endpoint loopback{asio::ip::address_v4::loopback(), 0};
    asio::ip::tcp::acceptor acceptor{loop.executor(), loopback};
    widen(acceptor.native_handle());
    asio::ip::tcp::socket connected{loop.executor(), asio::ip::tcp::v4()};
    widen(connected.native_handle());
    connected.connect(acceptor.local_endpoint());
    return {acceptor.accept(), std::move(connected)};
}

}  // namespace

std::string name_of(Transport transport) {
    return transport == Transport::tls ? "tls" : "plaintext";
}

StreamPair local_pair(Loop& loop, Transport transport, int send_buffer) {
    std::array<int, 2> both{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both.data()) != 0)
        throw std::system_error(errno, std::generic_category(), "socketpair");
    for (const int descriptor : both)
        ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
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

StreamPair roomy_pair(Loop& loop) {
    TcpPair pair = connect_tcp(loop);
    return {Stream{Stream::Socket{std::move(pair.accepted)}},
            Stream{Stream::Socket{std::move(pair.connected)}}};
}

HalfPair tcp_half_pair(Loop& loop) {
    TcpPair pair = connect_tcp(loop);
    FileDescriptor other{pair.connected.release()};
    ::fcntl(other.get(), F_SETFL, ::fcntl(other.get(), F_GETFL) & ~O_NONBLOCK);
    return {Stream{Stream::Socket{std::move(pair.accepted)}}, std::move(other)};
}

std::size_t stuff(const FileDescriptor& socket, char byte) {
    const std::vector<char> bytes(std::size_t{64} * 1024, byte);
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

void reset(FileDescriptor& socket) {
    const linger at_once{1, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket.reset();
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

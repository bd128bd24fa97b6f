#include "cli/local_listener.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "cli/loopback_peer.hpp"

namespace curfew::cli {

namespace asio = boost::asio;

namespace {

using Endpoint = asio::generic::stream_protocol::endpoint;

asio::ip::tcp::endpoint tcp_endpoint(const Endpoint& endpoint) {
    asio::ip::tcp::endpoint tcp;
    std::memcpy(tcp.data(), endpoint.data(), std::min(tcp.capacity(), endpoint.size()));
    return tcp;
}

std::string reason(int error) {
    return std::error_code{error, std::generic_category()}.message();
}

// Whether somebody answers at this socket; where nobody does, it was left by a process that is gone.
bool answers(const std::string& path) {
    asio::io_context io;
    asio::local::stream_protocol::socket socket{io};
    boost::system::error_code error;
    (void)socket.connect(asio::local::stream_protocol::endpoint{path}, error);
    return !error;
}

}  // namespace

Outcome<std::unique_ptr<LocalListener>> LocalListener::open(const asio::any_io_executor& executor,
                                                            LocalAddress address) {
    std::unique_ptr<LocalListener> listener{new LocalListener{executor, std::move(address)}};
    if (listener->address_.is_unix()) {
        if (const auto ready = listener->prepare_directory(); !ready) return ready.error();
    }
    if (const auto bound = listener->bind(); !bound) return bound.error();
    return listener;
}

LocalListener::~LocalListener() {
    if (made_socket_) ::unlink(socket_path().c_str());
    if (made_directory_) ::rmdir(address_.directory.c_str());
}

std::string LocalListener::socket_path() const {
    return fmt::format("{}/.s.PGSQL.{}", address_.directory, address_.port);
}

Outcome<void> LocalListener::prepare_directory() {
    const auto* path = address_.directory.c_str();
    made_directory_ = ::mkdir(path, 0700) == 0;
    if (!made_directory_ && errno != EEXIST) {
        return Failure{ExitCode::usage,
                       fmt::format("Cannot make the directory {}: {}", address_.directory, reason(errno))};
    }
    struct stat status {};
    const bool is_private = ::lstat(path, &status) == 0 && S_ISDIR(status.st_mode) &&
                            status.st_uid == ::geteuid() && (status.st_mode & 077U) == 0;
    if (!is_private) {
        return Failure{ExitCode::usage,
                       fmt::format("{0} is not a directory that only you can get at: chmod 700 {0}, or name "
                                   "one that is not there yet",
                                   address_.directory)};
    }
    if (socket_path().size() >= sizeof sockaddr_un::sun_path) {
        return Failure{ExitCode::usage,
                       fmt::format("'{}' is too long for the path of a socket", socket_path())};
    }
    if (::lstat(socket_path().c_str(), &status) == 0 && S_ISSOCK(status.st_mode) && !answers(socket_path()))
        ::unlink(socket_path().c_str());
    return {};
}

Outcome<void> LocalListener::bind() {
    const auto endpoint =
        address_.is_unix()
            ? Endpoint{asio::local::stream_protocol::endpoint{socket_path()}}
            : Endpoint{asio::ip::tcp::endpoint{asio::ip::address_v4::loopback(), address_.port}};
    boost::system::error_code error;
    (void)acceptor_.open(endpoint.protocol(), error);
    if (!error && !address_.is_unix()) {
        (void)acceptor_.set_option(asio::socket_base::reuse_address{true}, error);
    }
    if (!error) (void)acceptor_.bind(endpoint, error);
    if (!error) {
        made_socket_ = address_.is_unix();
        (void)acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
        const auto where = address_.is_unix() ? socket_path() : fmt::format("127.0.0.1:{}", address_.port);
        return Failure{ExitCode::failed,
                       fmt::format("Cannot listen at {}: {}{}", where, error.message(),
                                   address_.is_unix() ? "" : "; --local-port 0 takes any that is free")};
    }
    if (!address_.is_unix()) address_.port = tcp_endpoint(acceptor_.local_endpoint()).port();
    return {};
}

asio::awaitable<StreamSocket> LocalListener::accept() {
    for (;;) {
        StreamSocket client = co_await acceptor_.async_accept(asio::use_awaitable);
        if (!is_own(client)) continue;
        boost::system::error_code ignored;
        if (!address_.is_unix()) (void)client.set_option(asio::ip::tcp::no_delay{true}, ignored);
        co_return client;
    }
}

bool LocalListener::is_own(const StreamSocket& client) const {
    if (address_.is_unix()) return true;  // the directory keeps others out
    boost::system::error_code error;
    const auto from = client.remote_endpoint(error);
    if (error) return false;
    const auto owner = owner_of(tcp_endpoint(from), tcp_endpoint(acceptor_.local_endpoint(error)));
    return owner && (*owner == ::geteuid() || *owner == 0);
}

void LocalListener::close() {
    boost::system::error_code ignored;
    (void)acceptor_.close(ignored);
}

}  // namespace curfew::cli

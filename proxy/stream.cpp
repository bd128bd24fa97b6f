#include "proxy/stream.hpp"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

namespace curfew::proxy {

namespace asio = boost::asio;

namespace {

constexpr auto as_tuple = asio::as_tuple(asio::use_awaitable);

// Of what the caller can do nothing about: a socket that is gone already shows it when next used.
using Ignored = boost::system::error_code;

// `call` makes one attempt, as recv and send do.
template <class Call>
ssize_t without_eintr(Call call) noexcept {
    for (;;) {
        const ssize_t n = call();
        if (n >= 0 || errno != EINTR) return n;
    }
}

bool would_block() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

asio::ip::tcp::endpoint as_tcp(const Stream::Endpoint& endpoint) {
    asio::ip::tcp::endpoint tcp;
    tcp.resize(endpoint.size());
    std::memcpy(tcp.data(), endpoint.data(), endpoint.size());
    return tcp;
}

bool is_tcp(const Stream::Endpoint& endpoint) {
    const int family = endpoint.protocol().family();
    return family == AF_INET || family == AF_INET6;
}

}  // namespace

Stream::Stream(Socket socket) : socket_{std::move(socket)} {
    Ignored ignored;
    socket_.native_non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);  // a Unix socket knows no such thing
}

Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;

Stream::Outcome Stream::try_read(std::span<char> buffer) noexcept {
    if (std::exchange(drained_, false)) return {Status::want_read, 0};
    if (ssl_) return try_read_tls(buffer);
    const int descriptor = socket_.native_handle();
    const ssize_t n =
        without_eintr([&] { return ::recv(descriptor, buffer.data(), buffer.size(), MSG_DONTWAIT); });
    if (n > 0) {
        drained_ = static_cast<std::size_t>(n) < buffer.size();
        return {Status::ok, static_cast<std::size_t>(n)};
    }
    if (n == 0) return {Status::eof, 0};
    if (would_block()) return {Status::want_read, 0};
    note_failure(errno);
    return {Status::failed, 0};
}

Stream::Outcome Stream::try_write(std::string_view bytes) noexcept {
    if (bytes.empty()) return {Status::ok, 0};
    if (ssl_) return try_write_tls(bytes);
    const int descriptor = socket_.native_handle();
    const ssize_t n = without_eintr(
        [&] { return ::send(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL); });
    if (n >= 0) return {Status::ok, static_cast<std::size_t>(n)};
    if (would_block()) return {Status::want_write, 0};
    note_failure(errno);  // who reads next sees nothing but an orderly end
    return {Status::failed, 0};
}

Stream::Awaitable<Stream::Status> Stream::wait(Status status) {
    if (status != Status::want_read && status != Status::want_write) co_return status;
    if (interrupted_) co_return Status::interrupted;
    const bool reading = status == Status::want_read;
    if (reading && may_hold_) co_return Status::ok;
    const auto direction = reading ? Socket::wait_read : Socket::wait_write;
    const auto [error] = co_await socket_.async_wait(direction, as_tuple);
    if (error) co_return status_of(error);
    if (reading) drained_ = false;
    co_return Status::ok;
}

Stream::Awaitable<Stream::Status> Stream::wait_for_input() {
    Status status = Status::want_read;
    while (ssl_) {
        status = try_peek_tls();
        if (status != Status::want_read && status != Status::want_write) co_return Status::ok;
        status = co_await wait(status);
        if (status != Status::ok) co_return status;
    }
    co_return co_await wait(status);
}

// A reactor tells of nothing but bytes while there are some; an epoll of its own tells of the end alone, and
// is itself waited for like a socket.
Stream::Awaitable<Stream::Status> Stream::wait_for_hang_up() {
    if (interrupted_) co_return Status::interrupted;
    hang_up_ = std::make_unique<Watch>(socket_.get_executor());
    auto result = Status::failed;
    if (watch_hang_up(*hang_up_)) {
        const auto [error] = co_await hang_up_->async_wait(Watch::wait_read, as_tuple);
        result = error ? Status::interrupted : Status::ok;
    }
    hang_up_.reset();
    co_return result;
}

bool Stream::watch_hang_up(Watch& watch) noexcept {
    const int descriptor = ::epoll_create1(EPOLL_CLOEXEC);
    if (descriptor < 0) return false;
    boost::system::error_code error;
    watch.assign(descriptor, error);
    if (error) {
        ::close(descriptor);
        return false;
    }
    epoll_event wanted{};
    wanted.events = EPOLLRDHUP;  // and EPOLLHUP and EPOLLERR, which need not be asked for
    return ::epoll_ctl(descriptor, EPOLL_CTL_ADD, socket_.native_handle(), &wanted) == 0;
}

void Stream::call_back_hang_up() noexcept {
    Ignored ignored;
    if (hang_up_) hang_up_->cancel(ignored);
}

// Of errno, where no machine has said that the connection is over.
void Stream::note_failure(int error) noexcept {
    lost_ |= error == ETIMEDOUT || error == EHOSTUNREACH || error == ENETUNREACH || error == EHOSTDOWN ||
             error == ENETDOWN;
}

Stream::Status Stream::status_of(const boost::system::error_code& error) noexcept {
    if (error == asio::error::eof) return Status::eof;
    note_failure(error.value());
    const bool interruption = error == asio::error::operation_aborted && socket_.is_open();
    return interruption ? Status::interrupted : Status::failed;
}

Stream::Awaitable<Stream::Outcome> Stream::read_some(std::span<char> buffer) {
    if (interrupted_) co_return Outcome{Status::interrupted, 0};
    if (!ssl_) {
        const auto read = co_await read_plaintext(buffer);
        co_return read_outcome(read, buffer);
    }
    for (;;) {
        const Outcome outcome = try_read(buffer);
        const Status status = co_await wait(outcome.status);
        if (status != Status::ok || outcome.bytes > 0) co_return Outcome{status, outcome.bytes};
    }
}

Stream::Awaitable<std::tuple<boost::system::error_code, std::size_t>> Stream::read_plaintext(
    std::span<char> buffer) {
    return socket_.async_read_some(asio::buffer(buffer.data(), buffer.size()), as_tuple);
}

Stream::Outcome Stream::read_outcome(const std::tuple<boost::system::error_code, std::size_t>& read,
                                     std::span<char> buffer) noexcept {
    const auto& [error, bytes] = read;
    drained_ = !error && bytes < buffer.size();
    return {error ? status_of(error) : Status::ok, bytes};
}

Stream::Awaitable<Stream::Status> Stream::read_exactly(std::span<char> buffer) {
    while (!buffer.empty()) {
        if (interrupted_) co_return Status::interrupted;
        const Outcome outcome = try_read(buffer);
        const Status status = co_await wait(outcome.status);
        if (status != Status::ok) co_return status;
        buffer = buffer.subspan(outcome.bytes);
    }
    co_return Status::ok;
}

Stream::Awaitable<Stream::Status> Stream::write_all(std::string_view bytes) {
    while (!bytes.empty()) {
        if (interrupted_) co_return Status::interrupted;
        const Outcome outcome = try_write(bytes);
        const Status status = co_await wait(outcome.status);
        if (status != Status::ok) co_return status;
        bytes.remove_prefix(outcome.bytes);
    }
    co_return Status::ok;
}

std::optional<char> Stream::peek() noexcept {
    const int descriptor = socket_.native_handle();
    char byte = 0;
    const ssize_t n = without_eintr([&] { return ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT); });
    return n == 1 ? std::optional{byte} : std::nullopt;
}

void Stream::interrupt() noexcept {
    interrupted_ = true;
    call_back();
}

void Stream::call_back() noexcept {
    Ignored ignored;
    socket_.cancel(ignored);
    call_back_hang_up();
}

void Stream::shutdown_write() noexcept {
    if (ssl_) say_goodbye();
    Ignored ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
}

void Stream::close() noexcept {
    // First: its descriptor number may be somebody else's soon.
    ssl_.reset();
    Ignored ignored;
    socket_.close(ignored);
}

// By SIOCOUTQ or SIOCOUTQNSD; 0 for a Unix socket.
int Stream::queued_bytes(unsigned long which) noexcept {
    Ignored error;
    const bool tcp = socket_.is_open() && is_tcp(socket_.local_endpoint(error));
    int bytes = 0;
    if (!tcp || error || ::ioctl(socket_.native_handle(), which, &bytes) != 0) return 0;
    return bytes;
}

bool Stream::has_undelivered() noexcept {
    return queued_bytes(SIOCOUTQ) > 0;
}

void Stream::reset() noexcept {
    Ignored ignored;
    socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
    close();
}

void Stream::close_for_good(std::chrono::milliseconds at_most) noexcept {
    if (!has_undelivered()) return close();
    const int descriptor = socket_.native_handle();
    tcp_info info{};
    socklen_t size = sizeof info;
    const bool known = ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0;
    const bool stopped = known && (info.tcpi_retransmits > 0 || info.tcpi_backoff > 0);
    if (stopped || queued_bytes(SIOCOUTQNSD) > 0) return reset();
    const auto milliseconds = static_cast<unsigned>(at_most.count());
    (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
    close();
}

std::optional<std::uint16_t> Stream::local_port() const {
    Ignored error;
    const Endpoint endpoint = socket_.local_endpoint(error);
    if (error || !is_tcp(endpoint)) return std::nullopt;
    return as_tcp(endpoint).port();
}

std::optional<Stream::Endpoint> Stream::peer() const {
    Ignored error;
    Endpoint endpoint = socket_.remote_endpoint(error);
    return error ? std::nullopt : std::optional{endpoint};
}

std::string Stream::peer_address() const {
    const auto endpoint = peer();
    return endpoint ? address_text(*endpoint) : "unknown";
}

std::string address_text(const Stream::Endpoint& endpoint) {
    if (!is_tcp(endpoint)) return "unix";
    const asio::ip::tcp::endpoint tcp = as_tcp(endpoint);
    const std::string port = ":" + std::to_string(tcp.port());
    const asio::ip::address address = tcp.address();
    if (address.is_v4()) return address.to_string() + port;
    // An IPv4 client of a listener for both.
    if (address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string() + port;
    return "[" + address.to_string() + "]" + port;
}

}  // namespace curfew::proxy

#include "audit/syslog_receiver.hpp"

#include <fmt/format.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <utility>

#include "audit/syslog_message.hpp"
#include "base/text.hpp"

namespace curfew::audit {
namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t largest_stream_message = std::size_t{64} * 1024;
// What fits into a datagram whatever it is carried by, and into what receivers take by default.
constexpr std::size_t largest_datagram = 8 * 1024;
constexpr auto connect_within = 10s;
constexpr auto send_within = 10s;
constexpr auto acknowledged_within = 5s;
// How soon it is noticed that this node stops.
constexpr std::chrono::milliseconds look_up_each{200};

http::TransferBounds bounds_of(const config::SyslogReceiver& settings) {
    http::TransferBounds bounds;
    bounds.root_certificate_file = settings.root_certificate_file;
    bounds.connect_timeout = connect_within;
    bounds.timeout = connect_within;
    return bounds;
}

std::string url_of(const config::SyslogReceiver& settings) {
    const bool is_ipv6 = settings.host.find(':') != std::string::npos;
    return fmt::format("{}://{}:{}/", settings.transport == config::SyslogTransport::tls ? "https" : "http",
                       is_ipv6 ? "[" + settings.host + "]" : settings.host, settings.port);
}

void wait_for_socket(int descriptor, short events) {
    pollfd waited{descriptor, events, 0};
    (void)::poll(&waited, 1, static_cast<int>(look_up_each.count()));
}

}  // namespace

// One connection by TCP, with TLS or without; made by libcurl, which knows how to verify the other side.
class SyslogEventReceiver::Stream {
public:
    Stream(const config::SyslogReceiver& settings, const std::atomic<bool>& stopped)
        : bounds_{bounds_of(settings)}, stopped_{stopped}, handle_{bounds_, stopped} {
        const std::string url = url_of(settings);
        handle_.set(CURLOPT_URL, url.c_str());
        handle_.set(CURLOPT_PROTOCOLS_STR, "https,http");
        handle_.set(CURLOPT_PROXY, "");
        handle_.set(CURLOPT_SSL_ENABLE_ALPN, 0L);
        handle_.set(CURLOPT_CONNECT_ONLY, 1L);
        handle_.set(CURLOPT_TCP_KEEPALIVE, 1L);
    }

    // nullopt, or why not.
    std::optional<std::string> open() {
        const CURLcode outcome = handle_.perform();
        if (outcome != CURLE_OK) return handle_.why(outcome);
        curl_socket_t socket = CURL_SOCKET_BAD;
        if (curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK ||
            socket == CURL_SOCKET_BAD)
            return "the connection is gone at once";
        descriptor_ = socket;
        return std::nullopt;
    }

    // Syslog has no answers: whatever comes is the end, or of no interest.
    bool is_over() {
        std::array<char, 512> buffer{};
        std::size_t got = 0;
        CURLcode outcome = CURLE_OK;
        do {
            got = 0;
            outcome = curl_easy_recv(handle_.get(), buffer.data(), buffer.size(), &got);
        } while (outcome == CURLE_OK && got > 0);
        return outcome != CURLE_AGAIN;
    }

    // nullopt, or why not.
    std::optional<std::string> send(std::string_view bytes) {
        const auto until = Steady::now() + send_within;
        while (!bytes.empty()) {
            if (stopped_) return "this node is being stopped";
            std::size_t sent = 0;
            const CURLcode outcome = curl_easy_send(handle_.get(), bytes.data(), bytes.size(), &sent);
            if (outcome != CURLE_OK && outcome != CURLE_AGAIN) return handle_.why(outcome);
            bytes.remove_prefix(sent);
            if (sent > 0) continue;
            if (Steady::now() > until) return "it takes nothing any more";
            wait_for_socket(descriptor_, POLLOUT);
        }
        return std::nullopt;
    }

    // Whether the other machine has all of it. What only waits here would be lost with the connection.
    std::optional<std::string> await_acknowledgement() {
        const auto until = Steady::now() + acknowledged_within;
        for (;;) {
            int waiting = 0;
            if (::ioctl(descriptor_, SIOCOUTQ, &waiting) != 0 || waiting == 0) break;
            if (stopped_) return "this node is being stopped";
            if (Steady::now() > until) return "its machine does not acknowledge what it was sent";
            pollfd waited{descriptor_, POLLRDHUP, 0};
            (void)::poll(&waited, 1, 10);
        }
        if (is_over()) return "it has closed the connection";
        return std::nullopt;
    }

private:
    const http::TransferBounds bounds_;
    const std::atomic<bool>& stopped_;
    http::CurlHandle handle_;
    int descriptor_ = -1;
};

// A socket of datagrams, made anew for each batch: names may lead elsewhere by then, and a daemon's socket is
// another after its restart.
class SyslogEventReceiver::Datagrams {
public:
    Datagrams() = default;
    ~Datagrams() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Datagrams(const Datagrams&) = delete;
    Datagrams& operator=(const Datagrams&) = delete;

    // nullopt, or why not.
    std::optional<std::string> open(const config::SyslogReceiver& settings) {
        return settings.transport == config::SyslogTransport::local ? open_local(settings.host)
                                                                    : open_udp(settings);
    }

    std::optional<std::string> send(std::string_view message, const std::atomic<bool>& stopped) const {
        const auto until = Steady::now() + send_within;
        for (;;) {
            const ssize_t sent =
                ::send(descriptor_, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent >= 0) return std::nullopt;
            if (errno == EINTR) continue;
            if (errno != EAGAIN && errno != ENOBUFS) return std::string{std::strerror(errno)};
            if (stopped) return "this node is being stopped";
            if (Steady::now() > until) return "it takes nothing any more";
            wait_for_socket(descriptor_, POLLOUT);
        }
    }

private:
    std::optional<std::string> open_local(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path.size() >= sizeof address.sun_path) return "its path is too long";
        std::copy(path.begin(), path.end(), address.sun_path);
        return connect(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }

    std::optional<std::string> open_udp(const config::SyslogReceiver& settings) {
        addrinfo hints{};
        hints.ai_socktype = SOCK_DGRAM;
        hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
        addrinfo* found = nullptr;
        const std::string port = std::to_string(settings.port);
        if (const int failed = ::getaddrinfo(settings.host.c_str(), port.c_str(), &hints, &found);
            failed != 0)
            return std::string{::gai_strerror(failed)};
        std::optional<std::string> problem = "its name leads nowhere";
        for (const addrinfo* one = found; one != nullptr && problem; one = one->ai_next)
            problem = connect(one->ai_family, one->ai_addr, one->ai_addrlen);
        ::freeaddrinfo(found);
        return problem;
    }

    std::optional<std::string> connect(int family, const sockaddr* address, socklen_t length) {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (descriptor_ < 0 || ::connect(descriptor_, address, length) != 0)
            return std::string{std::strerror(errno)};
        return std::nullopt;
    }

    int descriptor_ = -1;
};

SyslogEventReceiver::SyslogEventReceiver(config::SyslogReceiver settings, std::string node)
    : settings_{std::move(settings)}, node_{std::move(node)} {}

SyslogEventReceiver::~SyslogEventReceiver() = default;

std::optional<NotTaken> SyslogEventReceiver::send(const EventBatch& batch) {
    if (stopped_) return NotTaken{"this node is being stopped"};
    const bool is_stream = settings_.transport == config::SyslogTransport::tcp ||
                           settings_.transport == config::SyslogTransport::tls;
    auto failed = is_stream ? send_stream(batch) : send_datagrams(batch);
    if (!failed) return std::nullopt;
    stream_.reset();
    failed->problem =
        fmt::format("the syslog receiver at {}: {}", printable(place()), printable(failed->problem));
    return failed;
}

std::optional<NotTaken> SyslogEventReceiver::send_stream(const EventBatch& batch) {
    if (stream_ && stream_->is_over()) stream_.reset();
    if (!stream_) {
        stream_ = std::make_unique<Stream>(settings_, stopped_);
        if (auto problem = stream_->open()) return NotTaken{std::move(*problem)};
    }
    for (const store::ListedEvent& event : batch.events) {
        const auto message = syslog_message(settings_, node_, event, largest_stream_message);
        if (auto problem = stream_->send(syslog_frame(message))) return NotTaken{std::move(*problem)};
    }
    if (auto problem = stream_->await_acknowledgement()) return NotTaken{std::move(*problem)};
    return std::nullopt;
}

std::optional<NotTaken> SyslogEventReceiver::send_datagrams(const EventBatch& batch) {
    Datagrams datagrams;
    if (auto problem = datagrams.open(settings_)) return NotTaken{std::move(*problem)};
    for (const store::ListedEvent& event : batch.events) {
        const auto message = syslog_message(settings_, node_, event, largest_datagram);
        if (auto problem = datagrams.send(message, stopped_)) return NotTaken{std::move(*problem)};
    }
    return std::nullopt;
}

}  // namespace curfew::audit

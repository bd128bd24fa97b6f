#include "api_stand_in.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <csignal>
#include <stdexcept>

namespace curfew::test {
namespace {

constexpr std::chrono::seconds patience{20};

int listen_on_loopback(std::uint16_t& port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener, 16) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        throw std::runtime_error("cannot listen on loopback");
    }
    port = ntohs(address.sin_port);
    return listener;
}

int listen_on_path(const std::string& path) {
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener, 16) != 0) {
        throw std::runtime_error("cannot listen on " + path);
    }
    return listener;
}

std::string path_of(const std::string& target) {
    return target.substr(0, target.find('?'));
}

}  // namespace

std::size_t Exchange::read(char* to, std::size_t length) {
    const auto read = ssl_ != nullptr ? ::SSL_read(ssl_, to, static_cast<int>(length))
                                      : static_cast<int>(::recv(socket_, to, length, 0));
    return read > 0 ? static_cast<std::size_t>(read) : 0;
}

bool Exchange::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto piece = std::min<std::size_t>(bytes.size(), 65'536);
        const auto sent = ssl_ != nullptr
                              ? ::SSL_write(ssl_, bytes.data(), static_cast<int>(piece))
                              : static_cast<int>(::send(socket_, bytes.data(), piece, MSG_NOSIGNAL));
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool Exchange::read_request() {
    std::string text;
    std::array<char, 4096> buffer{};
    while (text.find("\r\n\r\n") == std::string::npos) {
        const auto length = read(buffer.data(), buffer.size());
        if (length == 0) return false;
        text.append(buffer.data(), length);
    }
    const auto head_end = text.find("\r\n\r\n");
    const auto line_end = text.find("\r\n");
    const auto first = text.find(' ');
    const auto second = text.find(' ', first + 1);
    request_.method = text.substr(0, first);
    request_.target = text.substr(first + 1, second - first - 1);
    for (std::size_t at = line_end + 2; at < head_end;) {
        const auto end = text.find("\r\n", at);
        const auto colon = text.find(": ", at);
        auto name = text.substr(at, colon - at);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        request_.headers[name] = text.substr(colon + 2, end - colon - 2);
        at = end + 2;
    }
    request_.body = text.substr(head_end + 4);
    const auto length = request_.header("content-length");
    while (!length.empty() && request_.body.size() < std::stoul(length)) {
        const auto more = read(buffer.data(), buffer.size());
        if (more == 0) return false;
        request_.body.append(buffer.data(), more);
    }
    return true;
}

void Exchange::answer(int status, std::string_view body, const std::string& more_headers) {
    const auto* type = status >= 400 ? "application/problem+json" : "application/json";
    std::string text =
        "HTTP/1.1 " + std::to_string(status) + " Status\r\nConnection: close\r\n" + more_headers;
    if (status != 204) {
        text += std::string{"Content-Type: "} + type + "\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n";
    }
    send(text + "\r\n" + std::string{body});
}

void Exchange::stream_events() {
    if (!send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")) return;
    std::size_t sent = 0;
    while (true) {
        std::string next;
        {
            std::unique_lock lock{server_.mutex_};
            server_.changed_.wait(lock, [&] { return server_.stopping_ || sent < server_.events_.size(); });
            if (server_.stopping_) return;
            next = server_.events_[sent++];
        }
        if (!send(next)) return;
    }
}

void Exchange::stall() {
    std::unique_lock lock{server_.mutex_};
    server_.changed_.wait(lock, [&] { return server_.stopping_; });
}

ApiStandIn::ApiStandIn(Transport transport, Handler handler)
    : transport_{transport}, handler_{std::move(handler)} {
    ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    if (transport_ == Transport::tls) {
        const auto files = ca_.issue_server();
        context_ = ::SSL_CTX_new(::TLS_server_method());
        ::SSL_CTX_use_certificate_file(context_, files.certificate.c_str(), SSL_FILETYPE_PEM);
        ::SSL_CTX_use_PrivateKey_file(context_, files.key.c_str(), SSL_FILETYPE_PEM);
    }
    listener_ =
        transport_ == Transport::unix_socket ? listen_on_path(socket_path()) : listen_on_loopback(port_);
    acceptor_ = std::thread{[this] { accept_all(); }};
}

ApiStandIn::~ApiStandIn() {
    stop();
    ::SSL_CTX_free(context_);
}

void ApiStandIn::stop() {
    {
        const std::lock_guard lock{mutex_};
        if (std::exchange(stopping_, true)) return;
        for (const int socket : sockets_)
            ::shutdown(socket, SHUT_RDWR);
    }
    changed_.notify_all();
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (auto& connection : connections_)
        connection.join();
}

std::string ApiStandIn::url() const {
    return (transport_ == Transport::tls ? "https://localhost:" : "http://localhost:") +
           std::to_string(port_);
}

void ApiStandIn::on(const std::string& method_and_path, int status, const std::string& body,
                    const std::string& more_headers) {
    const std::lock_guard lock{mutex_};
    replies_[method_and_path] = {status, body, more_headers};
}

void ApiStandIn::push(const std::string& event, const std::string& data) {
    {
        const std::lock_guard lock{mutex_};
        events_.push_back("event: " + event + "\nid: " + std::to_string(events_.size() + 1) +
                          "\ndata: " + data + "\n\n");
    }
    changed_.notify_all();
}

std::vector<SeenRequest> ApiStandIn::seen() const {
    const std::lock_guard lock{mutex_};
    return seen_;
}

std::vector<SeenRequest> ApiStandIn::seen(const std::string& method_and_path) const {
    std::vector<SeenRequest> found;
    for (const auto& request : seen()) {
        if (request.method + " " + path_of(request.target) == method_and_path) found.push_back(request);
    }
    return found;
}

void ApiStandIn::await_seen(const std::string& method_and_path, std::size_t count) const {
    std::unique_lock lock{mutex_};
    const bool came = changed_.wait_for(lock, patience, [&] {
        return std::count_if(seen_.begin(), seen_.end(), [&](const SeenRequest& request) {
                   return request.method + " " + path_of(request.target) == method_and_path;
               }) >= static_cast<std::ptrdiff_t>(count);
    });
    EXPECT_TRUE(came) << method_and_path << " did not come " << count << " times";
}

void ApiStandIn::accept_all() {
    while (true) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        const std::lock_guard lock{mutex_};
        if (stopping_) {
            ::close(socket);
            return;
        }
        sockets_.push_back(socket);
        connections_.emplace_back([this, socket] { serve(socket); });
    }
}

void ApiStandIn::serve(int socket) {
    SSL* ssl = nullptr;
    bool open = true;
    if (context_ != nullptr) {
        ssl = ::SSL_new(context_);
        ::SSL_set_fd(ssl, socket);
        open = ::SSL_accept(ssl) == 1;
    }
    Exchange exchange{*this, socket, ssl};
    if (open && exchange.read_request()) {
        {
            const std::lock_guard lock{mutex_};
            seen_.push_back(exchange.request());
        }
        changed_.notify_all();
        handler_ ? handler_(exchange) : reply(exchange);
        if (ssl != nullptr) ::SSL_shutdown(ssl);
    }
    ::SSL_free(ssl);
    const std::lock_guard lock{mutex_};
    std::erase(sockets_, socket);
    ::close(socket);
}

void ApiStandIn::reply(Exchange& exchange) {
    const auto& request = exchange.request();
    const auto path = path_of(request.target);
    if (path == "/api/v1/events") return exchange.stream_events();
    Reply reply{
        404,
        R"({"type":"about:blank","title":"Not Found","status":404,"detail":"There is no such thing","code":"not_found"})",
        ""};
    {
        const std::lock_guard lock{mutex_};
        for (const auto& key : {request.method + " " + request.target, request.method + " " + path}) {
            const auto found = replies_.find(key);
            if (found == replies_.end()) continue;
            reply = found->second;
            break;
        }
    }
    exchange.answer(reply.status, reply.body, reply.more_headers);
}

}  // namespace curfew::test

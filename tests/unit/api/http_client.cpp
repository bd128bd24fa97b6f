#include "http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace curfew::test {
namespace {

int connected(int family, const sockaddr* address, socklen_t length) {
    const int descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{10, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(descriptor, address, length) != 0) {
        const int error = errno;
        ::close(descriptor);
        throw std::system_error(error, std::generic_category(), "connect");
    }
    return descriptor;
}

}  // namespace

RawClient RawClient::unix_socket(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return RawClient{connected(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address)};
}

RawClient RawClient::tcp(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return RawClient{connected(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address)};
}

RawClient::RawClient(RawClient&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, unread_{std::move(other.unread_)} {}

RawClient::~RawClient() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool RawClient::read_some() {
    std::array<char, 4096> buffer{};
    const auto length = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        throw std::runtime_error("the server neither answered nor closed the connection");
    }
    if (length <= 0) return false;
    unread_.append(buffer.data(), static_cast<std::size_t>(length));
    return true;
}

std::string RawClient::read_to_end() {
    while (read_some()) {
    }
    return std::exchange(unread_, {});
}

std::string RawClient::read_until(std::string_view marker) {
    while (true) {
        if (const auto found = unread_.find(marker); found != std::string::npos) {
            std::string text = unread_.substr(0, found + marker.size());
            unread_.erase(0, text.size());
            return text;
        }
        if (!read_some()) return std::exchange(unread_, {});
    }
}

void RawClient::shutdown_write() {
    ::shutdown(descriptor_, SHUT_WR);
}

boost::json::value HttpReply::json() const {
    return boost::json::parse(body);
}

std::vector<std::string> HttpReply::problems() const {
    std::vector<std::string> problems;
    const auto document = json();
    const auto* list = document.as_object().if_contains("problems");
    if (list == nullptr) return problems;
    for (const auto& problem : list->as_array()) {
        std::string text{problem.at("member").as_string()};
        problems.push_back(text.append(": ").append(problem.at("detail").as_string()));
    }
    return problems;
}

// The body of a message that came in chunks (RFC 9112, 7.1); fails where they were not brought to their end.
std::string dechunked(std::string_view chunks) {
    std::string body;
    while (true) {
        const auto line = chunks.substr(0, chunks.find("\r\n"));
        const auto size = std::stoul(std::string{line}, nullptr, 16);
        chunks.remove_prefix(line.size() + 2);
        if (size == 0) return body;
        if (chunks.size() < size + 2) throw std::runtime_error("the chunks break off");
        body += chunks.substr(0, size);
        chunks.remove_prefix(size + 2);
    }
}

HttpReply parse_reply(std::string_view text) {
    HttpReply reply;
    const auto header_end = text.find("\r\n\r\n");
    if (!text.starts_with("HTTP/1.1 ") || header_end == std::string_view::npos) {
        throw std::runtime_error("this is not an HTTP response: '" + std::string{text} + "'");
    }
    reply.status = std::stoi(std::string{text.substr(9, 3)});
    reply.body = text.substr(header_end + 4);
    std::string_view lines = text.substr(0, header_end + 2);
    lines.remove_prefix(lines.find("\r\n") + 2);
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find("\r\n"));
        std::string name{line.substr(0, line.find(':'))};
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return std::tolower(c); });
        reply.headers[name] = line.substr(std::min(line.size(), line.find(':') + 2));
        lines.remove_prefix(line.size() + 2);
    }
    const auto encoding = reply.headers.find("transfer-encoding");
    // Of an answer to HEAD there is nothing but its header.
    if (encoding != reply.headers.end() && !reply.body.empty()) reply.body = dechunked(reply.body);
    return reply;
}

std::string request_text(std::string_view method, std::string_view target, std::string_view body,
                         const Headers& headers) {
    std::string request{method};
    request.append(" ").append(target).append(" HTTP/1.1\r\nConnection: close\r\n");
    const bool names_host = std::any_of(headers.begin(), headers.end(),
                                        [](const auto& header) { return header.first == "Host"; });
    if (!names_host) request += "Host: localhost\r\n";
    for (const auto& [name, value] : headers)
        request.append(name).append(": ").append(value).append("\r\n");
    if (!body.empty()) {
        request +=
            "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    }
    return request.append("\r\n").append(body);
}

HttpReply exchange(RawClient client, std::string_view method, std::string_view target, std::string_view body,
                   const Headers& headers) {
    client.send(request_text(method, target, body, headers));
    return parse_reply(client.read_to_end());
}

}  // namespace curfew::test

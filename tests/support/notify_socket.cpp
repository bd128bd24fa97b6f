#include "support/notify_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <sstream>
#include <system_error>

#include "support/byte_stream.hpp"

namespace curfew::test {
namespace {

bool has_line(const std::string& message, std::string_view wanted) {
    std::istringstream lines{message};
    for (std::string line; std::getline(lines, line);) {
        if (line == wanted) return true;
    }
    return false;
}

}  // namespace

NotifySocket::NotifySocket() : socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
    if (!socket_ || ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::system_error(errno, std::generic_category(), "bind " + path());
}

std::string NotifySocket::await(std::string_view assignment, std::chrono::milliseconds timeout) {
    const Instant deadline = now() + timeout;
    while (true) {
        pollfd watched{socket_.get(), POLLIN, 0};
        if (::poll(&watched, 1, poll_timeout(deadline)) == 0)
            throw TimedOut("no " + std::string{assignment} + " on the notification socket");
        std::array<char, 4096> buffer{};
        const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (n < 0) throw std::system_error(errno, std::generic_category(), "recv");
        messages_.emplace_back(buffer.data(), static_cast<std::size_t>(n));
        if (has_line(messages_.back(), assignment)) return messages_.back();
    }
}

}  // namespace curfew::test

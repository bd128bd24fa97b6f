#include "proxy/listening_socket.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace curfew::proxy {
namespace {

constexpr int backlog = 4096;                   // the kernel cuts it at net.core.somaxconn
constexpr std::size_t most_memory = 1'048'576;  // for an entry of the group database

std::string error_text(int error) {
    return std::generic_category().message(error);
}

Error cannot_listen(std::string_view where, std::string_view why) {
    return {ErrorCode::unavailable, fmt::format("cannot listen on {}: {}", where, why)};
}

std::optional<gid_t> find_group(const std::string& name) {
    group entry{};
    group* found = nullptr;
    std::vector<char> memory(1024);
    while (::getgrnam_r(name.c_str(), &entry, memory.data(), memory.size(), &found) == ERANGE &&
           memory.size() < most_memory) {
        memory.resize(memory.size() * 2);
    }
    if (found == nullptr) return std::nullopt;
    return found->gr_gid;
}

sockaddr_un unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

// Does a process answer on the socket at `address`?
bool is_answered(const sockaddr_un& address) {
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) return true;  // not known: leave what is there alone
    const bool connected = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const int error = errno;
    ::close(probe);
    // Only a refusal says that nobody listens; EAGAIN is a listener whose queue is full.
    return connected || error != ECONNREFUSED;
}

// Clears the way for a new socket at `path`.
Result<void> remove_stale(const std::string& path, const sockaddr_un& address) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT) return {};
        return cannot_listen(path, error_text(errno));
    }
    if (!S_ISSOCK(status.st_mode)) {
        return Error{
            ErrorCode::conflict,
            fmt::format("cannot listen on {}: something that is not a socket is there; move it away, "
                        "or choose another path",
                        path)};
    }
    if (is_answered(address)) {
        return Error{ErrorCode::conflict,
                     fmt::format("cannot listen on {}: another process answers there (is curfewd running "
                                 "already?); stop it, or choose another path",
                                 path)};
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return cannot_listen(path, error_text(errno));
    return {};
}

// Gives the file to the group and opens it up to `access`, as far as that can be done.
Result<void> set_access(const std::string& path, const UnixAccess& access) {
    mode_t mode = access.mode;
    if (!access.group.empty()) {
        const auto group = find_group(access.group);
        if (!group) {
            mode &= ~static_cast<mode_t>(S_IRWXG);
            log::info("socket.group_missing", {{"path", path}, {"group", access.group}});
        } else if (::lchown(path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
            mode &= ~static_cast<mode_t>(S_IRWXG);
            log::warning("socket.group_not_set",
                         {{"path", path}, {"group", access.group}, {"error", error_text(errno)}});
        }
    }
    if (::chmod(path.c_str(), mode) != 0) return cannot_listen(path, error_text(errno));
    return {};
}

}  // namespace

Result<ListeningSocket> ListeningSocket::listen_unix(const std::string& path, const UnixAccess& access) {
    if (path.empty() || path.size() >= sizeof sockaddr_un::sun_path) {
        return Error{ErrorCode::invalid,
                     fmt::format("cannot listen on '{}': the path of a Unix socket has 1 to {} bytes", path,
                                 sizeof sockaddr_un::sun_path - 1)};
    }
    const sockaddr_un address = unix_address(path);
    if (auto cleared = remove_stale(path, address); !cleared) return cleared.error();

    ListeningSocket socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), AF_UNIX};
    if (socket.descriptor_ < 0) return cannot_listen(path, error_text(errno));
    // Linux takes the mode of a socket's file from the socket's own at bind(): no instant at which others
    // could connect, and no umask, which belongs to the whole process.
    if (::fchmod(socket.descriptor_, S_IRUSR | S_IWUSR) != 0) return cannot_listen(path, error_text(errno));
    if (::bind(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        const int error = errno;
        return cannot_listen(path, error == ENOENT
                                       ? "its directory does not exist; create it, or choose another path"
                                       : error_text(error));
    }
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return cannot_listen(path, error_text(errno));
    socket.path_ = path;
    socket.device_ = status.st_dev;
    socket.inode_ = status.st_ino;
    if (auto set = set_access(path, access); !set) return set.error();
    if (::listen(socket.descriptor_, backlog) != 0) return cannot_listen(path, error_text(errno));
    return socket;
}

Result<ListeningSocket> ListeningSocket::listen_tcp(const config::Endpoint& address, PortSharing sharing) {
    if (sharing == PortSharing::alone_first) {
        const auto alone = listen_tcp(address, PortSharing::exclusive);
        if (!alone) return alone.error();
    }
    const auto where = config::to_string(address);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int failure =
        ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
    if (failure != 0) return cannot_listen(where, ::gai_strerror(failure));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned{found, ::freeaddrinfo};

    ListeningSocket socket{::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), found->ai_family};
    const int on = 1;
    const int shared = sharing == PortSharing::exclusive ? 0 : 1;
    const bool listening =
        socket.descriptor_ >= 0 &&
        ::setsockopt(socket.descriptor_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        ::setsockopt(socket.descriptor_, SOL_SOCKET, SO_REUSEPORT, &shared, sizeof shared) == 0 &&
        ::bind(socket.descriptor_, found->ai_addr, found->ai_addrlen) == 0 &&
        ::listen(socket.descriptor_, backlog) == 0;
    if (!listening) return cannot_listen(where, error_text(errno));
    socket.port_ = socket.address().port;
    return socket;
}

Result<ListeningSocket> ListeningSocket::adopt(int descriptor) {
    int listening = 0;
    int type = 0;
    int family = 0;
    socklen_t length = sizeof listening;
    const bool usable =
        ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 && listening != 0 &&
        ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM &&
        ::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &length) == 0;
    if (!usable) {
        return Error{ErrorCode::invalid,
                     fmt::format("descriptor {} is not a stream socket that listens; give "
                                 "the socket unit a ListenStream= and Accept=no",
                                 descriptor)};
    }
    ListeningSocket socket{descriptor, family};
    socket.port_ = socket.address().port;
    return socket;
}

config::Endpoint ListeningSocket::address() const {
    sockaddr_storage bound{};
    socklen_t length = sizeof bound;
    if (::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&bound), &length) != 0) return {};
    if (bound.ss_family == AF_UNIX) {
        const auto* address = reinterpret_cast<const sockaddr_un*>(&bound);
        const std::size_t most = length - offsetof(sockaddr_un, sun_path);
        return {std::string{address->sun_path, ::strnlen(address->sun_path, most)}, 0};
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (bound.ss_family == AF_INET6) {
        const auto* address = reinterpret_cast<const sockaddr_in6*>(&bound);
        ::inet_ntop(AF_INET6, &address->sin6_addr, text.data(), text.size());
        return {text.data(), ntohs(address->sin6_port)};
    }
    const auto* address = reinterpret_cast<const sockaddr_in*>(&bound);
    ::inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size());
    return {text.data(), ntohs(address->sin_port)};
}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)},
      family_{other.family_},
      port_{other.port_},
      path_{std::exchange(other.path_, {})},
      device_{other.device_},
      inode_{other.inode_} {}

ListeningSocket& ListeningSocket::operator=(ListeningSocket&& other) noexcept {
    if (this != &other) {
        close();
        descriptor_ = std::exchange(other.descriptor_, -1);
        family_ = other.family_;
        port_ = other.port_;
        path_ = std::exchange(other.path_, {});
        device_ = other.device_;
        inode_ = other.inode_;
    }
    return *this;
}

ListeningSocket::~ListeningSocket() {
    close();
}

void ListeningSocket::close() noexcept {
    if (!path_.empty()) {
        struct stat status {};
        const bool ours =
            ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_;
        // While the socket still listens: a successor that finds the file also finds somebody answering.
        if (ours && ::unlink(path_.c_str()) != 0) {
            log::warning("socket.not_removed", {{"path", path_}, {"error", error_text(errno)}});
        }
        path_.clear();
    }
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

}  // namespace curfew::proxy

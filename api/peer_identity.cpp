#include "api/peer_identity.hpp"

#include <netdb.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

namespace curfew::api {
namespace {

constexpr std::size_t most_memory = 1'048'576;  // for an entry of the user database

}  // namespace

std::string actor_name(uid_t uid) {
    passwd entry{};
    passwd* found = nullptr;
    std::vector<char> memory(1024);
    while (::getpwuid_r(uid, &entry, memory.data(), memory.size(), &found) == ERANGE &&
           memory.size() < most_memory) {
        memory.resize(memory.size() * 2);
    }
    return found == nullptr ? "uid:" + std::to_string(uid) : std::string{found->pw_name};
}

Peer unix_peer(int socket) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    const bool known =
        ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 && credentials.pid != 0;
    Peer peer;
    peer.local = true;
    peer.user = known ? actor_name(credentials.uid) : "unknown";
    return peer;
}

Peer tcp_peer(int socket) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    std::array<char, NI_MAXHOST> text{};
    Peer peer;
    const bool known = ::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
                       ::getnameinfo(reinterpret_cast<sockaddr*>(&address), length, text.data(), text.size(),
                                     nullptr, 0, NI_NUMERICHOST) == 0;
    peer.address = known ? text.data() : "unknown";
    return peer;
}

}  // namespace curfew::api

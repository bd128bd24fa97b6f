#include "api/peer_identity.hpp"

#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

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

std::string peer_actor(int socket) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    const bool known =
        ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 && credentials.pid != 0;
    return known ? actor_name(credentials.uid) : "unknown";
}

}  // namespace curfew::api

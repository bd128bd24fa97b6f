// Who is at the other end of a socket.
#pragma once

#include <sys/types.h>

#include <string>

#include "api/http_types.hpp"

namespace curfew::api {

// The user name of `uid`, or `uid:1234` where it has none.
std::string actor_name(uid_t uid);

// The peer of a connected Unix socket, as the kernel vouches for it (SO_PEERCRED, unix(7)): who the process
// was when it connected. `unknown` for a socket that is not a Unix socket.
Peer unix_peer(int socket);

// The peer of a TCP connection: its address.
Peer tcp_peer(int socket);

}  // namespace curfew::api

// Who is at the other end of a Unix socket.
#pragma once

#include <sys/types.h>

#include <string>

namespace curfew::api {

// The user name of `uid`, or `uid:1234` where it has none.
std::string actor_name(uid_t uid);

// The actor connected to `socket`, as the kernel vouches for it (SO_PEERCRED, unix(7)): who the process was
// when it connected. `unknown` for a socket that is not a Unix socket.
std::string peer_actor(int socket);

}  // namespace curfew::api

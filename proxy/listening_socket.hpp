// A socket to accept on: TCP, or a Unix socket that takes care of its file.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "config/config.hpp"

namespace curfew::proxy {

// Who may connect to a Unix socket.
struct UnixAccess {
    mode_t mode = 0660;
    // The group that owns the file; empty: the process's own. Where it does not exist, or cannot be given the
    // file, the group's rights are dropped from `mode`.
    std::string group;
};

// Whether further sockets may listen on the same TCP port, one a thread (SO_REUSEPORT): the kernel spreads
// the connections over them. Another program of ours would slip in unnoticed, so the first one of a kind
// should be `alone_first`: it makes sure that nobody listens there yet.
enum class PortSharing { exclusive, alone_first, joins };

// Bound and listening. Removes its file when it goes, if that is still its own.
class ListeningSocket {
public:
    // The file never exists with more rights than `access` gives. One left behind by a process that is gone
    // is replaced; conflict: a live process answers on it, or it is not a socket.
    static Result<ListeningSocket> listen_unix(const std::string& path, const UnixAccess& access);
    static Result<ListeningSocket> listen_tcp(const config::Endpoint& address,
                                              PortSharing sharing = PortSharing::exclusive);

    // Takes over one that somebody else opened, such as the service manager; its file, if it has one, is not
    // ours to remove. invalid: the descriptor is not a listening stream socket.
    static Result<ListeningSocket> adopt(int descriptor);

    ListeningSocket(ListeningSocket&& other) noexcept;
    ListeningSocket& operator=(ListeningSocket&& other) noexcept;
    ~ListeningSocket();

    int descriptor() const noexcept { return descriptor_; }
    int family() const noexcept { return family_; }
    // The TCP port that was bound; 0 for a Unix socket.
    std::uint16_t port() const noexcept { return port_; }
    // Where it really listens.
    config::Endpoint address() const;

private:
    ListeningSocket(int descriptor, int family) : descriptor_{descriptor}, family_{family} {}
    void close() noexcept;

    int descriptor_ = -1;
    int family_ = 0;
    std::uint16_t port_ = 0;
    std::string path_;  // empty: there is no file
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

}  // namespace curfew::proxy

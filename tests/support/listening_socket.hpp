// A socket that listens on the loopback before anybody accepts from it, as systemd's do.
#pragma once

#include <cstdint>

#include "support/file_descriptor.hpp"

namespace curfew::test {

class ListeningSocket {
public:
    ListeningSocket();

    int descriptor() const noexcept { return socket_.get(); }
    std::uint16_t port() const noexcept { return port_; }

private:
    FileDescriptor socket_;
    std::uint16_t port_ = 0;
};

}  // namespace curfew::test

// A TCP port on the loopback that nobody listens on.
#pragma once

#include <cstdint>

namespace curfew::test {

// Free when it returned; another process may take it before it is used, so whoever can bind port 0 should.
std::uint16_t free_port();

}  // namespace curfew::test

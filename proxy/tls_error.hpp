// What OpenSSL says went wrong.
#pragma once

#include <string>

namespace curfew::proxy {

// The reason of the oldest error in this thread's OpenSSL queue, for a log; the queue is empty then. Fixed
// words of OpenSSL's own: nothing that the other side sent is in it.
std::string take_tls_error();

}  // namespace curfew::proxy

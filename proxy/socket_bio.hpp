// What OpenSSL reads from and writes to: a connected socket, with one system call for each.
#pragma once

#include <openssl/bio.h>

namespace curfew::proxy {

// For the non-blocking socket `descriptor`, which stays its owner's. OpenSSL's own socket BIO writes with
// write(), so a peer that went away would kill the process by SIGPIPE. nullptr if there is no memory.
BIO* new_socket_bio(int descriptor) noexcept;

// True if the last read took all that had come: another would find nothing, unless more has come since.
bool socket_bio_drained(BIO* bio) noexcept;

}  // namespace curfew::proxy

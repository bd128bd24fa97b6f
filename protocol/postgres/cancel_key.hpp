// Curfew's own cancel keys: what a client gets as BackendKeyData in place of PostgreSQL's, and sends back in
// a CancelRequest. They mean nothing to PostgreSQL, and PostgreSQL's never leave Curfew.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/postgres/random_bytes.hpp"
#include "protocol/postgres/startup.hpp"

namespace curfew::postgres {

// How many workers a process id has room for.
inline constexpr unsigned most_workers = 256;

struct CancelKey {
    std::int32_t process_id = 0;  // positive; not one of the operating system's
    std::string secret;           // 4 bytes for protocol 3.0, which can hold no more; 32 for 3.2
};

// A key that nobody can guess, nor tell from others. `protocol_version`: what is spoken with the client.
// `worker`: the number, below most_workers, of the thread that the session lives on; stands in the process
// id, so that whoever takes the CancelRequest knows where to pass it. Throws only if `random` does.
CancelKey make_cancel_key(std::uint32_t protocol_version, unsigned worker,
                          const RandomBytes& random = system_random);

// The worker in a process id; for one that a stranger made up, any number below most_workers.
unsigned worker_of(std::int32_t process_id) noexcept;

// Whether the request is for the session that has this key. Takes the same time whichever byte of the secret
// is wrong.
bool matches(const CancelKey& key, const CancelRequest& request) noexcept;

}  // namespace curfew::postgres

// The chain of events: each one's hash covers the one before it, so that none of them can be changed, removed
// or put elsewhere later without every hash after it being another.
#pragma once

#include "base/sha256.hpp"
#include "store/events.hpp"

namespace curfew::store {

// SHA-256 of, in this order: the hash of the event before (32 bytes); its number and the instant in
// milliseconds since 1970 (8 bytes each, the most significant first); its kind, id, actor and summary, each
// after its length in bytes (4 bytes, the most significant first). docs/store.md has it for those who check
// it by other means.
Sha256Digest chained_hash(const Sha256Digest& previous, const Event& event);

}  // namespace curfew::store

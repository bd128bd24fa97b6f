// Requests by HTTP that are done once, however often they are sent.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/awaitable.hpp"

namespace curfew::store {

// How long an answer is kept, and how many: the oldest give way.
inline constexpr Duration idempotency_lifetime = std::chrono::hours{24};
inline constexpr std::size_t most_idempotent_of_actor = 1'000;
inline constexpr std::size_t longest_idempotency_key = 255;
inline constexpr std::size_t largest_idempotent_body = std::size_t{64} * 1024;

// Who sent what, under which Idempotency-Key.
struct IdempotentRequest {
    std::string actor;
    std::string key;
    std::string method;
    std::string path;  // with its query
    std::array<unsigned char, 32> body_hash{};
};

struct IdempotentAnswer {
    unsigned status = 0;
    std::string body;  // without secrets: it is kept as it is
};

// Errors as Store says.
class IdempotencyStore {
public:
    virtual ~IdempotencyStore() = default;

    // nullopt: it is the first time, and it is now under way: do it, then call one of the two below. An
    // answer: it was done, say that again. conflict: the first one is under way, or was cut off by a crash,
    // so that nobody knows whether it was done. invalid: the key was used for something else, or is empty or
    // too long.
    virtual Awaitable<Result<std::optional<IdempotentAnswer>>> begin_idempotent(
        IdempotentRequest request) = 0;
    // Keeps the answer. A body beyond largest_idempotent_body is kept as an empty one. not_found: nothing is
    // under way by that key.
    virtual Awaitable<Result<void>> finish_idempotent(std::string actor, std::string key,
                                                      IdempotentAnswer answer) = 0;
    // Nothing was done; the next one is the first again.
    virtual Awaitable<Result<void>> abandon_idempotent(std::string actor, std::string key) = 0;

    // For what is signed for one use, and must not be taken again if somebody sends it again: whether this is
    // the first time, of all nodes. `key` (such as the digest of a signature, with whose it is; 1 to
    // longest_idempotency_key bytes) is remembered for `lifetime` (above zero, a day at most): for as long as
    // the signature would be taken. invalid: a key or a lifetime that is none.
    virtual Awaitable<Result<bool>> remember_once(std::string key, Duration lifetime) = 0;
};

}  // namespace curfew::store

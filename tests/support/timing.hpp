// How long things may take in a test.
#pragma once

#include <chrono>

namespace curfew::test {

using Instant = std::chrono::steady_clock::time_point;

inline Instant now() {
    return std::chrono::steady_clock::now();
}

// Instrumented builds are several times slower; only bounds grow with this, never what is asserted.
inline constexpr int slowdown = CURFEW_TEST_SLOWDOWN;

// After this a test gives up on something that should have happened long ago.
inline constexpr std::chrono::milliseconds patience{std::chrono::seconds{10} * slowdown};

// A promise about time, as this build can be held to it.
constexpr std::chrono::milliseconds within(std::chrono::milliseconds promised) {
    return promised * slowdown;
}

// What is left until `deadline`, for poll(2): rounded up, never negative.
inline int poll_timeout(Instant deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now());
    return left.count() < 0 ? 0 : static_cast<int>(left.count());
}

// Asks over and over, for what announces itself by no event. `condition` itself should block a little, be it
// only on a round trip.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds timeout = patience) {
    const Instant deadline = now() + timeout;
    while (!condition()) {
        if (now() > deadline) return false;
    }
    return true;
}

}  // namespace curfew::test

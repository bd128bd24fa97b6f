// Where unguessable bytes come from: injected, so that a test knows them.
#pragma once

#include <functional>
#include <span>

namespace curfew::postgres {

// Fills the whole span with bytes that nobody can foresee, or throws std::runtime_error: there is no going on
// without them.
using RandomBytes = std::function<void(std::span<unsigned char>)>;

// OpenSSL's generator, seeded by the operating system. Thread-safe.
void system_random(std::span<unsigned char> bytes);

}  // namespace curfew::postgres

// How often sign-in may be tried.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "identity/token_buckets.hpp"

namespace curfew::identity {

// What may be tried, over which everything is refused for a while. Nothing is ever locked for good.
struct SignInRates {
    // By one address (of IPv6 the /64, which is what one subscriber has), whoever it tries.
    Rate address{20, std::chrono::seconds{3}};
    // For one user, by all addresses that this user has not signed in from lately.
    Rate user{10, std::chrono::seconds{30}};
    // For one user by one address that this user has signed in from: others who guess cannot keep a person
    // out whose address is known.
    Rate known_address{10, std::chrono::seconds{15}};
    Duration known_for = std::chrono::hours{24 * 30};
    std::size_t most_keys = 10'000;  // of each kind
};

// Thread-safe; its memory is bounded (a few MiB when somebody fills it on purpose).
class SignInLimiter {
public:
    explicit SignInLimiter(const Clock& clock, const SignInRates& rates = {});

    // Before a password is looked at: nullopt if it may be, which counts as a try; else how long to wait.
    // `user` is what was typed, whether or not there is such a user.
    std::optional<Duration> refuse(std::string_view user, std::string_view address);
    // The same for what names no user yet, such as the start of a sign-in at a provider.
    std::optional<Duration> refuse_address(std::string_view address);
    // It was the right password: the try does not count, and the address is known from now on.
    void succeeded(std::string_view user, std::string_view address);

private:
    bool knows(const std::string& pair, BootInstant now) const;

    const Clock& clock_;
    const SignInRates rates_;
    std::mutex mutex_;
    TokenBuckets addresses_;
    TokenBuckets users_;
    TokenBuckets known_addresses_;
    // A success empties a bucket that takes as long to fill as the address stays known.
    TokenBuckets successes_;
};

// What counts as one address: an IPv4 address, also where it is written as IPv6; of an IPv6 address its first
// 64 bits; anything else as it is.
std::string address_key(std::string_view address);

}  // namespace curfew::identity

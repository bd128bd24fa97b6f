// Token buckets, one a key: how often something may happen.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace curfew::identity {

// `burst` times at once, then once `every` so long.
struct Rate {
    unsigned burst = 1;
    Duration every{};
};

// Pure: the time is told. A bucket fills up by itself, so nothing is ever locked for good; a full one takes
// no memory. Where there are too many, those that are nearest to full are forgotten: what spraying many keys
// makes room for is other sprayed keys, and not the one that was hit hardest.
class TokenBuckets {
public:
    TokenBuckets(const Rate& rate, std::size_t most_keys) : rate_{rate}, most_keys_{most_keys} {}

    // How long until there is one to take; zero or below: there is one now.
    Duration wait(std::string_view key, BootInstant now) const;
    // Takes one, whether or not there is one.
    void take(std::string_view key, BootInstant now);
    // Gives one back.
    void give_back(std::string_view key, BootInstant now);

    std::size_t size() const noexcept { return buckets_.size(); }

private:
    // By when each will be full again, soonest first.
    using Order = std::multimap<BootInstant, std::string>;

    BootInstant full_at(std::string_view key, BootInstant now) const;
    void set(std::string_view key, BootInstant full_at, BootInstant now);
    void erase(Order::iterator place);

    Rate rate_;
    std::size_t most_keys_;
    Order order_;
    std::map<std::string, Order::iterator, std::less<>> buckets_;
};

}  // namespace curfew::identity

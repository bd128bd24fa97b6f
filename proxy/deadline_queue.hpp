// Everything on one thread that is due at some instant, in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/clock.hpp"

namespace curfew::proxy {

// Pure: holds no timer; whoever owns it asks next_due() and calls run_due(now). O(log n) each.
class DeadlineQueue {
public:
    using Token = std::uint64_t;  // names one entry; 0 names none

    // `what` is called by run_due once `when` has come. It must not throw nor destroy the queue; it may add,
    // move and remove entries, its own included (which then is not there any more).
    Token add(BootInstant when, std::function<void()> what);
    // Moves an entry that is still there, behind those that are due at the same instant; false if it has run
    // or was removed.
    bool move(Token token, BootInstant when);
    // Does nothing if it has run or was removed.
    void remove(Token token);

    std::optional<BootInstant> next_due() const;
    // Runs everything due at `now`: oldest instant first, in order of adding within one; what is added
    // meanwhile for an instant already past runs in the same call, what is removed meanwhile does not run.
    void run_due(BootInstant now);
    std::size_t size() const noexcept { return by_token_.size(); }

private:
    struct Entry {
        Token token;
        std::function<void()> what;
    };
    using ByTime = std::multimap<BootInstant, Entry>;

    ByTime by_time_;
    std::unordered_map<Token, ByTime::iterator> by_token_;
    Token last_token_ = 0;
};

}  // namespace curfew::proxy

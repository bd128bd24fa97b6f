// What was allowed in an interval of time, and what was done with it: for those who look whether anything
// stuck out of its window.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "policy/request.hpp"
#include "store/awaitable.hpp"
#include "store/grants.hpp"
#include "store/sessions.hpp"

namespace curfew::store {

// [from, to).
struct TimelineWanted {
    WallInstant from;
    WallInstant to;
    std::optional<std::string> resource = std::nullopt;  // absent: all
    // At most; as many requests, and ten times as many sessions.
    std::size_t grants = 200;
};
inline constexpr std::size_t largest_timeline = 1000;  // grants

struct GrantOnTimeline {
    GrantCountdown grant;
    std::optional<policy::Request> request;  // that gave it; nullopt: it was given by hand
    std::vector<GrantExtension> extensions;  // in order
    // Those under it that were there in the interval, started last first.
    std::vector<ListedSession> sessions;
};

struct Timeline {
    WallInstant as_of;  // the store's now
    // Whose window touches the interval, had it not been revoked; and those with a session in it, whatever
    // their window. Given last first.
    std::vector<GrantOnTimeline> grants;
    // Asked in the interval and not approved, or not yet. Asked last first.
    std::vector<policy::Request> not_approved;
    bool cut = false;  // there is more than it has
};

// Errors as Store says.
class TimelineStore {
public:
    virtual ~TimelineStore() = default;

    // invalid: an interval that is none, or a number of grants that is not 1 to largest_timeline.
    virtual Awaitable<Result<Timeline>> timeline(TimelineWanted wanted) = 0;
};

}  // namespace curfew::store

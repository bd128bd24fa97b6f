// Who had what, by whose approval, and what it was used for: what a review of accesses asks of the store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "policy/request.hpp"
#include "store/awaitable.hpp"
#include "store/grants.hpp"
#include "store/page.hpp"

namespace curfew::store {

// [from, to). What is absent does not narrow it.
struct AccessReviewWanted {
    WallInstant from;
    WallInstant to;
    std::optional<std::string> resource = std::nullopt;
    // Grants for this subject, and those for a group or everyone that this user had a session under.
    std::optional<std::string> user = std::nullopt;
};

// What was done under a grant in the interval.
struct UseOfGrant {
    std::uint64_t sessions = 0;
    std::set<std::string> users;  // who had them; at most most_users_named
    // How long at least one of them was there.
    Duration used{};
    std::optional<WallInstant> first_at;  // the first one's start, which may be before the interval
    std::uint64_t not_over = 0;
    std::uint64_t enforced = 0;  // were ended
    // Recorded as over later than the deadline by a notable_overstay, or not over by then.
    std::uint64_t overstayed = 0;
    Duration longest_overstay{};    // as recorded; zero: none
    std::uint64_t unconfirmed = 0;  // whose backend was not proven to be gone
};
inline constexpr std::size_t most_users_named = 100;

struct ReviewedGrant {
    GrantCountdown grant;
    std::optional<policy::Request> request;  // that gave it; nullopt: it was given by hand
    std::vector<GrantExtension> extensions;  // in order
    UseOfGrant use;
};

struct AccessReviewPage {
    WallInstant as_of;  // the store's now
    // Whose window touches the interval, and those with a session in it, whatever their window. Given last
    // first.
    std::vector<ReviewedGrant> grants;
    std::optional<std::string> next;  // absent: there are no more
};
inline constexpr std::size_t largest_access_review_page = 200;

// Errors as Store says.
class AccessReviewStore {
public:
    virtual ~AccessReviewStore() = default;

    // invalid: an interval that is none, a limit or a cursor that is none.
    virtual Awaitable<Result<AccessReviewPage>> access_review(AccessReviewWanted wanted, Page page) = 0;
};

}  // namespace curfew::store

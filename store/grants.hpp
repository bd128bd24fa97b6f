// Grants in the store: given, extended, revoked, and how much is left of them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "policy/grant.hpp"
#include "store/awaitable.hpp"
#include "store/events.hpp"
#include "store/page.hpp"
#include "store/store_clock.hpp"

namespace curfew::store {

// No grant is given, or extended, for longer than this at a time.
inline constexpr Duration longest_grant = std::chrono::hours{24} * 366;

struct NewGrant {
    policy::Subject subject;
    std::string resource;
    Duration length{};
    Duration starts_in{};  // from the store's now; zero: at once
    bool allow_replication = false;
    std::string reason;
    std::string given_by;
    // Set for a grant that was given while the store was away, and is entered now: it has this identifier,
    // and may have started (starts_in below zero) by at most longest_grant.
    std::optional<GrantId> entered = std::nullopt;
    policy::GrantUse use = policy::GrantUse::sessions;
    std::string given_from = {};  // as Actor's
};

// A grant and how far the store's clock is from its window's ends; negative once they have passed.
struct GrantCountdown {
    policy::Grant grant;
    Duration starts_in{};
    Duration remaining{};
    // This machine's boot clock when starts_in and remaining were true; never later than that, so a deadline
    // of `as_of + remaining` is never late, however long the answer took to arrive.
    BootInstant as_of{};

    policy::GrantState state() const;
};

// What became of grants since somebody looked.
struct GrantNews {
    ChainHead as_of;  // the last event that is in it: what to ask from the next time
    // Every grant that is upcoming or active; otherwise those alone that events since then speak of, over or
    // not.
    bool whole = false;
    std::vector<GrantCountdown> grants;
    StoreTime at;
};

// One time that a grant's end was moved.
struct GrantExtension {
    WallInstant at;
    std::string by;                    // empty: not recorded, before the store kept it
    std::optional<RequestId> request;  // the request for it that was approved
    WallInstant from;                  // its end before
    WallInstant to;
};

// Which grants to list.
struct GrantFilter {
    bool include_over = false;  // beside those that are upcoming or active
    // Only those of one of these; absent: everybody's.
    std::optional<std::vector<policy::Subject>> subjects = std::nullopt;
};

struct GrantPage {
    std::vector<GrantCountdown> grants;  // newest first
    std::optional<std::string> next;     // absent: there are no more
};
inline constexpr std::size_t largest_grant_page = 1000;

// Errors as Store says.
class GrantStore {
public:
    virtual ~GrantStore() = default;

    // Durable when it returns. The window is set on the store's clock, in whole milliseconds. invalid: a
    // length that is not above zero or is beyond longest_grant, a start in the past or further off than that,
    // a subject that cannot be written as text. internal: one for a script, which only its request gives.
    virtual Awaitable<Result<GrantCountdown>> add_grant(NewGrant grant) = 0;
    // conflict: already revoked or ended. not_found: there is no such grant. Durable when it returns. What a
    // request gave is better revoked by revoke_grant_and_requests, which also keeps what became of those.
    virtual Awaitable<Result<GrantCountdown>> revoke_grant(GrantId id, Actor by, std::string reason) = 0;
    // Moves the end of a grant that is not over by `more` (above zero), and keeps that `by` did. conflict:
    // revoked or ended, or for a script. not_found: there is no such grant. invalid: more would be left
    // of it than longest_grant. Durable when it returns.
    virtual Awaitable<Result<GrantCountdown>> extend_grant(GrantId id, Duration more, Actor by) = 0;
    // Grants that are upcoming or active; with include_over all of them, which may be many. Newest first.
    virtual Awaitable<Result<std::vector<GrantCountdown>>> grants(bool include_over) = 0;
    // What changed after the event `since`, at a cost that is that of the changes, however many grants there
    // are. All of them where `since` is absent, or more changed than is worth telling, or the store has lost
    // events that it had.
    virtual Awaitable<Result<GrantNews>> grant_news(std::optional<ChainHead> since) = 0;
    // invalid: a limit or a cursor that is none.
    virtual Awaitable<Result<GrantPage>> list_grants(GrantFilter filter, Page page) = 0;
    // not_found: there is no such grant.
    virtual Awaitable<Result<GrantCountdown>> find_grant(GrantId id) = 0;
    // Those of them that there are, in no particular order.
    virtual Awaitable<Result<std::vector<GrantCountdown>>> find_grants(std::vector<GrantId> ids) = 0;
    // Each time that the grant was extended, in order; none for a grant that does not exist.
    virtual Awaitable<Result<std::vector<GrantExtension>>> grant_extensions(GrantId id) = 0;

    // The SCRAM verifier of the grant's own credential, as pg_authid has one; the one before is dead at once,
    // and this one goes with the grant. conflict: revoked or ended, or for a script. not_found: there is no
    // such grant.
    virtual Awaitable<Result<GrantCountdown>> set_grant_verifier(GrantId id, Secret verifier, Actor by) = 0;
};

}  // namespace curfew::store

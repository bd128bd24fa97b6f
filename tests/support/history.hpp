// What was seen from outside of a fleet under attack, and what of it may not be.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/timing.hpp"

namespace curfew::test {

// This machine's wall clock, which PostgreSQL's are too.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
// The same instant as CLOCK_BOOTTIME has it, by how far the two are apart at the first call: setting the wall
// clock meanwhile does not move it.
WallTime wall_by_boot_clock();
// How far the wall clock was set since that first call.
std::chrono::microseconds wall_clock_was_set_by();

// A grant as the store has it in the end.
struct GrantOnRecord {
    std::string id;
    std::string user;
    std::string request;  // that it came of
    WallTime starts;
    WallTime ends;
    std::optional<WallTime> revoked;

    WallTime end() const { return revoked && *revoked < ends ? *revoked : ends; }
};

// Something that happened under a grant, as its client named it.
struct Sight {
    std::string grant;
    std::string user;
    std::string node;  // empty: not known
    WallTime at;
    std::string what;  // `a commit`, `a byte to the client`, for people
};

struct Span {
    WallTime from;
    WallTime to;
};

struct History {
    std::map<std::string, GrantOnRecord> grants;  // by id
    std::vector<Sight> commits;
    std::vector<Sight> bytes;     // the last one that each client got
    std::vector<Sight> backends;  // when each was last seen in pg_stat_activity

    // Requests that somebody tried to approve, whether or not that was acknowledged.
    std::set<std::string> approved;

    std::vector<Span> store_away;  // from the kill on, to when each node heard it again
    // From the kill of a node on, to when it listened again.
    std::map<std::string, std::vector<Span>> node_away;
    std::chrono::milliseconds max_staleness{0};
    std::chrono::milliseconds slack = within(std::chrono::milliseconds{250});
};

// Everything that breaks a promise, in words. The promises:
// - Nothing is done under a grant that nobody approved, or that is another's.
// - No byte to a client, and no commit, later than `slack` after the end of the grant; where that was a
//   revocation and the store was away meanwhile, later than `max_staleness` more, and never past its own end.
// - A backend whose node was killed may run on until that node listens again (the next start ends it first),
//   and commit; its client hears nothing.
std::vector<std::string> broken_promises(const History& history);

// How late after the end of its grant the latest of these was that nothing excuses.
std::chrono::milliseconds latest(const History& history, const std::vector<Sight>& sights);

}  // namespace curfew::test

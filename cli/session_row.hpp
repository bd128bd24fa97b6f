// One live session as the command line shows it.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace curfew::cli {

struct SessionRow {
    std::string id;
    std::string grant;
    std::string user;
    std::string place;  // `prod/orders`
    std::string client;
    std::string node;
    std::string phase;        // `winding down` while it is live and begins no new transaction
    bool by_command = false;  // each of its commands is approved before it runs
    std::string waiting_for;  // the request that its client waits for; empty: none
    std::string cause;        // empty until it ends
    std::optional<std::uint64_t> bytes_from_client;  // of another node's it is not known
    std::optional<std::uint64_t> bytes_to_client;
    std::string statement;  // that runs now; empty: none, or it is not recorded
    WallInstant ends_at;
    Duration total{};      // from its start to its deadline
    BootInstant deadline;  // on this process's clock: what the countdown counts down to

    Duration left(BootInstant now) const { return deadline - now; }
};

// The sessions of an answer or an event, as they arrived at `clock`'s now.
std::vector<SessionRow> read_sessions(const boost::json::value& document, const Clock& clock);

// Whether which node has a session tells one from another.
bool are_of_several_nodes(const std::vector<SessionRow>& rows);

// `live`, `winding down`, or `ending (grant_expired)`; by command also `live by command`, or
// `waits for r-…`.
std::string state_text(const SessionRow& row);

// Empty where it is not known.
std::string bytes_text(std::optional<std::uint64_t> bytes);

}  // namespace curfew::cli

// One live session as the command line shows it.
#pragma once

#include <boost/json/value.hpp>
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
    std::string phase;
    std::string cause;  // empty until it ends
    std::uint64_t bytes_from_client = 0;
    std::uint64_t bytes_to_client = 0;
    WallInstant ends_at;
    Duration total{};      // from its start to its deadline
    BootInstant deadline;  // on this process's clock: what the countdown counts down to

    Duration left(BootInstant now) const { return deadline - now; }
};

// The sessions of an answer or an event, as they arrived at `clock`'s now.
std::vector<SessionRow> read_sessions(const boost::json::value& document, const Clock& clock);

// `live`, or `ending (grant_expired)`.
std::string state_text(const SessionRow& row);

}  // namespace curfew::cli

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
    std::string phase;
    std::string cause;                               // empty until it ends
    std::optional<std::uint64_t> bytes_from_client;  // of another node's it is not known
    std::optional<std::uint64_t> bytes_to_client;
    WallInstant ends_at;
    Duration total{};      // from its start to its deadline
    BootInstant deadline;  // on this process's clock: what the countdown counts down to

    Duration left(BootInstant now) const { return deadline - now; }
};

// The sessions of an answer or an event, as they arrived at `clock`'s now.
std::vector<SessionRow> read_sessions(const boost::json::value& document, const Clock& clock);

// Whether which node has a session tells one from another.
bool are_of_several_nodes(const std::vector<SessionRow>& rows);

// `live`, or `ending (grant_expired)`.
std::string state_text(const SessionRow& row);

// Empty where it is not known.
std::string bytes_text(std::optional<std::uint64_t> bytes);

}  // namespace curfew::cli

// What is asked of pg_stat_activity, many backends at a time, and how the answers read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace curfew::proxy {

// In the order in which they are asked when several wait.
enum class BackendQuestion {
    terminate,   // end the backend with this pid and start
    identify,    // when did the backend with this pid and client port start?
    is_running,  // is there a backend with this pid and start?
};

// A backend, and what must be true of it beside its pid: for `identify` its client port in decimal (-1 on a
// Unix socket), else its start as `identify` gave it.
struct BackendQuery {
    std::int32_t pid = 0;
    std::string proof;
};

enum class Verdict {
    absent,     // no such row
    hidden,     // the row is there, but our role may not see whose it is
    different,  // identify: its client port is another
    found,      // identify, is_running: here it is
    sent,       // terminate: signalled
    refused,    // terminate: our role may not
};

struct BackendFinding {
    Verdict verdict{};
    std::string started;  // identify, found: its start
};

// One statement for any number of backends: parameters $1, $2 as batch_parameters gives them; a row is
// (number from 1 in the order asked, verdict, start), the last two for parse_finding.
//
// A backend's start travels and is compared as text of one form, `2026-11-24T14:05:00.123456Z`: UTC and exact
// to PostgreSQL's microsecond, whatever TimeZone and DateStyle say, so that what was stored before a restart
// still matches; and text that is no time at all matches nothing, where a cast would fail the whole batch.
//
// `terminate` signals only where PostgreSQL would allow it (pg_terminate_backend raises an error otherwise,
// which would undo the answers of all others), and only what is_running would find.
std::string batch_sql(BackendQuestion question);
std::vector<std::string> batch_parameters(const std::vector<BackendQuery>& queries);
std::optional<BackendFinding> parse_finding(std::string_view verdict, std::string_view started);

// What outlives the sessions that made it.
enum class Leftover { prepared_transactions, replication_slots };

// All of it on the server, whoever made it. prepared_transactions: global identifier, owner, database and, in
// the form above, the time, oldest first. replication_slots: the names of those that are not temporary, in
// order.
std::string_view leftovers_sql(Leftover kind);

// One row of two booleans: may our role see every backend's start, and may it signal other roles' backends?
std::string_view rights_sql();

}  // namespace curfew::proxy

#include "store/sql/session_list.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "store/sql/page.hpp"
#include "store/sql/session_rows.hpp"

namespace curfew::store {
namespace {

// A page that so many sessions were looked at for is given as it is, so that no list keeps the store for
// long.
constexpr RowPlace most_sessions_looked_at = 10'000;

// A filter's absent member is bound as '' or 0. `causes` are between commas.
constexpr std::string_view sessions_between =
    "SELECT " CURFEW_SESSION_COLUMNS ", " CURFEW_SESSION_DEADLINE
    ", seq FROM sessions WHERE seq < ? AND seq >= ? AND (? = '' OR user_name = ?) "
    "AND (? = '' OR resource = ?) AND started_at_ms < ? AND (ended_at_ms IS NULL OR ended_at_ms >= ?) "
    "AND (? = '' OR ? LIKE '%,' || cause || ',%') AND (? = '' OR confirmation = ?) "
    "AND (? = 0 OR state <> 'ended') AND (? = 0 OR ended_at_ms > ? + " CURFEW_SESSION_DEADLINE
    ") AND (? = 0 OR recording <> 'off') ORDER BY seq DESC LIMIT ?";
constexpr int session_place_column = session_columns + 1;

// Where a list of sessions has its ends, as far as indexes tell: [lowest, above).
struct SessionPlaces {
    RowPlace lowest = 1;
    RowPlace above = 1;
};

RowPlace place_of(Query&& row) {
    return row.next() ? row.integer(0) : 0;  // NULL: there is none
}

RowPlace lowest_place(Connection& connection, const std::optional<WallInstant>& from) {
    if (!from) return 1;
    constexpr RowPlace none = std::numeric_limits<RowPlace>::max();
    // By the indexes of ends: in their own order, years of sessions would be gone through.
    const RowPlace ended =
        place_of(Query{connection, "SELECT min(+seq) FROM sessions WHERE ended_at_ms >= ?", *from});
    const RowPlace not_over =
        place_of(Query{connection, "SELECT min(+seq) FROM sessions WHERE state <> 'ended'"});
    return std::min(ended > 0 ? ended : none, not_over > 0 ? not_over : none);
}

SessionPlaces places_for(Connection& connection, const SessionFilter& filter, RowPlace before) {
    SessionPlaces places;
    places.lowest = lowest_place(connection, filter.from);
    const RowPlace last =
        filter.to
            ? place_of(Query{connection, "SELECT max(seq) FROM sessions WHERE started_at_ms < ?", *filter.to})
            : place_of(Query{connection, "SELECT max(seq) FROM sessions"});
    places.above = std::min(before, last + 1);
    return places;
}

// `,grant_expired,grant_revoked,`; empty: whichever.
std::string wanted_causes(const SessionFilter& filter) {
    using policy::EndCause;
    const bool by_itself = filter.outcome == SessionOutcome::by_itself;
    if (!filter.cause && !by_itself && filter.outcome != SessionOutcome::enforced) return {};
    std::string causes = ",";
    for (int i = 0; i <= static_cast<int>(EndCause::failed); ++i) {
        const auto cause = static_cast<EndCause>(i);
        if (filter.cause && cause != *filter.cause) continue;
        if (by_itself && policy::is_enforced(cause)) continue;
        if (filter.outcome == SessionOutcome::enforced && !policy::is_enforced(cause)) continue;
        causes.append(policy::to_string(cause)).append(",");
    }
    return causes;
}

}  // namespace

Result<SessionPage> list_sessions(Connection& connection, const SessionFilter& filter, const Page& page) {
    const auto before = begin_of(page, largest_session_page);
    if (!before) return before.error();
    const auto [lowest, above] = places_for(connection, filter, *before);
    SessionPage found;
    if (above <= lowest) return found;
    const RowPlace down_to = std::max(lowest, above - most_sessions_looked_at);

    const std::string user = filter.user.value_or("");
    const std::string resource = filter.resource.value_or("");
    const std::string causes = wanted_causes(filter);
    const bool unconfirmed = filter.outcome == SessionOutcome::unconfirmed;
    const std::string_view confirmation = unconfirmed ? to_string(Confirmation::unconfirmed) : "";
    const Duration notable = notable_overstay;
    Query rows{connection,
               sessions_between,
               above,
               down_to,
               user,
               user,
               resource,
               resource,
               filter.to.value_or(latest_instant),
               filter.from.value_or(WallInstant{}),
               causes,
               causes,
               confirmation,
               confirmation,
               filter.outcome == SessionOutcome::not_over,
               filter.outcome == SessionOutcome::overstayed,
               notable,
               filter.recorded,
               static_cast<std::int64_t>(page.limit + 1)};  // one more tells whether there are more
    RowPlace last = 0;
    while (rows.next()) {
        if (found.sessions.size() == page.limit) {
            found.next = cursor_after(last);
            return found;
        }
        last = rows.integer(session_place_column);
        found.sessions.push_back(read_listed_session(rows));
    }
    if (down_to > lowest) found.next = cursor_after(down_to);
    return found;
}

}  // namespace curfew::store

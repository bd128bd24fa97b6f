#include "store/sql/event_list.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "store/sql/audit_chain.hpp"
#include "store/sql/events.hpp"
#include "store/sql/page.hpp"

namespace curfew::store {
namespace {

// As in lists of sessions.
constexpr RowPlace most_events_looked_at = 10'000;

// A filter's absent member is bound as ''.
#define CURFEW_LISTED_EVENTS                                                                  \
    "SELECT number, at_ms, kind, id, actor, summary, hash FROM events WHERE number >= ? AND " \
    "number < ? AND at_ms >= ? AND at_ms < ? AND (? = '' OR kind = ? OR "                     \
    "substr(kind, 1, length(CAST(? AS text)) + 1) = CAST(? AS text) || '.') AND "             \
    "(? = '' OR id = ?) AND (? = '' OR actor = ?) ORDER BY number "
constexpr std::string_view oldest_events_first = CURFEW_LISTED_EVENTS "LIMIT ?";
constexpr std::string_view newest_events_first = CURFEW_LISTED_EVENTS "DESC LIMIT ?";
#undef CURFEW_LISTED_EVENTS

// [lowest, above).
struct EventPlaces {
    RowPlace lowest = 1;
    RowPlace above = 1;
};

// What there is between the filter's instants.
EventPlaces places_in_time(Connection& connection, const EventFilter& filter) {
    EventPlaces places;
    if (filter.from) {
        // By the index of time: in their own order, all that is older would be gone through.
        Query first{connection, "SELECT min(+number) FROM events WHERE at_ms >= ?", *filter.from};
        if (!first.next() || first.is_null(0)) return places;
        places.lowest = first.integer(0);
    }
    if (filter.to) {
        Query last{connection, "SELECT max(number) FROM events WHERE at_ms < ?", *filter.to};
        places.above = last.next() ? last.integer(0) + 1 : 1;
    } else {
        places.above = static_cast<RowPlace>(last_event_number(connection)) + 1;
    }
    return places;
}

// What a page looks at of it.
EventPlaces places_of_page(const EventPlaces& all, const EventFilter& filter, const Page& page, RowPlace at) {
    EventPlaces some = all;
    if (filter.oldest_first) {
        if (!page.cursor.empty()) some.lowest = std::max(all.lowest, at + 1);
        some.above = std::min(all.above, some.lowest + most_events_looked_at);
    } else {
        some.above = std::min(all.above, at);
        some.lowest = std::max(all.lowest, some.above - most_events_looked_at);
    }
    return some;
}

}  // namespace

Result<EventPage> list_events(Connection& connection, const EventFilter& filter, const Page& page) {
    const auto at = begin_of(page, largest_event_page);
    if (!at) return at.error();
    const EventPlaces all = places_in_time(connection, filter);
    const EventPlaces looked_at = places_of_page(all, filter, page, *at);
    EventPage found;
    if (looked_at.above <= looked_at.lowest) return found;

    const std::string kind = filter.kind.value_or("");
    const std::string id = filter.id.value_or("");
    const std::string actor = filter.actor.value_or("");
    Query rows{connection,
               filter.oldest_first ? oldest_events_first : newest_events_first,
               looked_at.lowest,
               looked_at.above,
               filter.from.value_or(WallInstant{}),
               filter.to.value_or(latest_instant),
               kind,
               kind,
               kind,
               kind,
               id,
               id,
               actor,
               actor,
               static_cast<std::int64_t>(page.limit + 1)};  // one more tells whether there are more
    while (rows.next()) {
        if (found.events.size() == page.limit) {
            found.next = cursor_after(static_cast<RowPlace>(found.events.back().event.number));
            return found;
        }
        found.events.push_back({event_in(rows), chain_place(rows, 0, 6).hash});
    }
    if (filter.oldest_first && looked_at.above < all.above) found.next = cursor_after(looked_at.above - 1);
    if (!filter.oldest_first && looked_at.lowest > all.lowest) found.next = cursor_after(looked_at.lowest);
    return found;
}

}  // namespace curfew::store

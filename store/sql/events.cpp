#include "store/sql/events.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace curfew::store {

EventNumber record_event(Connection& connection, const StoreTime& now, std::string_view kind,
                         std::string_view id, std::string_view actor, const boost::json::object& summary) {
    Query added{connection,
                "INSERT INTO events (at_ms, kind, id, actor, summary) VALUES (?, ?, ?, ?, ?) "
                "RETURNING number",
                now.in_milliseconds(),
                kind,
                id,
                actor,
                boost::json::serialize(summary)};
    if (!added.next()) throw std::runtime_error("The store gave an event no number");
    return static_cast<EventNumber>(added.integer(0));
}

Result<std::vector<Event>> list_events_since(Connection& connection, EventNumber after, std::size_t limit) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    Query rows{connection,
               "SELECT number, at_ms, kind, id, actor, summary FROM events WHERE number > ? "
               "ORDER BY number LIMIT ?",
               std::min(after, most), std::min(std::uint64_t{limit}, most)};
    std::vector<Event> events;
    while (rows.next()) {
        events.push_back({static_cast<EventNumber>(rows.integer(0)), rows.instant(1), rows.text(2),
                          rows.text(3), rows.text(4), rows.text(5)});
    }
    return events;
}

EventNumber last_event_number(Connection& connection) {
    Query last{connection, "SELECT max(number) FROM events"};
    return last.next() ? static_cast<EventNumber>(last.integer(0)) : 0;
}

}  // namespace curfew::store

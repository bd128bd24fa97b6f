#include "store/sql/events.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "store/sql/audit_chain.hpp"

namespace curfew::store {
namespace {

// An address, and how somebody came from there.
constexpr std::size_t longest_origin = 200;

// Of what comes and goes in the thousands, and by itself, nobody has to hear in the same instant.
bool can_wait(std::string_view kind) {
    return kind == "grant.ended" || kind.starts_with("receipt.") ||
           (kind.starts_with("session.") && kind != "session.kill_asked");
}

}  // namespace

Event event_in(const Query& row) {
    return {static_cast<EventNumber>(row.integer(0)),
            row.instant(1),
            row.text(2),
            row.text(3),
            row.text(4),
            row.text(5)};
}

EventNumber record_event(Connection& connection, const StoreTime& now, std::string_view kind,
                         std::string_view id, const Actor& actor, boost::json::object summary) {
    if (!actor.from.empty()) summary["from"] = printable(actor.from, longest_origin);
    if (!can_wait(kind)) connection.make_urgent();
    std::optional<ChainHead>& known = connection.known_chain_head();
    const ChainHead head = known ? *known : chain_head(connection);
    const Event event{head.number + 1,          now.in_milliseconds(),
                      chained_text(kind),       chained_text(id),
                      chained_text(actor.name), chained_text(boost::json::serialize(summary))};
    const Sha256Digest hash = chained_hash(head.hash, event);
    Query added{
        connection,
        "INSERT INTO events (number, at_ms, kind, id, actor, summary, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        event.number,
        event.at,
        event.kind,
        event.id,
        event.actor,
        event.summary,
        hash};
    added.run();
    if (known) known = ChainHead{event.number, hash};
    return event.number;
}

Result<EventNumber> add_event(Connection& connection, const StoreTime& now, const NewEvent& event) {
    boost::json::error_code failed;
    const auto summary = boost::json::parse(event.summary, failed);
    if (failed || !summary.is_object())
        return Error{ErrorCode::invalid, "an event's summary must be a JSON object"};
    return record_event(connection, now, event.kind, event.id, event.actor, summary.get_object());
}

Result<std::vector<Event>> list_events_since(Connection& connection, EventNumber after, std::size_t limit) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    Query rows{connection,
               "SELECT number, at_ms, kind, id, actor, summary FROM events WHERE number > ? "
               "ORDER BY number LIMIT ?",
               std::min(after, most), std::min(std::uint64_t{limit}, most)};
    std::vector<Event> events;
    while (rows.next())
        events.push_back(event_in(rows));
    return events;
}

EventNumber last_event_number(Connection& connection) {
    Query last{connection, "SELECT max(number) FROM events"};
    return last.next() ? static_cast<EventNumber>(last.integer(0)) : 0;
}

Result<EventsRead> read_events_after(Connection& connection, const ChainHead& after, std::size_t limit) {
    // With the one that was read last: it has to be there still.
    Query rows{connection,
               "SELECT number, at_ms, kind, id, actor, summary, hash FROM events WHERE number >= ? "
               "ORDER BY number LIMIT ?",
               after.number, std::uint64_t{limit} + 1};
    EventsRead read{{}, after, after.number != 0};
    while (read.events.size() < limit && rows.next()) {
        const ChainHead at = chain_place(rows, 0, 6);
        if (std::exchange(read.lost, false)) {
            if (at == after) continue;
            read.lost = true;
            break;
        }
        read.events.push_back(event_in(rows));
        read.last = at;
    }
    if (read.lost) read.last = chain_head(connection);
    return read;
}

}  // namespace curfew::store

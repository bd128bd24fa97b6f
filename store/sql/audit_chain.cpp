#include "store/sql/audit_chain.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace curfew::store {
namespace {

constexpr std::int64_t events_a_page = 500;

struct ChainedEvent {
    Event event;
    std::string hash;
};

Sha256Digest digest_of(const std::string& bytes) {
    Sha256Digest digest{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
    return digest;
}

std::vector<ChainedEvent> page_of_chain(Connection& connection, EventNumber after) {
    Query rows{connection,
               "SELECT number, at_ms, kind, id, actor, summary, hash FROM events WHERE number > ? "
               "ORDER BY number LIMIT ?",
               after, events_a_page};
    std::vector<ChainedEvent> page;
    while (rows.next()) {
        page.push_back({{static_cast<EventNumber>(rows.integer(0)), rows.instant(1), rows.text(2),
                         rows.text(3), rows.text(4), rows.text(5)},
                        rows.text(6)});
    }
    return page;
}

ChainBreak break_between(const ChainHead& previous, EventNumber number) {
    const EventNumber missing = previous.number + 1;
    if (number == missing) {
        const std::string before =
            previous.number > 0 ? ", or event " + std::to_string(previous.number) + " before it," : "";
        return {number, "Event " + std::to_string(number) + before + " is not what was written"};
    }
    if (number == missing + 1) return {missing, "Event " + std::to_string(missing) + " is missing"};
    return {missing,
            "Events " + std::to_string(missing) + " to " + std::to_string(number - 1) + " are missing"};
}

}  // namespace

ChainHead chain_place(const Query& row, int number, int hash) {
    return {static_cast<EventNumber>(row.integer(number)), digest_of(row.text(hash))};
}

ChainHead chain_head(Connection& connection) {
    Query last{connection, "SELECT number, hash FROM events ORDER BY number DESC LIMIT 1"};
    return last.next() ? chain_place(last, 0, 1) : ChainHead{};
}

bool is_in_chain(Connection& connection, const ChainHead& event) {
    if (event == ChainHead{}) return true;
    Query found{connection, "SELECT number, hash FROM events WHERE number = ?", event.number};
    return found.next() && chain_place(found, 0, 1) == event;
}

std::string chained_text(std::string_view text) {
    const bool as_it_is = is_utf8(text) && text.find('\0') == std::string_view::npos;
    return as_it_is ? std::string{text} : printable(text, text.size());
}

VerifiedChain verify_chain(Connection& connection, const std::function<void(std::uint64_t)>& read) {
    VerifiedChain chain;
    for (;;) {
        const auto page = page_of_chain(connection, chain.head.number);
        for (const auto& [event, hash] : page) {
            const bool follows = digest_bytes(chained_hash(chain.head.hash, event)) == hash;
            if (!follows && !chain.broken) chain.broken = break_between(chain.head, event.number);
            chain.head = {event.number, digest_of(hash)};
            ++chain.events;
        }
        if (page.empty()) return chain;
        read(chain.events);
    }
}

void chain_all_events(Connection& connection) {
    ChainHead head;
    for (;;) {
        const auto page = page_of_chain(connection, head.number);
        if (page.empty()) return;
        for (const auto& one : page) {
            Event event = one.event;
            for (std::string* text : std::array{&event.kind, &event.id, &event.actor, &event.summary})
                *text = chained_text(*text);
            head = {event.number, chained_hash(head.hash, event)};
            Query chained{
                connection,
                "UPDATE events SET kind = ?, id = ?, actor = ?, summary = ?, hash = ? WHERE number = ?",
                event.kind,
                event.id,
                event.actor,
                event.summary,
                head.hash,
                event.number};
            chained.run();
        }
    }
}

}  // namespace curfew::store

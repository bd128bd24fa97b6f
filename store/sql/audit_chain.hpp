// The chain of events in the database. Everything here runs inside a transaction of its caller's, and throws
// what the connection explains.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "store/audit_chain.hpp"
#include "store/sql/connection.hpp"

namespace curfew::store {

struct ChainBreak {
    EventNumber at = 0;  // the first event of which it is no longer sure that it is what was written
    std::string what;    // a sentence without a full stop

    friend bool operator==(const ChainBreak&, const ChainBreak&) = default;
};

struct VerifiedChain {
    std::uint64_t events = 0;  // that were read
    ChainHead head;            // as the last event says
    std::optional<ChainBreak> broken;

    friend bool operator==(const VerifiedChain&, const VerifiedChain&) = default;
};

ChainHead chain_head(Connection& connection);
// Whether the event is there, and is that one and no other.
bool is_in_chain(Connection& connection, const ChainHead& event);
// The event of a row that has its number and its hash in these columns.
ChainHead chain_place(const Query& row, int number, int hash);

// `text` as both databases keep it: what is no text in PostgreSQL is written as `\xNN`.
std::string chained_text(std::string_view text);

// Reads every event and computes its hash anew; `read` is told every few hundred events how many. Events that
// were cut off at the end leave no trace here: whoever has the head from earlier sees it.
VerifiedChain verify_chain(Connection& connection, const std::function<void(std::uint64_t)>& read);

// Chains what was written before there were chains.
void chain_all_events(Connection& connection);

}  // namespace curfew::store

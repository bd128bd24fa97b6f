#include "store/sql/session_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/text.hpp"

namespace curfew::store {
namespace {

[[noreturn]] void refuse_session(const std::string& id) {
    throw std::runtime_error("The store holds a session that cannot be read: '" + printable(id) +
                             "'; somebody changed it by hand, or a newer curfewd wrote it");
}

std::optional<std::uint64_t> optional_count(const Query& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return static_cast<std::uint64_t>(row.integer(column));
}

// Beginning at this column.
constexpr int first_fact = 16;

// False: there is a word or a hash in it that is none.
bool read_facts(const Query& row, SessionRecord& session) {
    SessionFacts& facts = session.facts;
    facts.bytes_from_client = optional_count(row, first_fact);
    facts.bytes_to_client = optional_count(row, first_fact + 1);
    session.client_closed_at = row.optional_instant(first_fact + 2);
    session.backend_gone_at = row.optional_instant(first_fact + 3);
    facts.client_overstay = row.optional_milliseconds(first_fact + 4);
    facts.backend_overstay = row.optional_milliseconds(first_fact + 5);
    if (!row.is_null(first_fact + 6)) facts.last_statement = row.text(first_fact + 6);
    if (!row.is_null(first_fact + 7)) {
        facts.transaction_outcome = policy::parse_transaction_outcome(row.text(first_fact + 7));
        if (!facts.transaction_outcome) return false;
    }
    if (!row.is_null(first_fact + 8)) {
        facts.recording = policy::parse_recording_mode(row.text(first_fact + 8));
        if (!facts.recording) return false;
    }
    if (!row.is_null(first_fact + 9)) {
        const std::string hash = row.text(first_fact + 9);
        if (hash.size() != Sha256Digest{}.size()) return false;
        std::copy(hash.begin(), hash.end(), facts.recording_hash.emplace().begin());
    }
    facts.recording_bytes = optional_count(row, first_fact + 10);
    return true;
}

}  // namespace

SessionRecord read_session(const Query& row) {
    const std::string id_text = row.text(0);
    const auto id = SessionId::parse(id_text);
    const auto grant = GrantId::parse(row.text(1));
    const auto state = parse_session_state(row.text(11));
    const auto confirmation = parse_confirmation(row.text(14));
    if (!id || !grant || !state || !confirmation) refuse_session(id_text);

    SessionRecord session;
    session.id = *id;
    session.grant = *grant;
    session.user = row.text(2);
    session.resource = row.text(3);
    session.database = row.text(4);
    session.node = row.text(5);
    session.client_address = row.text(6);
    session.application_name = row.text(7);
    session.backend = {static_cast<std::int32_t>(row.integer(8)), row.text(9)};
    session.started_at = row.instant(10);
    session.state = *state;
    session.ended_at = row.optional_instant(12);
    if (!row.is_null(13)) {
        session.cause = policy::parse_end_cause(row.text(13));
        if (!session.cause) refuse_session(id_text);
    }
    session.confirmation = *confirmation;
    session.detail = row.text(15);
    if (!read_facts(row, session)) refuse_session(id_text);
    return session;
}

ListedSession read_listed_session(const Query& row) {
    return {read_session(row), row.instant(session_columns)};
}

}  // namespace curfew::store

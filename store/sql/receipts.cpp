#include "store/sql/receipts.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "store/sql/audit_chain.hpp"
#include "store/sql/events.hpp"
#include "store/sql/grant_rows.hpp"
#include "store/sql/request_rows.hpp"
#include "store/sql/session_rows.hpp"

namespace curfew::store {
namespace {

// Left to itself, SQLite might go through the sessions of years for the sake of their order.
#define CURFEW_WITHOUT_RECEIPT(index)                                        \
    "SELECT id FROM sessions " index                                         \
    " WHERE receipt_due = 1 AND (coalesce(reaper, node) = ? OR node = ? OR " \
    "ended_at_ms <= ?) ORDER BY seq LIMIT ?"
constexpr Dialects without_receipt{CURFEW_WITHOUT_RECEIPT("INDEXED BY sessions_receipt_due"),
                                   CURFEW_WITHOUT_RECEIPT("")};
#undef CURFEW_WITHOUT_RECEIPT
constexpr std::string_view session_to_issue_for =
    "SELECT " CURFEW_SESSION_COLUMNS ", " CURFEW_SESSION_DEADLINE
    "FROM sessions WHERE id = ? AND receipt_due = 1";

std::optional<ListedSession> find_session_to_issue_for(Connection& connection, const SessionId& id) {
    Query row{connection, session_to_issue_for, id.text()};
    if (!row.next()) return std::nullopt;
    return read_listed_session(row);
}

// In the order of `ids`, each once.
std::vector<policy::Request> requests_in_order(Connection& connection, const std::vector<RequestId>& ids) {
    std::vector<policy::Request> found = find_requests(connection, ids);
    std::vector<policy::Request> ordered;
    for (const RequestId& id : ids) {
        const auto request =
            std::find_if(found.begin(), found.end(), [&](const auto& one) { return one.id == id; });
        if (request == found.end()) continue;
        ordered.push_back(std::move(*request));
        found.erase(request);
    }
    return ordered;
}

std::optional<EndedSessionFile> gather(Connection& connection, const StoreTime& now, const SessionId& id) {
    auto session = find_session_to_issue_for(connection, id);
    if (!session) return std::nullopt;
    EndedSessionFile file;
    file.session = std::move(*session);
    auto grant = find_grant(connection, now, file.session.record.grant);
    if (!grant) return std::nullopt;  // no session is without one: the database sees to that
    file.grant = std::move(grant->grant);
    auto extensions = list_grant_extensions(connection, file.grant.id);
    if (extensions) file.extensions = std::move(*extensions);
    std::vector<RequestId> requests;
    if (file.grant.request) requests.push_back(*file.grant.request);
    for (const GrantExtension& extension : file.extensions) {
        if (extension.request) requests.push_back(*extension.request);
    }
    if (!requests.empty()) file.requests = requests_in_order(connection, requests);
    file.head = chain_head(connection);
    file.now = now.in_milliseconds();
    return file;
}

void keep(Connection& connection, const EndedSessionFile& file, const SignedReceipt& receipt) {
    const SessionRecord& session = file.session.record;
    Query added{connection,
                "INSERT INTO receipts (session_id, document, signature, public_key, issued_at_ms) "
                "VALUES (?, ?, ?, ?, ?)",
                session.id.text(),
                receipt.document,
                Blob{receipt.signature},
                Blob{receipt.public_key},
                file.now};
    added.run();
    Query seen_to{connection, "UPDATE sessions SET receipt_due = 0 WHERE id = ?", session.id.text()};
    seen_to.run();
}

}  // namespace

Result<std::vector<SessionId>> sessions_without_receipt(Connection& connection, const StoreTime& now,
                                                        const std::string& node, Duration others_after,
                                                        std::size_t limit) {
    const WallInstant before = now.in_milliseconds() - std::chrono::ceil<WallInstant::duration>(others_after);
    Query rows{connection, connection.choose(without_receipt), node, node, before, std::uint64_t{limit}};
    std::vector<SessionId> sessions;
    while (rows.next()) {
        if (auto id = SessionId::parse(rows.text(0))) sessions.push_back(*id);
    }
    return sessions;
}

Result<std::size_t> issue_receipts(Connection& connection, const StoreTime& now,
                                   const std::vector<SessionId>& sessions, const WriteReceipt& write) {
    std::size_t issued = 0;
    for (const SessionId& id : sessions) {
        const auto file = gather(connection, now, id);
        if (!file) continue;  // another node was first
        const SignedReceipt receipt = write(*file);
        keep(connection, *file, receipt);
        const SessionRecord& session = file->session.record;
        const boost::json::object summary{{"user", printable(session.user)},
                                          {"resource", printable(session.resource)},
                                          {"grant", printable(session.grant.text())},
                                          {"sha256", to_hex(sha256(receipt.document))}};
        record_event(connection, now, "receipt.issued", id.text(), {}, summary);
        ++issued;
    }
    return issued;
}

Result<Receipt> find_receipt(Connection& connection, const SessionId& session) {
    Query row{connection,
              "SELECT r.document, r.signature, r.public_key, r.issued_at_ms, s.state FROM sessions s "
              "LEFT JOIN receipts r ON r.session_id = s.id WHERE s.id = ?",
              session.text()};
    const std::string name = "ession " + printable(session.text());
    if (!row.next()) return Error{ErrorCode::not_found, "There is no s" + name};
    if (row.is_null(0)) {
        const bool over = row.text(4) == to_string(SessionState::ended);
        return Error{ErrorCode::not_found,
                     "S" + name +
                         (over ? " has no receipt; it ended before there were any, or no node "
                                 "with a signing key has issued it yet"
                               : " has no receipt yet: it is not over")};
    }
    return Receipt{session, {row.text(0), row.text(1), row.text(2)}, row.instant(3)};
}

}  // namespace curfew::store

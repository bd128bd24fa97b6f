#include "store/sql/requests.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "store/sql/change_summary.hpp"
#include "store/sql/events.hpp"
#include "store/sql/grant_rows.hpp"
#include "store/sql/grants.hpp"
#include "store/sql/request_checks.hpp"
#include "store/sql/request_rows.hpp"

namespace curfew::store {
namespace {

using policy::Request;
using policy::RequestStatus;

constexpr std::size_t longest_reason_in_event = 500;
constexpr std::string_view open_requests_of_grant =
    "SELECT id FROM requests WHERE grant_id = ? AND status IN ('PENDING', 'APPROVED') ORDER BY seq";
constexpr std::string_view due_requests =
    "SELECT id FROM requests WHERE due_at_ms <= ? ORDER BY due_at_ms, seq";

Error no_such_request(const RequestId& id) {
    return {ErrorCode::not_found, "There is no request " + printable(id.text())};
}

std::optional<GrantCountdown> grant_of(Connection& connection, const StoreTime& now, const Request& request) {
    if (!request.grant) return std::nullopt;
    return find_grant(connection, now, *request.grant);
}

// When time decides about it: the end of its review, then of what it gave.
std::optional<WallInstant> due_at(const RequestRecord& record, const StoreTime& now) {
    const auto& [request, grant] = record;
    if (request.status == RequestStatus::pending) return request.review_ends_at;
    if (request.status != RequestStatus::approved) return std::nullopt;
    return policy::end_of(request, grant ? &grant->grant : nullptr, now.in_milliseconds());
}

// Does to its grant what the change asks for. `next` gets the grant's identifier. True if something was done.
Result<bool> change_grant(Connection& connection, const StoreTime& now, const RequestChange& change,
                          Request& next) {
    const auto actor = [&change](const std::string& name) { return Actor{name, change.from}; };
    if (change.give) {
        NewGrant give = *change.give;
        give.given_from = change.from;
        auto given = add_grant(connection, now, give, next.id);
        if (!given) return given.error();
        next.grant = given->grant.id;
    }
    if (change.extend) {
        auto extended = extend_grant(connection, now, *next.grant, change.extend->more,
                                     actor(change.extend->by), next.id);
        if (!extended) return extended.error();
    }
    if (!change.revoke) return change.give || change.extend;
    const auto revoked =
        revoke_grant(connection, now, *next.grant, actor(change.revoke->by), change.revoke->reason);
    if (revoked) return true;
    // It was over already: nobody has it any more, which is all that was wanted.
    if (revoked.error().code == ErrorCode::conflict) return false;
    return revoked.error();
}

std::string_view event_kind(const Request& before, const Request& next) {
    if (before.status == next.status)
        return next.reviews.size() > before.reviews.size() ? "request.reviewed" : "request.changed";
    switch (next.status) {
        case RequestStatus::pending:
            break;
        case RequestStatus::approved:
            return "request.approved";
        case RequestStatus::rejected:
            return "request.rejected";
        case RequestStatus::revoked:
            return "request.revoked";
        case RequestStatus::executed:
            return "request.executed";
    }
    return "request.changed";
}

boost::json::object review_summary(const policy::Review& review) {
    boost::json::object summary{{"reviewer", printable(review.reviewer)},
                                {"group", printable(review.group)},
                                {"verdict", policy::to_string(review.verdict)}};
    if (!review.comment.empty()) summary["comment"] = printable(review.comment, longest_reason_in_event);
    if (review.duration) summary["duration"] = format_duration(*review.duration);
    return summary;
}

void record_request_event(Connection& connection, const StoreTime& now, std::string_view kind,
                          const Request& request, const Actor& actor, const Request* before) {
    boost::json::object summary{{"status", policy::to_string(request.status)},
                                {"decision", policy::to_string(request.decision)},
                                {"kind", policy::to_string(request.kind)},
                                {"requester", printable(request.requester)},
                                {"resource", printable(request.resource)}};
    if (request.review_due) summary["review_due"] = true;
    if (request.grant) summary["grant"] = request.grant->text();
    if (before == nullptr) {
        if (request.command) summary["command"] = command_summary(*request.command);
        summary["reason"] = printable(request.reason, longest_reason_in_event);
        summary["duration"] = format_duration(request.duration);
    } else if (before->status != request.status) {
        summary["before"] = {{"status", policy::to_string(before->status)}};
        summary["after"] = {{"status", policy::to_string(request.status)}};
        if (!request.decision_comment.empty())
            summary["comment"] = printable(request.decision_comment, longest_reason_in_event);
    }
    if (before != nullptr && request.reviews.size() > before->reviews.size())
        summary["review"] = review_summary(request.reviews.back());
    record_event(connection, now, kind, request.id.text(), actor, summary);
}

// For those who have to hear of it at once, whoever watches the feed for them.
void record_alarm(Connection& connection, const StoreTime& now, const Request& request,
                  const RequestChange& change) {
    boost::json::array alarmed;
    for (const std::string& group : change.alarmed_groups)
        alarmed.emplace_back(printable(group));
    boost::json::object summary{{"requester", printable(request.requester)},
                                {"resource", printable(request.resource)},
                                {"reason", printable(request.reason, longest_reason_in_event)},
                                {"groups", std::move(alarmed)}};
    if (request.grant) summary["grant"] = request.grant->text();
    record_event(connection, now, "request.break_glass", request.id.text(),
                 Actor{request.requester, change.from}, summary);
}

// Whose doing it was.
Actor actor_of(const Request& before, const Request& next, const std::string& from) {
    return {next.reviews.size() > before.reviews.size() ? next.reviews.back().reviewer : next.decided_by,
            from};
}

Result<RequestRecord> reread(Connection& connection, const StoreTime& now, const RequestId& id) {
    auto request = find_request(connection, id);
    if (!request) return no_such_request(id);
    auto grant = grant_of(connection, now, *request);
    return RequestRecord{std::move(*request), std::move(grant)};
}

bool changes_nothing(const Request& before, const RequestChange& change) {
    return change.next == before && !change.give && !change.extend && !change.revoke;
}

Result<ChangedRequest> write_change(Connection& connection, const StoreTime& now, const RequestRecord& record,
                                    RequestChange change) {
    const Request& before = record.request;
    if (changes_nothing(before, change)) return ChangedRequest{before, record, false};
    if (auto error = find_wrong(before, change)) return *error;
    const auto grant_changed = change_grant(connection, now, change, change.next);
    if (!grant_changed) return grant_changed.error();
    const RequestRecord next{change.next, grant_of(connection, now, change.next)};
    update_request(connection, before, next.request, due_at(next, now));
    record_request_event(connection, now, event_kind(before, next.request), next.request,
                         actor_of(before, next.request, change.from), &before);
    auto after = reread(connection, now, before.id);
    if (!after) return after.error();
    return ChangedRequest{before, std::move(*after), *grant_changed};
}

std::vector<RequestId> ids_in(Query&& rows) {
    std::vector<RequestId> found;
    while (rows.next()) {
        if (auto id = RequestId::parse(rows.text(0))) found.push_back(std::move(*id));
    }
    return found;
}

// Of the open requests. Nearly always few of them, or none: so all are read together first.
std::vector<RequestId> those_that_change(Connection& connection, const StoreTime& now,
                                         const ReconsiderRequest& reconsider) {
    std::vector<RequestId> found;
    const std::vector<Request> open = open_requests(connection);
    if (open.empty()) return found;
    const auto grants = grants_of_open_requests(connection, now);
    for (const Request& request : open) {
        std::optional<GrantCountdown> grant;
        if (request.grant) {
            const auto its = grants.find(*request.grant);
            if (its != grants.end()) grant = its->second;
        }
        const auto change = reconsider(request, grant, now.in_milliseconds());
        if (change && !changes_nothing(request, *change)) found.push_back(request.id);
    }
    return found;
}

// Judges each of them as it is by then, and adds those that change to `changed`.
Result<void> reconsider_each(Connection& connection, const StoreTime& now, const std::vector<RequestId>& ids,
                             const ReconsiderRequest& reconsider, std::vector<ChangedRequest>& changed) {
    for (const RequestId& id : ids) {
        auto record = reread(connection, now, id);
        if (!record) return record.error();
        auto change = reconsider(record->request, record->grant, now.in_milliseconds());
        if (!change || changes_nothing(record->request, *change)) continue;
        auto written = write_change(connection, now, *record, std::move(*change));
        if (!written) return written.error();
        changed.push_back(std::move(*written));
    }
    return {};
}

// The same for the open requests of one grant.
Result<void> reconsider_requests_of(Connection& connection, const StoreTime& now, const GrantId& grant,
                                    const ReconsiderRequest& reconsider,
                                    std::vector<ChangedRequest>& changed) {
    const auto ids = ids_in(Query{connection, open_requests_of_grant, grant.text()});
    return reconsider_each(connection, now, ids, reconsider, changed);
}

// A grant and its extensions have a request each. Where one of `changed` revoked the grant, the others of it
// are judged with the grant gone, whether or not they were before.
Result<std::vector<ChangedRequest>> with_those_of_revoked_grants(Connection& connection, const StoreTime& now,
                                                                 const ReconsiderRequest& reconsider,
                                                                 std::vector<ChangedRequest> changed) {
    std::set<std::string> revoked;
    for (const auto& [before, after, grant_changed] : changed) {
        if (grant_changed && after.grant && after.grant->grant.revoked)
            revoked.insert(after.grant->grant.id.text());
    }
    for (const std::string& id : revoked) {
        const auto grant = GrantId::parse(id);
        if (!grant) continue;
        if (auto done = reconsider_requests_of(connection, now, *grant, reconsider, changed); !done)
            return done.error();
    }
    return changed;
}

Result<std::vector<ChangedRequest>> change_each(Connection& connection, const StoreTime& now,
                                                const std::vector<RequestId>& ids,
                                                const ReconsiderRequest& reconsider) {
    std::vector<ChangedRequest> changed;
    auto done = reconsider_each(connection, now, ids, reconsider, changed);
    if (!done) return done.error();
    return with_those_of_revoked_grants(connection, now, reconsider, std::move(changed));
}

BootInstant on_boot_clock(WallInstant instant, const StoreTime& now) {
    return now.boot + (std::chrono::sys_time<Duration>{instant} - now.wall);
}

// Of a query for their number and the instant of the oldest, which is NULL where there is none.
WaitingRequests::OfKind counted(Query& query, const StoreTime& now) {
    WaitingRequests::OfKind found;
    if (!query.next()) return found;
    found.count = static_cast<std::size_t>(query.integer(0));
    if (const auto oldest = query.optional_instant(1)) found.oldest = on_boot_clock(*oldest, now);
    return found;
}

}  // namespace

Result<RequestRecord> add_request(Connection& connection, const StoreTime& now,
                                  const std::optional<GrantId>& extends, const MakeRequest& make) {
    std::optional<GrantCountdown> extended;
    if (extends) {
        extended = find_grant(connection, now, *extends);
        if (!extended) return no_such_grant(*extends);
    }
    auto change = make(extended, now.in_milliseconds());
    if (!change) return change.error();
    Request& request = change->next;
    if (request.id.empty()) request.id = RequestId::generate();
    if (auto error = find_wrong_beginning(extends, *change, now.in_milliseconds())) return *error;

    // First as it would be without its grant, which names it.
    Request asked = request;
    asked.status = RequestStatus::pending;
    asked.reviews.clear();
    insert_request(connection, asked, asked.review_ends_at);
    record_request_event(connection, now, "request.submitted", request,
                         Actor{request.requester, change->from}, nullptr);
    const auto grant_changed = change_grant(connection, now, *change, request);
    if (!grant_changed) return grant_changed.error();
    if (request.status != RequestStatus::pending) {
        const RequestRecord decided{request, grant_of(connection, now, request)};
        update_request(connection, asked, request, due_at(decided, now));
        record_request_event(connection, now, event_kind(asked, request), request,
                             Actor{request.decided_by, change->from}, &asked);
        if (!change->alarmed_groups.empty()) record_alarm(connection, now, request, *change);
    }
    for (const RequestChange::Note& note : change->notes) {
        auto summary = boost::json::parse(note.summary);
        record_event(connection, now, note.kind, note.id, Actor{note.actor, change->from},
                     summary.as_object());
    }
    return reread(connection, now, request.id);
}

Result<ChangedRequest> change_request(Connection& connection, const StoreTime& now, const RequestId& id,
                                      const ChangeRequest& change) {
    const auto record = reread(connection, now, id);
    if (!record) return record.error();
    auto changed = change(record->request, record->grant, now.in_milliseconds());
    if (!changed) return changed.error();
    return write_change(connection, now, *record, std::move(*changed));
}

Result<std::vector<ChangedRequest>> change_request_and_others(Connection& connection, const StoreTime& now,
                                                              const RequestId& id,
                                                              const ChangeRequest& change,
                                                              const ReconsiderRequest& others) {
    auto changed = change_request(connection, now, id, change);
    if (!changed) return changed.error();
    std::vector<ChangedRequest> all;
    all.push_back(std::move(*changed));
    return with_those_of_revoked_grants(connection, now, others, std::move(all));
}

Result<RevokedGrant> revoke_grant_and_requests(Connection& connection, const StoreTime& now,
                                               const GrantId& id, const Actor& by, const std::string& reason,
                                               const ReconsiderRequest& requests) {
    auto revoked = revoke_grant(connection, now, id, by, reason);
    if (!revoked) return revoked.error();
    RevokedGrant all{std::move(*revoked), {}};
    if (auto done = reconsider_requests_of(connection, now, id, requests, all.requests); !done)
        return done.error();
    return all;
}

Result<bool> would_change_open_requests(Connection& connection, const StoreTime& now,
                                        const ReconsiderRequest& reconsider) {
    return !those_that_change(connection, now, reconsider).empty();
}

Result<std::vector<ChangedRequest>> change_open_requests(Connection& connection, const StoreTime& now,
                                                         const ReconsiderRequest& reconsider) {
    const auto ids = those_that_change(connection, now, reconsider);
    return change_each(connection, now, ids, reconsider);
}

Result<std::vector<ChangedRequest>> change_due_requests(Connection& connection, const StoreTime& now,
                                                        const ReconsiderRequest& reconsider) {
    const auto ids = ids_in(Query{connection, due_requests, now.in_milliseconds()});
    return change_each(connection, now, ids, reconsider);
}

Result<std::optional<BootInstant>> next_due_request(Connection& connection, const StoreTime& now) {
    Query first{connection, "SELECT min(due_at_ms) FROM requests WHERE due_at_ms IS NOT NULL"};
    if (!first.next() || first.is_null(0)) return std::optional<BootInstant>{};
    return std::optional{on_boot_clock(first.instant(0), now)};
}

Result<WaitingRequests> count_waiting_requests(Connection& connection, const StoreTime& now) {
    WaitingRequests waiting;
    Query pending{connection, "SELECT count(*), min(asked_at_ms) FROM requests WHERE status = ?",
                  policy::to_string(policy::RequestStatus::pending)};
    waiting.pending = counted(pending, now);
    Query due{connection, "SELECT count(*), min(approved_at_ms) FROM requests WHERE review_due = 1"};
    waiting.reviews_due = counted(due, now);
    return waiting;
}

Result<void> set_command_result(Connection& connection, const StoreTime& now, const RequestId& id,
                                const policy::CommandResult& result) {
    auto request = find_request(connection, id);
    if (!request) return no_such_request(id);
    if (request->decision != policy::Decision::command_run || request->command_result) {
        return Error{ErrorCode::conflict, "What came of " + printable(id.text()) +
                                              " cannot be kept: it was not run, or that is known already"};
    }
    const policy::CommandResult kept = policy::keepable(result);
    update_command_result(connection, id, kept);
    boost::json::object summary = result_summary(kept);
    summary["requester"] = printable(request->requester);
    summary["resource"] = printable(request->resource);
    if (request->grant) summary["grant"] = request->grant->text();
    record_event(connection, now, "request.command_ended", id.text(), {}, summary);
    return {};
}

Result<RequestRecord> find_request_record(Connection& connection, const StoreTime& now, const RequestId& id) {
    return reread(connection, now, id);
}

Result<std::optional<RequestRecord>> find_request_of(Connection& connection, const StoreTime& now,
                                                     const GrantId& grant) {
    const auto found = find_grant(connection, now, grant);
    if (!found || !found->grant.request) return std::optional<RequestRecord>{};
    auto record = reread(connection, now, *found->grant.request);
    if (!record) return record.error();
    return std::optional{std::move(*record)};
}

}  // namespace curfew::store

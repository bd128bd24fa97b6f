#include "store/sql/grants.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "store/sql/events.hpp"
#include "store/sql/grant_rows.hpp"

namespace curfew::store {
namespace {

constexpr std::size_t longest_reason_in_grant_event = 500;

using Milliseconds = WallInstant::duration;

const std::string longest_in_words = "366 days";
static_assert(longest_grant == std::chrono::days{366});

Result<Milliseconds> whole_milliseconds(std::string_view what, Duration duration) {
    const auto rounded = std::chrono::floor<Milliseconds>(duration);
    if (rounded <= Milliseconds::zero())
        return Error{ErrorCode::invalid, std::string{what} + " must be above zero"};
    if (duration > longest_grant) {
        return Error{ErrorCode::invalid, std::string{what} + " must not be longer than " + longest_in_words};
    }
    return rounded;
}

const char* purpose_of(policy::GrantUse use) {
    return use == policy::GrantUse::preview ? "a preview is made" : "a script is run";
}

Result<void> check(const NewGrant& wanted, const std::optional<RequestId>& request) {
    // By hand people are let in; what one script is run under comes of its approval alone.
    if (wanted.use == policy::GrantUse::script && !request)
        return Error{ErrorCode::internal,
                     "A grant to run a script under was to be given without its request"};
    if (wanted.use != policy::GrantUse::sessions && wanted.allow_replication)
        return Error{ErrorCode::internal, "A grant for commands was to allow replication, which runs none"};
    const std::string subject = policy::to_string(wanted.subject);
    const auto read_back = policy::parse_subject(subject);
    if (!read_back) return read_back.error();
    if (!(*read_back == wanted.subject)) {
        return Error{ErrorCode::invalid, "'" + printable(wanted.subject.name) +
                                             "' cannot be given a grant: that name means something else"};
    }
    if (wanted.resource.empty()) return Error{ErrorCode::invalid, "A grant must name its resource"};
    const Duration earliest = wanted.entered ? -longest_grant : Duration::zero();
    if (wanted.starts_in < earliest || wanted.starts_in > longest_grant) {
        return Error{ErrorCode::invalid,
                     "A grant starts now or later, at most " + longest_in_words + " from now"};
    }
    return {};
}

policy::Grant make_grant(const NewGrant& wanted, Milliseconds length, WallInstant now) {
    policy::Grant grant;
    grant.id = wanted.entered.value_or(GrantId{});
    if (grant.id.empty()) grant.id = GrantId::generate();
    grant.subject = wanted.subject;
    grant.resource = wanted.resource;
    grant.window.starts_at = now + std::chrono::floor<Milliseconds>(wanted.starts_in);
    grant.window.ends_at = grant.window.starts_at + length;
    grant.allow_replication = wanted.allow_replication;
    grant.reason = wanted.reason;
    grant.given_by = wanted.given_by;
    grant.given_at = now;
    grant.use = wanted.use;
    return grant;
}

std::optional<std::string> text_of(const std::optional<RequestId>& id) {
    if (!id) return std::nullopt;
    return id->text();
}

void record_grant_event(Connection& connection, const StoreTime& now, std::string_view kind,
                        const policy::Grant& grant, const Actor& actor, std::string_view reason = {},
                        std::optional<WallInstant> ended_at = std::nullopt) {
    boost::json::object summary{{"subject", printable(policy::to_string(grant.subject))},
                                {"resource", printable(grant.resource)},
                                {"starts_at", format_utc(grant.window.starts_at)},
                                {"ends_at", format_utc(grant.window.ends_at)}};
    if (grant.request) summary["request"] = grant.request->text();
    if (grant.allow_replication) summary["replication"] = true;
    if (grant.use != policy::GrantUse::sessions) summary["use"] = policy::to_string(grant.use);
    if (!reason.empty()) summary["reason"] = printable(reason, longest_reason_in_grant_event);
    if (ended_at) {
        summary["before"] = {{"ends_at", format_utc(*ended_at)}};
        summary["after"] = {
            {"ends_at", format_utc(grant.revoked ? grant.revoked->at : grant.window.ends_at)}};
    }
    record_event(connection, now, kind, grant.id.text(), actor, summary);
}

}  // namespace

Result<GrantCountdown> add_grant(Connection& connection, const StoreTime& now, const NewGrant& wanted,
                                 const std::optional<RequestId>& request) {
    const auto length = whole_milliseconds("The length of a grant", wanted.length);
    if (!length) return length.error();
    if (auto sound = check(wanted, request); !sound) return sound.error();
    policy::Grant grant = make_grant(wanted, *length, now.in_milliseconds());
    grant.request = request;
    Query{connection,
          "INSERT INTO grants (id, subject, resource, starts_at_ms, ends_at_ms, allow_replication, reason, "
          "given_by, given_at_ms, request_id, use) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          grant.id.text(),
          policy::to_string(grant.subject),
          grant.resource,
          grant.window.starts_at,
          grant.window.ends_at,
          grant.allow_replication,
          grant.reason,
          grant.given_by,
          grant.given_at,
          text_of(grant.request),
          policy::to_string(grant.use)}
        .run();
    record_grant_event(connection, now, "grant.given", grant, Actor{grant.given_by, wanted.given_from},
                       grant.reason);
    return count_down(std::move(grant), now);
}

Result<GrantCountdown> revoke_grant(Connection& connection, const StoreTime& now, const GrantId& id,
                                    const Actor& by, const std::string& reason) {
    auto found = find_grant_not_over(connection, now, id, "there is nothing to revoke");
    if (!found) return found;
    const policy::Grant::Revocation revocation{now.in_milliseconds(), by.name, reason};
    Query{connection,
          "UPDATE grants SET revoked_at_ms = ?, revoked_by = ?, revoke_reason = ?, verifier = NULL "
          "WHERE id = ?",
          revocation.at,
          revocation.by,
          revocation.reason,
          id.text()}
        .run();
    found->grant.revoked = revocation;
    found->grant.verifier.reset();
    record_grant_event(connection, now, "grant.revoked", found->grant, by, reason,
                       found->grant.window.ends_at);
    return found;
}

Result<GrantCountdown> extend_grant(Connection& connection, const StoreTime& now, const GrantId& id,
                                    Duration more, const Actor& by, const std::optional<RequestId>& request) {
    const auto added = whole_milliseconds("An extension", more);
    if (!added) return added.error();
    auto found = find_grant_not_over(connection, now, id, "give a new one");
    if (!found) return found;
    if (policy::is_of_the_node(found->grant.use)) {
        return Error{ErrorCode::conflict, "Grant " + printable(id.text()) + " is what " +
                                              purpose_of(found->grant.use) +
                                              " under, for as long as was approved"};
    }
    policy::Window& window = found->grant.window;
    const Duration left = found->remaining - std::max(found->starts_in, Duration::zero());
    if (left + *added > longest_grant) {
        return Error{ErrorCode::invalid, "Grant " + printable(id.text()) + " would go on for longer than " +
                                             longest_in_words + "; extend it by less"};
    }
    const WallInstant before = std::exchange(window.ends_at, window.ends_at + *added);
    Query{connection, "UPDATE grants SET ends_at_ms = ? WHERE id = ?", window.ends_at, id.text()}.run();
    Query{connection,
          "INSERT INTO grant_extensions (grant_id, at_ms, from_ms, to_ms, extended_by, request_id) "
          "VALUES (?, ?, ?, ?, ?, ?)",
          id.text(),
          now.in_milliseconds(),
          before,
          window.ends_at,
          by.name,
          text_of(request)}
        .run();
    // Whose window it is passes later; that of an earlier extension is what that one added.
    Query{connection,
          "UPDATE requests SET due_at_ms = ? WHERE grant_id = ? AND kind = 'access' AND status = 'APPROVED'",
          window.ends_at, id.text()}
        .run();
    record_grant_event(connection, now, "grant.extended", found->grant, by, {}, before);
    return count_down(std::move(found->grant), now);
}

Result<GrantCountdown> set_grant_verifier(Connection& connection, const StoreTime& now, const GrantId& id,
                                          const Secret& verifier, const Actor& by) {
    if (verifier.empty()) return Error{ErrorCode::invalid, "The verifier of a grant's credential is empty"};
    auto found = find_grant_not_over(connection, now, id, "nobody can log in by it");
    if (!found) return found;
    if (policy::is_of_the_node(found->grant.use)) {
        return Error{ErrorCode::conflict, "Grant " + printable(id.text()) + " is what " +
                                              purpose_of(found->grant.use) +
                                              " under, and nobody logs in by it"};
    }
    // Revealed to be kept: the file is its owner's alone, and a verifier does not log in by itself.
    Query{connection, "UPDATE grants SET verifier = ? WHERE id = ?", verifier.reveal(), id.text()}.run();
    found->grant.verifier = verifier;
    record_grant_event(connection, now, "grant.credential_issued", found->grant, by);
    return found;
}

void mark_passed_grants(Connection& connection, const StoreTime& now) {
    // Nothing here may fail on what somebody made unreadable by hand: every change begins with it.
    struct Passed {
        std::string id;
        boost::json::object summary;
    };
    std::vector<Passed> passed;
    {
        Query marked{connection,
                     "UPDATE grants SET ended = 1, verifier = NULL "
                     "WHERE ended = 0 AND revoked_at_ms IS NULL AND ends_at_ms <= ? "
                     "RETURNING id, subject, resource",
                     now.in_milliseconds()};
        while (marked.next()) {
            passed.push_back({marked.text(0), boost::json::object{{"subject", printable(marked.text(1))},
                                                                  {"resource", printable(marked.text(2))}}});
        }
    }
    for (const Passed& grant : passed)
        record_event(connection, now, "grant.ended", grant.id, {}, grant.summary);
}

}  // namespace curfew::store

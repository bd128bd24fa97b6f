#include "store/sqlite_grants.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::store {
namespace {

using Milliseconds = WallInstant::duration;

const std::string longest_in_words = "366 days";
static_assert(longest_grant == std::chrono::days{366});

#define CURFEW_GRANT_COLUMNS                                                                 \
    "id, subject, resource, starts_at_ms, ends_at_ms, allow_replication, reason, given_by, " \
    "given_at_ms, revoked_at_ms, revoked_by, revoke_reason, ended "

constexpr std::string_view all_grants = "SELECT " CURFEW_GRANT_COLUMNS "FROM grants ORDER BY seq DESC";
constexpr std::string_view grants_not_over =
    "SELECT " CURFEW_GRANT_COLUMNS
    "FROM grants WHERE ended = 0 AND revoked_at_ms IS NULL AND ends_at_ms > ? ORDER BY seq DESC";
constexpr std::string_view one_grant = "SELECT " CURFEW_GRANT_COLUMNS "FROM grants WHERE id = ?";

#undef CURFEW_GRANT_COLUMNS

// Of the columns above, in their order.
policy::Grant read_grant(const Query& row) {
    const std::string id_text = row.text(0);
    const auto id = GrantId::parse(id_text);
    auto subject = policy::parse_subject(row.text(1));
    if (!id || !subject)
        throw std::runtime_error("The store holds a grant that cannot be read: '" + printable(id_text) +
                                 "' for '" + printable(row.text(1)) + "'; somebody changed it by hand");
    policy::Grant grant;
    grant.id = *id;
    grant.subject = std::move(*subject);
    grant.resource = row.text(2);
    grant.window = {row.instant(3), row.instant(4)};
    grant.allow_replication = row.integer(5) != 0;
    grant.reason = row.text(6);
    grant.given_by = row.text(7);
    grant.given_at = row.instant(8);
    if (const auto at = row.optional_instant(9))
        grant.revoked = policy::Grant::Revocation{*at, row.text(10), row.text(11)};
    grant.ended = row.integer(12) != 0;
    return grant;
}

GrantCountdown count_down(policy::Grant grant, const StoreTime& now) {
    const auto from_now = [&now](WallInstant instant) {
        return std::chrono::sys_time<Duration>{instant} - now.wall;
    };
    const Duration starts_in = from_now(grant.window.starts_at);
    const Duration remaining = from_now(grant.window.ends_at);
    return {std::move(grant), starts_in, remaining, now.boot};
}

std::optional<GrantCountdown> find(Connection& connection, const StoreTime& now, const GrantId& id) {
    Query row{connection, one_grant, id.text()};
    if (!row.next()) return std::nullopt;
    return count_down(read_grant(row), now);
}

std::string named(const GrantId& id) {
    return "Grant " + printable(id.text());
}

Error no_such_grant(const GrantId& id) {
    return {ErrorCode::not_found, "There is no grant " + printable(id.text())};
}

// The grant, unless it is over; then a conflict that says so, and `what_then`.
Result<GrantCountdown> find_not_over(Connection& connection, const StoreTime& now, const GrantId& id,
                                     std::string_view what_then) {
    auto found = find(connection, now, id);
    if (!found) return no_such_grant(id);
    if (const auto& revoked = found->grant.revoked) {
        return Error{ErrorCode::conflict, named(id) + " was revoked already, by " + printable(revoked->by) +
                                              " at " + format_utc(revoked->at)};
    }
    if (found->state() == policy::GrantState::ended) {
        return Error{ErrorCode::conflict, named(id) + " has been over since " +
                                              format_utc(found->grant.window.ends_at) + "; " +
                                              std::string{what_then}};
    }
    return std::move(*found);
}

Result<Milliseconds> whole_milliseconds(std::string_view what, Duration duration) {
    const auto rounded = std::chrono::floor<Milliseconds>(duration);
    if (rounded <= Milliseconds::zero())
        return Error{ErrorCode::invalid, std::string{what} + " must be above zero"};
    if (duration > longest_grant) {
        return Error{ErrorCode::invalid, std::string{what} + " must not be longer than " + longest_in_words};
    }
    return rounded;
}

Result<void> check(const NewGrant& wanted) {
    const std::string subject = policy::to_string(wanted.subject);
    const auto read_back = policy::parse_subject(subject);
    if (!read_back) return read_back.error();
    if (!(*read_back == wanted.subject)) {
        return Error{ErrorCode::invalid, "'" + printable(wanted.subject.name) +
                                             "' cannot be given a grant: that name means something else"};
    }
    if (wanted.resource.empty()) return Error{ErrorCode::invalid, "A grant must name its resource"};
    if (wanted.starts_in < Duration::zero() || wanted.starts_in > longest_grant) {
        return Error{ErrorCode::invalid,
                     "A grant starts now or later, at most " + longest_in_words + " from now"};
    }
    return {};
}

policy::Grant make_grant(const NewGrant& wanted, Milliseconds length, WallInstant now) {
    policy::Grant grant;
    grant.id = GrantId::generate();
    grant.subject = wanted.subject;
    grant.resource = wanted.resource;
    grant.window.starts_at = now + std::chrono::floor<Milliseconds>(wanted.starts_in);
    grant.window.ends_at = grant.window.starts_at + length;
    grant.allow_replication = wanted.allow_replication;
    grant.reason = wanted.reason;
    grant.given_by = wanted.given_by;
    grant.given_at = now;
    return grant;
}

}  // namespace

Result<GrantCountdown> add_grant(Connection& connection, const StoreTime& now, const NewGrant& wanted) {
    const auto length = whole_milliseconds("The length of a grant", wanted.length);
    if (!length) return length.error();
    if (auto sound = check(wanted); !sound) return sound.error();
    policy::Grant grant = make_grant(wanted, *length, now.in_milliseconds());
    Query{connection,
          "INSERT INTO grants (id, subject, resource, starts_at_ms, ends_at_ms, allow_replication, reason, "
          "given_by, given_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
          grant.id.text(),
          policy::to_string(grant.subject),
          grant.resource,
          grant.window.starts_at,
          grant.window.ends_at,
          grant.allow_replication,
          grant.reason,
          grant.given_by,
          grant.given_at}
        .run();
    return count_down(std::move(grant), now);
}

Result<GrantCountdown> revoke_grant(Connection& connection, const StoreTime& now, const GrantId& id,
                                    const std::string& by, const std::string& reason) {
    auto found = find_not_over(connection, now, id, "there is nothing to revoke");
    if (!found) return found;
    const policy::Grant::Revocation revocation{now.in_milliseconds(), by, reason};
    Query{connection,
          "UPDATE grants SET revoked_at_ms = ?, revoked_by = ?, revoke_reason = ? WHERE id = ?",
          revocation.at,
          revocation.by,
          revocation.reason,
          id.text()}
        .run();
    found->grant.revoked = revocation;
    return found;
}

Result<GrantCountdown> extend_grant(Connection& connection, const StoreTime& now, const GrantId& id,
                                    Duration by) {
    const auto more = whole_milliseconds("An extension", by);
    if (!more) return more.error();
    auto found = find_not_over(connection, now, id, "give a new one");
    if (!found) return found;
    policy::Window& window = found->grant.window;
    const Duration left = found->remaining - std::max(found->starts_in, Duration::zero());
    if (left + *more > longest_grant) {
        return Error{ErrorCode::invalid,
                     named(id) + " would go on for longer than " + longest_in_words + "; extend it by less"};
    }
    const WallInstant before = std::exchange(window.ends_at, window.ends_at + *more);
    Query{connection, "UPDATE grants SET ends_at_ms = ? WHERE id = ?", window.ends_at, id.text()}.run();
    Query{connection, "INSERT INTO grant_extensions (grant_id, at_ms, from_ms, to_ms) VALUES (?, ?, ?, ?)",
          id.text(),  now.in_milliseconds(),
          before,     window.ends_at}
        .run();
    return count_down(std::move(found->grant), now);
}

Result<std::vector<GrantCountdown>> list_grants(Connection& connection, const StoreTime& now,
                                                bool include_over) {
    std::vector<GrantCountdown> found;
    const auto collect = [&](Query&& rows) {
        while (rows.next())
            found.push_back(count_down(read_grant(rows), now));
    };
    if (include_over) {
        collect(Query{connection, all_grants});
    } else {
        collect(Query{connection, grants_not_over, now.in_milliseconds()});
    }
    return found;
}

void mark_passed_grants(Connection& connection, const StoreTime& now) {
    Query{connection,
          "UPDATE grants SET ended = 1 WHERE ended = 0 AND revoked_at_ms IS NULL AND ends_at_ms <= ?",
          now.in_milliseconds()}
        .run();
}

bool has_grant(Connection& connection, const GrantId& id) {
    return Query{connection, "SELECT 1 FROM grants WHERE id = ?", id.text()}.next();
}

}  // namespace curfew::store

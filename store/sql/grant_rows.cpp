#include "store/sql/grant_rows.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "store/sql/audit_chain.hpp"
#include "store/sql/events.hpp"
#include "store/sql/page.hpp"
#include "store/sql/request_rows.hpp"

namespace curfew::store {
namespace {

#define CURFEW_GRANT_COLUMNS                                                                 \
    "id, subject, resource, starts_at_ms, ends_at_ms, allow_replication, reason, given_by, " \
    "given_at_ms, revoked_at_ms, revoked_by, revoke_reason, ended, request_id, verifier, "   \
    "use, "                                                                                  \
    "(SELECT min(rules) || '\n' || max(rules) || '\n' || (count(DISTINCT rules) + "          \
    "10 * count(CASE WHEN approval = 'signed_offline' THEN 1 END)) FROM requests "           \
    "WHERE grant_id = grants.id AND approved_at_ms IS NOT NULL) "

#define CURFEW_GRANT_NOT_OVER "ended = 0 AND revoked_at_ms IS NULL AND ends_at_ms > ? "

constexpr std::string_view every_grant = "SELECT " CURFEW_GRANT_COLUMNS "FROM grants ORDER BY seq DESC";
constexpr std::string_view grants_not_over =
    "SELECT " CURFEW_GRANT_COLUMNS "FROM grants WHERE " CURFEW_GRANT_NOT_OVER "ORDER BY seq DESC";
// The same a page at a time. What is over is most of it, after a while; for the others there is an index.
#define CURFEW_PAGE_OF_GRANTS(subjects) \
    "seq < ? AND (? = '' OR subject IN (" subjects ")) ORDER BY seq DESC LIMIT ?"
#define CURFEW_SUBJECTS_IN_SQLITE "SELECT value FROM json_each(?)"
#define CURFEW_SUBJECTS_IN_POSTGRES "SELECT json_array_elements_text(CAST(nullif(?, '') AS json))"
constexpr Dialects grants_before{
    "SELECT " CURFEW_GRANT_COLUMNS
    ", seq FROM grants WHERE " CURFEW_PAGE_OF_GRANTS(CURFEW_SUBJECTS_IN_SQLITE),
    "SELECT " CURFEW_GRANT_COLUMNS
    ", seq FROM grants WHERE " CURFEW_PAGE_OF_GRANTS(CURFEW_SUBJECTS_IN_POSTGRES)};
constexpr Dialects grants_not_over_before{
    "SELECT " CURFEW_GRANT_COLUMNS ", seq FROM grants WHERE " CURFEW_GRANT_NOT_OVER
    "AND " CURFEW_PAGE_OF_GRANTS(CURFEW_SUBJECTS_IN_SQLITE),
    "SELECT " CURFEW_GRANT_COLUMNS ", seq FROM grants WHERE " CURFEW_GRANT_NOT_OVER
    "AND " CURFEW_PAGE_OF_GRANTS(CURFEW_SUBJECTS_IN_POSTGRES)};
constexpr int seq_column = 17;
// Told one by one; of more, all grants are.
constexpr std::int64_t most_news = 256;
constexpr std::string_view one_grant = "SELECT " CURFEW_GRANT_COLUMNS "FROM grants WHERE id = ?";
constexpr Dialects some_grants{"SELECT " CURFEW_GRANT_COLUMNS
                               "FROM grants WHERE id IN (SELECT value FROM json_each(?))",
                               "SELECT " CURFEW_GRANT_COLUMNS
                               "FROM grants WHERE id IN (SELECT json_array_elements_text(CAST(? AS json)))"};
constexpr std::string_view of_open_requests =
    "SELECT " CURFEW_GRANT_COLUMNS
    "FROM grants WHERE id IN (SELECT grant_id FROM requests WHERE status IN ('PENDING', 'APPROVED'))";

// By the index of ends: by their order, years of grants would be gone through.
constexpr std::string_view grants_of_interval =
    "SELECT " CURFEW_GRANT_COLUMNS
    "FROM grants WHERE (? = '' OR resource = ?) AND ((ends_at_ms > ? AND starts_at_ms < ?) OR id IN "
    "(SELECT grant_id FROM sessions WHERE ended_at_ms >= ? AND ended_at_ms < ? UNION "
    "SELECT grant_id FROM sessions WHERE state <> 'ended' AND started_at_ms < ?)) ORDER BY +seq DESC LIMIT ?";
// The same a page at a time. A name that has a colon or is `*` is nobody's: subjects that are users are their
// names.
constexpr std::string_view grants_of_interval_before =
    "SELECT " CURFEW_GRANT_COLUMNS
    ", seq FROM grants WHERE seq < ? AND (? = '' OR resource = ?) AND (? = '' OR subject = ? OR id IN "
    "(SELECT grant_id FROM sessions WHERE user_name = ?)) AND ((ends_at_ms > ? AND starts_at_ms < ?) OR id "
    "IN "
    "(SELECT grant_id FROM sessions WHERE ended_at_ms >= ? AND ended_at_ms < ? UNION "
    "SELECT grant_id FROM sessions WHERE state <> 'ended' AND started_at_ms < ?)) ORDER BY seq DESC LIMIT ?";
#define CURFEW_EXTENSION_COLUMNS "SELECT at_ms, extended_by, request_id, from_ms, to_ms, grant_id "
constexpr Dialects extensions_of_some{
    CURFEW_EXTENSION_COLUMNS
    "FROM grant_extensions WHERE grant_id IN (SELECT value FROM json_each(?)) ORDER BY seq",
    CURFEW_EXTENSION_COLUMNS
    "FROM grant_extensions WHERE grant_id IN (SELECT json_array_elements_text(CAST(? AS json))) "
    "ORDER BY seq"};
constexpr std::string_view extensions_of_one =
    CURFEW_EXTENSION_COLUMNS "FROM grant_extensions WHERE grant_id = ? ORDER BY seq";

#undef CURFEW_EXTENSION_COLUMNS
#undef CURFEW_GRANT_NOT_OVER
#undef CURFEW_GRANT_COLUMNS

// What the last of the columns above tells: the rules of its requests, as lists in JSON, which have no line
// breaks. Nobody extends a grant under many different ones; where somebody did, two of them are not all. Who
// signed offline had no rules at hand.
std::optional<std::vector<std::string>> rules_of_requests(const Query& row, int column,
                                                          const std::string& grant) {
    if (row.is_null(column)) return std::nullopt;
    const std::string text = row.text(column);
    const auto first = text.find('\n');
    const auto last = text.rfind('\n');
    if (first == last) return std::nullopt;
    const std::string count = text.substr(last + 1);
    if (count != "1" && count != "2") return std::nullopt;
    std::vector<std::string> rules = names_in_json(text.substr(0, first), grant);
    for (std::string& rule : names_in_json(text.substr(first + 1, last - first - 1), grant)) {
        if (std::find(rules.begin(), rules.end(), rule) == rules.end()) rules.push_back(std::move(rule));
    }
    return rules;
}

// Of the columns above, in their order.
policy::Grant read_grant(const Query& row) {
    const std::string id_text = row.text(0);
    const auto id = GrantId::parse(id_text);
    auto subject = policy::parse_subject(row.text(1));
    const auto use = policy::parse_grant_use(row.text(15));
    if (!id || !subject || !use)
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
    grant.request = read_request_id(row, 13);
    if (!row.is_null(14)) grant.verifier = Secret{row.text(14)};
    grant.use = *use;
    if (grant.request) grant.approved_under = rules_of_requests(row, 16, id_text);
    return grant;
}

// Empty: everybody's.
std::string as_json(const std::optional<std::vector<policy::Subject>>& subjects) {
    if (!subjects) return {};
    boost::json::array names;
    for (const policy::Subject& subject : *subjects)
        names.emplace_back(policy::to_string(subject));
    return boost::json::serialize(names);
}

std::string as_json(const std::vector<GrantId>& ids) {
    boost::json::array names;
    for (const GrantId& id : ids)
        names.emplace_back(id.text());
    return boost::json::serialize(names);
}

GrantExtension read_extension(const Query& row) {
    return {row.instant(0), row.text(1), read_request_id(row, 2), row.instant(3), row.instant(4)};
}

// False if there are too many of them.
bool collect_changed(Connection& connection, const StoreTime& now, EventNumber since, GrantNews& news) {
    std::vector<GrantId> changed;
    {
        Query ids{connection,
                  "SELECT DISTINCT id FROM events WHERE number > ? AND kind LIKE 'grant.%' LIMIT ?", since,
                  most_news + 1};
        while (ids.next()) {
            if (auto id = GrantId::parse(ids.text(0))) changed.push_back(std::move(*id));
        }
    }
    if (changed.size() > static_cast<std::size_t>(most_news)) return false;
    news.grants = find_grants(connection, now, changed);
    return true;
}

std::string named(const GrantId& id) {
    return "Grant " + printable(id.text());
}

// One more row than the page has tells whether there are more.
GrantPage read_grant_page(Query& rows, const StoreTime& now, std::size_t limit) {
    GrantPage found;
    RowPlace last = 0;
    while (rows.next()) {
        if (found.grants.size() == limit) {
            found.next = cursor_after(last);
            break;
        }
        last = rows.integer(seq_column);
        found.grants.push_back(count_down(read_grant(rows), now));
    }
    return found;
}

}  // namespace

std::optional<RequestId> read_request_id(const Query& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    const std::string text = row.text(column);
    auto id = RequestId::parse(text);
    if (!id)
        throw std::runtime_error("The store names a request that cannot be: '" + printable(text) +
                                 "'; somebody changed it by hand");
    return id;
}

GrantCountdown count_down(policy::Grant grant, const StoreTime& now) {
    const auto from_now = [&now](WallInstant instant) {
        return std::chrono::sys_time<Duration>{instant} - now.wall;
    };
    const Duration starts_in = from_now(grant.window.starts_at);
    const Duration remaining = from_now(grant.window.ends_at);
    return {std::move(grant), starts_in, remaining, now.boot};
}

std::optional<GrantCountdown> find_grant(Connection& connection, const StoreTime& now, const GrantId& id) {
    Query row{connection, one_grant, id.text()};
    if (!row.next()) return std::nullopt;
    return count_down(read_grant(row), now);
}

std::vector<GrantCountdown> find_grants(Connection& connection, const StoreTime& now,
                                        const std::vector<GrantId>& ids) {
    std::vector<GrantCountdown> found;
    if (ids.empty()) return found;
    Query rows{connection, connection.choose(some_grants), as_json(ids)};
    while (rows.next())
        found.push_back(count_down(read_grant(rows), now));
    return found;
}

std::map<GrantId, GrantCountdown> grants_of_open_requests(Connection& connection, const StoreTime& now) {
    Query rows{connection, of_open_requests};
    std::map<GrantId, GrantCountdown> grants;
    while (rows.next()) {
        policy::Grant grant = read_grant(rows);
        GrantId id = grant.id;
        grants.emplace(std::move(id), count_down(std::move(grant), now));
    }
    return grants;
}

Error no_such_grant(const GrantId& id) {
    return {ErrorCode::not_found, "There is no grant " + printable(id.text())};
}

Result<GrantCountdown> find_grant_not_over(Connection& connection, const StoreTime& now, const GrantId& id,
                                           std::string_view what_then) {
    auto found = find_grant(connection, now, id);
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

bool has_grant(Connection& connection, const GrantId& id) {
    return Query{connection, "SELECT 1 FROM grants WHERE id = ?", id.text()}.next();
}

Result<std::vector<GrantCountdown>> all_grants(Connection& connection, const StoreTime& now,
                                               bool include_over) {
    std::vector<GrantCountdown> found;
    const auto collect = [&](Query&& rows) {
        while (rows.next())
            found.push_back(count_down(read_grant(rows), now));
    };
    if (include_over) {
        collect(Query{connection, every_grant});
    } else {
        collect(Query{connection, grants_not_over, now.in_milliseconds()});
    }
    return found;
}

Result<GrantNews> grant_news(Connection& connection, const StoreTime& now, std::optional<ChainHead> since) {
    GrantNews news{chain_head(connection), false, {}, now};
    if (since == news.as_of) return news;
    news.whole =
        !since || !is_in_chain(connection, *since) || !collect_changed(connection, now, since->number, news);
    if (!news.whole) return news;
    auto all = all_grants(connection, now, false);
    if (!all) return all.error();
    news.grants = std::move(*all);
    return news;
}

Result<GrantPage> list_grants(Connection& connection, const StoreTime& now, const GrantFilter& filter,
                              const Page& page) {
    const auto before = begin_of(page, largest_grant_page);
    if (!before) return before.error();
    const std::string subjects = as_json(filter.subjects);
    const auto limit = static_cast<std::int64_t>(page.limit + 1);  // one more tells whether there are more
    Query rows = filter.include_over
                     ? Query{connection, connection.choose(grants_before), *before, subjects, subjects, limit}
                     : Query{connection,
                             connection.choose(grants_not_over_before),
                             now.in_milliseconds(),
                             *before,
                             subjects,
                             subjects,
                             limit};
    return read_grant_page(rows, now, page.limit);
}

std::vector<GrantCountdown> grants_between(Connection& connection, const StoreTime& now, WallInstant from,
                                           WallInstant to, const std::string& resource, std::size_t most) {
    Query rows{connection, grants_of_interval, resource, resource, from, to, from, to,
               to,         std::uint64_t{most}};
    std::vector<GrantCountdown> found;
    while (rows.next())
        found.push_back(count_down(read_grant(rows), now));
    return found;
}

Result<GrantPage> grants_between(Connection& connection, const StoreTime& now, const GrantsOfInterval& wanted,
                                 const Page& page) {
    const auto before = begin_of(page, largest_grant_page);
    if (!before) return before.error();
    const auto& [from, to, resource, user] = wanted;
    Query rows{connection, grants_of_interval_before,
               *before,    resource,
               resource,   user,
               user,       user,
               from,       to,
               from,       to,
               to,         static_cast<std::int64_t>(page.limit + 1)};
    return read_grant_page(rows, now, page.limit);
}

Result<std::vector<GrantExtension>> list_grant_extensions(Connection& connection, const GrantId& id) {
    Query rows{connection, extensions_of_one, id.text()};
    std::vector<GrantExtension> extensions;
    while (rows.next())
        extensions.push_back(read_extension(rows));
    return extensions;
}

std::map<GrantId, std::vector<GrantExtension>> extensions_of(Connection& connection,
                                                             const std::vector<GrantId>& ids) {
    std::map<GrantId, std::vector<GrantExtension>> extensions;
    Query rows{connection, connection.choose(extensions_of_some), as_json(ids)};
    while (rows.next()) {
        if (const auto id = GrantId::parse(rows.text(5))) extensions[*id].push_back(read_extension(rows));
    }
    return extensions;
}

}  // namespace curfew::store

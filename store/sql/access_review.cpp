#include "store/sql/access_review.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "policy/end_cause.hpp"
#include "store/sessions.hpp"
#include "store/sql/grant_rows.hpp"
#include "store/sql/request_rows.hpp"
#include "store/sql/session_rows.hpp"

namespace curfew::store {
namespace {

// In the order of their starts, so that what they share is counted once.
#define CURFEW_SESSIONS_UNDER(grants)                                               \
    "SELECT grant_id, user_name, started_at_ms, ended_at_ms, cause, confirmation, " \
    "state, " CURFEW_SESSION_DEADLINE "FROM sessions WHERE grant_id IN (" grants    \
    ") AND started_at_ms < ? AND (ended_at_ms IS NULL OR ended_at_ms >= ?) ORDER BY started_at_ms"
constexpr Dialects sessions_under_grants{
    CURFEW_SESSIONS_UNDER("SELECT value FROM json_each(?)"),
    CURFEW_SESSIONS_UNDER("SELECT json_array_elements_text(CAST(? AS json))")};
#undef CURFEW_SESSIONS_UNDER

// A grant's use while its sessions are gone through.
struct Tally {
    UseOfGrant use;
    WallInstant counted_to;  // up to here its time is counted
};

void count_time(Tally& tally, WallInstant from, WallInstant to) {
    const WallInstant begin = std::max(from, tally.counted_to);
    if (to <= begin) return;
    tally.use.used += to - begin;
    tally.counted_to = to;
}

void count_overstay(UseOfGrant& use, WallInstant over_at, WallInstant deadline) {
    const Duration overstay = over_at - deadline;
    if (overstay <= notable_overstay) return;
    ++use.overstayed;
    use.longest_overstay = std::max(use.longest_overstay, overstay);
}

void count_session(Tally& tally, const Query& row, const AccessReviewWanted& wanted, WallInstant now) {
    UseOfGrant& use = tally.use;
    ++use.sessions;
    if (use.users.size() < most_users_named) use.users.insert(row.text(1));
    const WallInstant started = row.instant(2);
    const auto ended = row.optional_instant(3);
    if (!use.first_at) use.first_at = started;
    count_time(tally, std::max(started, wanted.from), std::min(ended.value_or(now), wanted.to));
    if (!ended) ++use.not_over;
    const auto cause = row.is_null(4) ? std::nullopt : policy::parse_end_cause(row.text(4));
    if (cause && policy::is_enforced(*cause)) ++use.enforced;
    if (row.text(5) == to_string(Confirmation::unconfirmed)) ++use.unconfirmed;
    count_overstay(use, ended.value_or(now), row.instant(7));
}

std::map<std::string, UseOfGrant> uses_of(Connection& connection, const std::vector<GrantId>& grants,
                                          const AccessReviewWanted& wanted, WallInstant now) {
    boost::json::array names;
    for (const GrantId& id : grants)
        names.emplace_back(id.text());
    Query rows{connection, connection.choose(sessions_under_grants), boost::json::serialize(names), wanted.to,
               wanted.from};
    std::map<std::string, Tally> tallies;
    while (rows.next())
        count_session(tallies[rows.text(0)], rows, wanted, now);
    std::map<std::string, UseOfGrant> uses;
    for (auto& [grant, tally] : tallies)
        uses.emplace(grant, std::move(tally.use));
    return uses;
}

}  // namespace

Result<AccessReviewPage> read_access_review(Connection& connection, const StoreTime& now,
                                            const AccessReviewWanted& wanted, const Page& page) {
    if (wanted.from >= wanted.to) return Error{ErrorCode::invalid, "A review begins before it ends"};
    if (page.limit == 0 || page.limit > largest_access_review_page) {
        return Error{ErrorCode::invalid,
                     "A page of a review has 1 to " + std::to_string(largest_access_review_page) + " grants"};
    }
    const GrantsOfInterval asked{wanted.from, wanted.to, wanted.resource.value_or(""),
                                 wanted.user.value_or("")};
    auto found = grants_between(connection, now, asked, page);
    if (!found) return found.error();
    AccessReviewPage review{now.in_milliseconds(), {}, std::move(found->next)};
    std::vector<GrantId> ids;
    for (const GrantCountdown& grant : found->grants)
        ids.push_back(grant.grant.id);
    auto requests = requests_behind(connection, found->grants);
    auto extensions = extensions_of(connection, ids);
    auto uses = uses_of(connection, ids, wanted, review.as_of);
    for (GrantCountdown& grant : found->grants) {
        ReviewedGrant reviewed;
        if (grant.grant.request) {
            const auto request = requests.find(*grant.grant.request);
            if (request != requests.end()) reviewed.request = std::move(request->second);
        }
        if (const auto of = extensions.find(grant.grant.id); of != extensions.end())
            reviewed.extensions = std::move(of->second);
        if (const auto use = uses.find(grant.grant.id.text()); use != uses.end())
            reviewed.use = std::move(use->second);
        reviewed.grant = std::move(grant);
        review.grants.push_back(std::move(reviewed));
    }
    return review;
}

}  // namespace curfew::store

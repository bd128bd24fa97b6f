#include "store/sql/timeline.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "store/sql/grant_rows.hpp"
#include "store/sql/request_rows.hpp"
#include "store/sql/session_rows.hpp"

namespace curfew::store {
namespace {

constexpr std::size_t sessions_for_a_grant = 10;  // on the average of all

#define CURFEW_TIMELINE_SESSIONS(grants)                                                                     \
    "SELECT " CURFEW_SESSION_COLUMNS ", " CURFEW_SESSION_DEADLINE "FROM sessions WHERE grant_id IN (" grants \
    ") AND started_at_ms < ? AND "                                                                           \
    "(ended_at_ms IS NULL OR ended_at_ms >= ?) ORDER BY +seq DESC LIMIT ?"
constexpr Dialects sessions_of_some_grants{
    CURFEW_TIMELINE_SESSIONS("SELECT value FROM json_each(?)"),
    CURFEW_TIMELINE_SESSIONS("SELECT json_array_elements_text(CAST(? AS json))")};
#undef CURFEW_TIMELINE_SESSIONS

// Cuts what is more than `most`. `cut` becomes true where there was.
template <class T>
void cut_to(std::size_t most, std::vector<T>& list, bool& cut) {
    if (list.size() <= most) return;
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
    cut = true;
}

std::map<GrantId, std::vector<ListedSession>> sessions_of(Connection& connection,
                                                          const TimelineWanted& wanted,
                                                          const std::vector<GrantId>& grants, bool& cut) {
    boost::json::array names;
    for (const GrantId& id : grants)
        names.emplace_back(id.text());
    const std::size_t most = wanted.grants * sessions_for_a_grant;
    Query rows{connection,
               connection.choose(sessions_of_some_grants),
               boost::json::serialize(names),
               wanted.to,
               wanted.from,
               std::uint64_t{most + 1}};
    std::vector<ListedSession> sessions;
    while (rows.next())
        sessions.push_back(read_listed_session(rows));
    cut_to(most, sessions, cut);
    std::map<GrantId, std::vector<ListedSession>> by_grant;
    for (ListedSession& session : sessions)
        by_grant[session.record.grant].push_back(std::move(session));
    return by_grant;
}

// What `all` has for `id`; nothing stays behind.
template <class Id, class T>
T take(std::map<Id, T>& all, const Id& id) {
    const auto found = all.find(id);
    return found == all.end() ? T{} : std::move(found->second);
}

}  // namespace

Result<Timeline> read_timeline(Connection& connection, const StoreTime& now, const TimelineWanted& wanted) {
    if (wanted.from >= wanted.to) return Error{ErrorCode::invalid, "A timeline begins before it ends"};
    if (wanted.grants == 0 || wanted.grants > largest_timeline) {
        return Error{ErrorCode::invalid,
                     "A timeline has 1 to " + std::to_string(largest_timeline) + " grants"};
    }
    Timeline timeline;
    timeline.as_of = now.in_milliseconds();
    const std::string resource = wanted.resource.value_or("");
    auto grants = grants_between(connection, now, wanted.from, wanted.to, resource, wanted.grants + 1);
    cut_to(wanted.grants, grants, timeline.cut);
    std::vector<GrantId> ids;
    ids.reserve(grants.size());
    for (const GrantCountdown& grant : grants)
        ids.push_back(grant.grant.id);

    auto requests = requests_behind(connection, grants);
    auto extensions = extensions_of(connection, ids);
    auto sessions = sessions_of(connection, wanted, ids, timeline.cut);
    for (GrantCountdown& grant : grants) {
        GrantOnTimeline shown;
        if (grant.grant.request) {
            if (const auto found = requests.find(*grant.grant.request); found != requests.end())
                shown.request = std::move(found->second);
        }
        shown.extensions = take(extensions, grant.grant.id);
        shown.sessions = take(sessions, grant.grant.id);
        shown.grant = std::move(grant);
        timeline.grants.push_back(std::move(shown));
    }
    timeline.not_approved =
        requests_not_approved(connection, wanted.from, wanted.to, resource, wanted.grants + 1);
    cut_to(wanted.grants, timeline.not_approved, timeline.cut);
    return timeline;
}

}  // namespace curfew::store

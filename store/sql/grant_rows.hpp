// Grants as the store has them in its rows. Everything here runs inside a transaction of its caller's.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "store/grants.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// These throw what the connection explains where the database fails, and std::runtime_error where a row
// cannot be understood.
namespace curfew::store {

GrantCountdown count_down(policy::Grant grant, const StoreTime& now);

std::optional<GrantCountdown> find_grant(Connection& connection, const StoreTime& now, const GrantId& id);
// The grant, unless it is over; then a conflict that says so, and `what_then`.
Result<GrantCountdown> find_grant_not_over(Connection& connection, const StoreTime& now, const GrantId& id,
                                           std::string_view what_then);
// Those of them that there are, in one statement.
std::vector<GrantCountdown> find_grants(Connection& connection, const StoreTime& now,
                                        const std::vector<GrantId>& ids);
// Those that open requests are about, by their identifiers.
std::map<GrantId, GrantCountdown> grants_of_open_requests(Connection& connection, const StoreTime& now);
bool has_grant(Connection& connection, const GrantId& id);
Error no_such_grant(const GrantId& id);

Result<std::vector<GrantCountdown>> all_grants(Connection& connection, const StoreTime& now,
                                               bool include_over);
Result<GrantNews> grant_news(Connection& connection, const StoreTime& now, std::optional<ChainHead> since);
Result<GrantPage> list_grants(Connection& connection, const StoreTime& now, const GrantFilter& filter,
                              const Page& page);
// As Timeline has them, of `resource` or ('') of all, at most so many.
std::vector<GrantCountdown> grants_between(Connection& connection, const StoreTime& now, WallInstant from,
                                           WallInstant to, const std::string& resource, std::size_t most);
// Of an interval, as AccessReviewPage has them; '' does not narrow them.
struct GrantsOfInterval {
    WallInstant from;
    WallInstant to;
    std::string resource;
    std::string user;
};
Result<GrantPage> grants_between(Connection& connection, const StoreTime& now, const GrantsOfInterval& wanted,
                                 const Page& page);
Result<std::vector<GrantExtension>> list_grant_extensions(Connection& connection, const GrantId& id);
// Each one's, in order; those without any are left out.
std::map<GrantId, std::vector<GrantExtension>> extensions_of(Connection& connection,
                                                             const std::vector<GrantId>& ids);

// Of a column that may hold one.
std::optional<RequestId> read_request_id(const Query& row, int column);

}  // namespace curfew::store

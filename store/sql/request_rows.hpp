// Requests as the store has them in its rows. Everything here runs inside a transaction of its
// caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "policy/request.hpp"
#include "store/sql/connection.hpp"
#include "store/sql/grant_rows.hpp"

// These throw what the connection explains where the database fails, and std::runtime_error where a row
// cannot be understood.
namespace curfew::store {

// The place of a row in the order in which requests were asked.
using RequestPlace = std::int64_t;

// With all of its command, and of what came of it; these are brief in what the others give, so that a list of
// hundreds is no list of megabytes.
std::optional<policy::Request> find_request(Connection& connection, const RequestId& id);
// Without its reviews, which are not looked at for what is left out of a list.
std::optional<policy::Request> find_request_at(Connection& connection, RequestPlace place);
// Those that are open, in the order in which they were asked: in as many statements for thousands as for one.
std::vector<policy::Request> open_requests(Connection& connection);
// Those of them that there are, in no particular order: in as many statements for thousands as for one.
std::vector<policy::Request> find_requests(Connection& connection, const std::vector<RequestId>& ids);
// Those that gave these grants.
std::map<RequestId, policy::Request> requests_behind(Connection& connection,
                                                     const std::vector<GrantCountdown>& grants);
// Asked in [from, to) and not approved, or not yet, for `resource` or ('') any; asked last first, at most so
// many.
std::vector<policy::Request> requests_not_approved(Connection& connection, WallInstant from, WallInstant to,
                                                   const std::string& resource, std::size_t most);
std::vector<policy::Review> reviews_of(Connection& connection, const RequestId& id);

// `due`: when time decides about it.
void insert_request(Connection& connection, const policy::Request& request, std::optional<WallInstant> due);
// Writes what its events can change, and the reviews that `before` does not have.
void update_request(Connection& connection, const policy::Request& before, const policy::Request& next,
                    std::optional<WallInstant> due);

// Of a command that has none; policy::keepable() has been at it.
void update_command_result(Connection& connection, const RequestId& id, const policy::CommandResult& result);

// Names as a JSON array, and back.
std::string to_json(const std::vector<std::string>& names);
std::vector<std::string> names_in_json(const std::string& json, const std::string& of_what);

}  // namespace curfew::store

// What the sign-in provider said last of each user, in the store. Everything here runs inside a
// transaction of its caller's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/people.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As the functions of PeopleStore promise, at `now`. These throw what the connection explains where the
// database fails.
namespace curfew::store {

Result<BegunSignIn> add_sign_in_and_judge(Connection& connection, const StoreTime& now,
                                          const NewSignIn& sign_in, const JudgeClaims& judge);
Result<std::vector<Claims>> list_claims(Connection& connection);
Result<std::optional<Claims>> find_claims(Connection& connection, const std::string& user);

// In place of the last ones.
void put_claims(Connection& connection, const StoreTime& now, const std::string& user,
                const std::string& text);
// Whether there were any.
bool delete_claims_on(Connection& connection, const std::string& user);

}  // namespace curfew::store

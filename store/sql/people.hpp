// Passwords in the store, and the end of everything that somebody signs in with. Everything here runs
// inside a transaction of its caller's.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "store/people.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As the functions of PeopleStore promise, at `now`. These throw what the connection explains where the
// database fails.
namespace curfew::store {

Result<void> set_password(Connection& connection, const StoreTime& now, const std::string& user,
                          const Secret& hash, const Actor& by);
Result<std::optional<Password>> find_password(Connection& connection, const std::string& user);
Result<std::set<std::string>> people_with_passwords(Connection& connection);
// Takes everything from this user that they sign in with.
void forget_person(Connection& connection, const StoreTime& now, const std::string& user, const Actor& by);
Result<std::vector<std::string>> forget_all_but(Connection& connection, const StoreTime& now,
                                                const std::set<std::string>& users, const Actor& by);

// When something that is made now and lasts for `lifetime` ends. invalid: not above zero, or beyond ten
// years.
Result<WallInstant> end_of(Duration lifetime, const StoreTime& now);

}  // namespace curfew::store

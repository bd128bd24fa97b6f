// Sign-ins and one-time links in the store. Everything here runs inside a transaction of its caller's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/result.hpp"
#include "store/people.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As the functions of PeopleStore promise, at `now`. These throw what the connection explains where the
// database fails.
namespace curfew::store {

// A sign-in, and whether that they were seen is to be noted: it was not for some time.
struct UsedSignIn {
    SignIn sign_in;
    bool note = false;
};

Result<SignIn> add_sign_in(Connection& connection, const StoreTime& now, const NewSignIn& sign_in);
Result<std::optional<UsedSignIn>> find_sign_in(Connection& connection, const StoreTime& now,
                                               const SecretHash& hash);
Result<void> note_sign_in_use(Connection& connection, const StoreTime& now, const SecretHash& hash);
Result<std::vector<SignIn>> list_sign_ins(Connection& connection, const StoreTime& now,
                                          const std::string& user);
Result<void> end_sign_in(Connection& connection, const StoreTime& now, const SecretHash& hash);
Result<std::size_t> end_sign_ins_of(Connection& connection, const StoreTime& now, const std::string& user,
                                    const Actor& by);

Result<OneTimeLink> add_link(Connection& connection, const StoreTime& now, const NewOneTimeLink& link);
Result<std::optional<OneTimeLink>> find_link(Connection& connection, const StoreTime& now,
                                             const SecretHash& hash, const std::string& purpose);
Result<OneTimeLink> use_link(Connection& connection, const StoreTime& now, const SecretHash& hash,
                             const std::string& purpose);

// How many, without a word in the feed.
std::size_t delete_sign_ins_of(Connection& connection, const std::string& user);
std::size_t delete_links_of(Connection& connection, const std::string& user);

}  // namespace curfew::store

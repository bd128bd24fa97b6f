// Personal access tokens in the store. Everything here runs inside a transaction of its caller's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "store/people.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As the functions of PeopleStore promise, at `now`. These throw what the connection explains where the
// database fails, and std::runtime_error where a row cannot be understood.
namespace curfew::store {

// A token, and whether its use is to be noted: it was not for some time.
struct UsedToken {
    Token token;
    bool note = false;
};

Result<Token> add_token(Connection& connection, const StoreTime& now, const NewToken& token, const Actor& by);
Result<std::optional<UsedToken>> find_token_by(Connection& connection, const StoreTime& now,
                                               const SecretHash& hash);
Result<void> note_token_use(Connection& connection, const StoreTime& now, const TokenId& id);
Result<std::vector<Token>> list_tokens(Connection& connection, const StoreTime& now,
                                       const std::optional<std::string>& user);
Result<std::optional<Token>> find_token(Connection& connection, const StoreTime& now, const TokenId& id);
Result<Token> revoke_token(Connection& connection, const StoreTime& now, const TokenId& id, const Actor& by);
// How many.
std::size_t revoke_tokens_of(Connection& connection, const StoreTime& now, const std::string& user,
                             const Actor& by);

}  // namespace curfew::store

#include "store/sql/tokens.hpp"

#include <boost/json/parse.hpp>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "store/sql/events.hpp"
#include "store/sql/people.hpp"
#include "store/sql/request_rows.hpp"

namespace curfew::store {
namespace {

// A use is noted when the one that was noted before is this long ago: not at each of a program's calls.
constexpr auto use_is_noted_after = std::chrono::minutes{5};

#define CURFEW_TOKEN_COLUMNS                                                                      \
    "id, user_name, name, scopes, created_at_ms, expires_at_ms, last_used_at_ms, revoked_at_ms, " \
    "revoked_by "

constexpr std::string_view token_by_id = "SELECT " CURFEW_TOKEN_COLUMNS "FROM tokens WHERE id = ?";
constexpr std::string_view token_by_hash = "SELECT " CURFEW_TOKEN_COLUMNS "FROM tokens WHERE hash = ?";
constexpr std::string_view all_tokens = "SELECT " CURFEW_TOKEN_COLUMNS "FROM tokens ORDER BY seq DESC";
constexpr std::string_view tokens_of =
    "SELECT " CURFEW_TOKEN_COLUMNS "FROM tokens WHERE user_name = ? ORDER BY seq DESC";

#undef CURFEW_TOKEN_COLUMNS

TokenState state_of(const Token& token, WallInstant now) {
    if (token.revoked_at) return TokenState::revoked;
    return token.expires_at && *token.expires_at <= now ? TokenState::expired : TokenState::active;
}

// Of the columns above, in their order.
Token read_token(const Query& row, const StoreTime& now) {
    const std::string id_text = row.text(0);
    const auto id = TokenId::parse(id_text);
    if (!id)
        throw std::runtime_error("The store holds a token that cannot be read: '" + printable(id_text) +
                                 "'; somebody changed it by hand");
    Token token;
    token.id = *id;
    token.user = row.text(1);
    token.name = row.text(2);
    token.scopes = names_in_json(row.text(3), id_text);
    token.created_at = row.instant(4);
    token.expires_at = row.optional_instant(5);
    token.last_used_at = row.optional_instant(6);
    token.revoked_at = row.optional_instant(7);
    token.revoked_by = row.text(8);
    token.state = state_of(token, now.in_milliseconds());
    return token;
}

Error no_such_token(const TokenId& id) {
    return {ErrorCode::not_found, "There is no token " + printable(id.text())};
}

}  // namespace

Result<Token> add_token(Connection& connection, const StoreTime& now, const NewToken& token,
                        const Actor& by) {
    if (token.user.empty()) return Error{ErrorCode::invalid, "A token must be somebody's"};
    std::optional<WallInstant> expires_at;
    if (token.lifetime) {
        const auto end = end_of(*token.lifetime, now);
        if (!end) return end.error();
        expires_at = *end;
    }
    if (Query{connection, "SELECT 1 FROM tokens WHERE hash = ?", token.hash}.next())
        return Error{ErrorCode::conflict, "There is a token with this secret already; make a new one"};
    const TokenId id = TokenId::generate();
    Query{connection,
          "INSERT INTO tokens (id, user_name, name, scopes, hash, created_at_ms, expires_at_ms) "
          "VALUES (?, ?, ?, ?, ?, ?, ?)",
          id.text(),
          token.user,
          token.name,
          to_json(token.scopes),
          token.hash,
          now.in_milliseconds(),
          expires_at}
        .run();
    record_event(connection, now, "token.made", id.text(), by,
                 boost::json::object{{"user", printable(token.user)},
                                     {"name", printable(token.name)},
                                     {"scopes", boost::json::parse(to_json(token.scopes))},
                                     {"expires_at", expires_at ? boost::json::value(format_utc(*expires_at))
                                                               : boost::json::value(nullptr)}});
    Query made{connection, token_by_id, id.text()};
    if (!made.next()) return no_such_token(id);
    return read_token(made, now);
}

Result<std::optional<UsedToken>> find_token_by(Connection& connection, const StoreTime& now,
                                               const SecretHash& hash) {
    Query found{connection, token_by_hash, hash};
    if (!found.next()) return std::optional<UsedToken>{};
    Token token = read_token(found, now);
    const bool long_ago =
        !token.last_used_at || now.in_milliseconds() - *token.last_used_at >= use_is_noted_after;
    const bool note = long_ago && token.state == TokenState::active;
    return std::optional{UsedToken{std::move(token), note}};
}

Result<void> note_token_use(Connection& connection, const StoreTime& now, const TokenId& id) {
    Query{connection, "UPDATE tokens SET last_used_at_ms = ? WHERE id = ?", now.in_milliseconds(), id.text()}
        .run();
    return {};
}

Result<std::vector<Token>> list_tokens(Connection& connection, const StoreTime& now,
                                       const std::optional<std::string>& user) {
    std::vector<Token> found;
    const auto collect = [&](Query&& rows) {
        while (rows.next())
            found.push_back(read_token(rows, now));
    };
    if (user) {
        collect(Query{connection, tokens_of, *user});
    } else {
        collect(Query{connection, all_tokens});
    }
    return found;
}

Result<std::optional<Token>> find_token(Connection& connection, const StoreTime& now, const TokenId& id) {
    Query found{connection, token_by_id, id.text()};
    if (!found.next()) return std::optional<Token>{};
    return std::optional{read_token(found, now)};
}

Result<Token> revoke_token(Connection& connection, const StoreTime& now, const TokenId& id, const Actor& by) {
    auto token = find_token(connection, now, id);
    if (!token) return token.error();
    if (!*token) return no_such_token(id);
    if ((*token)->revoked_at) {
        return Error{ErrorCode::conflict, "Token " + printable(id.text()) + " was revoked already, at " +
                                              format_utc(*(*token)->revoked_at)};
    }
    Query{connection, "UPDATE tokens SET revoked_at_ms = ?, revoked_by = ? WHERE id = ?",
          now.in_milliseconds(), by.name, id.text()}
        .run();
    record_event(connection, now, "token.revoked", id.text(), by,
                 boost::json::object{{"user", printable((*token)->user)}});
    (*token)->revoked_at = now.in_milliseconds();
    (*token)->revoked_by = by.name;
    (*token)->state = TokenState::revoked;
    return std::move(**token);
}

std::size_t revoke_tokens_of(Connection& connection, const StoreTime& now, const std::string& user,
                             const Actor& by) {
    return static_cast<std::size_t>(Query{connection,
                                          "UPDATE tokens SET revoked_at_ms = ?, revoked_by = ? "
                                          "WHERE user_name = ? AND revoked_at_ms IS NULL",
                                          now.in_milliseconds(), by.name, user}
                                        .run());
}

}  // namespace curfew::store

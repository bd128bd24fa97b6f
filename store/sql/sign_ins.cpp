#include "store/sql/sign_ins.hpp"

#include <chrono>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "store/sql/claims.hpp"
#include "store/sql/events.hpp"
#include "store/sql/people.hpp"

namespace curfew::store {
namespace {

// That somebody was seen is noted when they were noted before this long ago: not at each of a page's calls.
constexpr auto sight_is_noted_after = std::chrono::minutes{1};

SignIn read_sign_in(const Query& row) {
    return {row.text(0), row.text(1), row.text(2), row.instant(3), row.instant(4), row.instant(5)};
}

// What has expired is nobody's any more.
void delete_expired_sign_ins(Connection& connection, const StoreTime& now) {
    Query{connection, "DELETE FROM sign_ins WHERE expires_at_ms <= ?", now.in_milliseconds()}.run();
    Query{connection, "DELETE FROM one_time_links WHERE expires_at_ms <= ?", now.in_milliseconds()}.run();
}

}  // namespace

Result<SignIn> add_sign_in(Connection& connection, const StoreTime& now, const NewSignIn& sign_in) {
    if (sign_in.user.empty() || sign_in.method.empty())
        return Error{ErrorCode::invalid, "A sign-in must be somebody's, by some method"};
    const auto end = end_of(sign_in.lifetime, now);
    if (!end) return end.error();
    delete_expired_sign_ins(connection, now);
    if (Query{connection, "SELECT 1 FROM sign_ins WHERE hash = ?", sign_in.hash}.next())
        return Error{ErrorCode::conflict, "There is a sign-in with this secret already; make a new one"};
    const WallInstant at = now.in_milliseconds();
    Query{connection,
          "INSERT INTO sign_ins (hash, user_name, method, claims, created_at_ms, last_seen_at_ms, "
          "expires_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
          sign_in.hash,
          sign_in.user,
          sign_in.method,
          sign_in.claims,
          at,
          at,
          *end}
        .run();
    if (!sign_in.claims.empty()) put_claims(connection, now, sign_in.user, sign_in.claims);
    record_event(connection, now, "sign_in.began", sign_in.user, Actor{sign_in.user, sign_in.from},
                 boost::json::object{{"method", printable(sign_in.method)}});
    return SignIn{sign_in.user, sign_in.method, sign_in.claims, at, at, *end};
}

Result<std::optional<UsedSignIn>> find_sign_in(Connection& connection, const StoreTime& now,
                                               const SecretHash& hash) {
    Query found{connection,
                "SELECT user_name, method, claims, created_at_ms, last_seen_at_ms, expires_at_ms "
                "FROM sign_ins WHERE hash = ? AND expires_at_ms > ?",
                hash, now.in_milliseconds()};
    if (!found.next()) return std::optional<UsedSignIn>{};
    UsedSignIn used{read_sign_in(found), false};
    used.note = now.in_milliseconds() - used.sign_in.last_seen_at >= sight_is_noted_after;
    return std::optional{std::move(used)};
}

Result<void> note_sign_in_use(Connection& connection, const StoreTime& now, const SecretHash& hash) {
    Query{connection, "UPDATE sign_ins SET last_seen_at_ms = ? WHERE hash = ?", now.in_milliseconds(), hash}
        .run();
    return {};
}

Result<std::vector<SignIn>> list_sign_ins(Connection& connection, const StoreTime& now,
                                          const std::string& user) {
    Query rows{connection,
               "SELECT user_name, method, claims, created_at_ms, last_seen_at_ms, expires_at_ms "
               "FROM sign_ins WHERE user_name = ? AND expires_at_ms > ? ORDER BY seq DESC",
               user, now.in_milliseconds()};
    std::vector<SignIn> found;
    while (rows.next())
        found.push_back(read_sign_in(rows));
    return found;
}

Result<void> end_sign_in(Connection& connection, const StoreTime& now, const SecretHash& hash) {
    std::string user;
    {
        Query ended{connection, "DELETE FROM sign_ins WHERE hash = ? RETURNING user_name", hash};
        if (!ended.next()) return {};
        user = ended.text(0);
    }
    record_event(connection, now, "sign_in.ended", user, user, boost::json::object{});
    return {};
}

Result<std::size_t> end_sign_ins_of(Connection& connection, const StoreTime& now, const std::string& user,
                                    const Actor& by) {
    const std::size_t ended = delete_sign_ins_of(connection, user);
    if (ended > 0)
        record_event(connection, now, "sign_in.ended", user, by, boost::json::object{{"sign_ins", ended}});
    return ended;
}

Result<OneTimeLink> add_link(Connection& connection, const StoreTime& now, const NewOneTimeLink& link) {
    if (link.purpose.empty()) return Error{ErrorCode::invalid, "A one-time link must be for something"};
    const auto end = end_of(link.lifetime, now);
    if (!end) return end.error();
    delete_expired_sign_ins(connection, now);
    Query{connection, "DELETE FROM one_time_links WHERE (purpose = ? AND user_name = ?) OR hash = ?",
          link.purpose, link.user, link.hash}
        .run();
    Query{connection,
          "INSERT INTO one_time_links (hash, purpose, user_name, made_by, created_at_ms, expires_at_ms) "
          "VALUES (?, ?, ?, ?, ?, ?)",
          link.hash,
          link.purpose,
          link.user,
          link.made_by.name,
          now.in_milliseconds(),
          *end}
        .run();
    record_event(connection, now, "link.made", link.user, link.made_by,
                 boost::json::object{{"purpose", printable(link.purpose)}});
    return OneTimeLink{link.purpose, link.user, now.in_milliseconds(), *end};
}

Result<std::optional<OneTimeLink>> find_link(Connection& connection, const StoreTime& now,
                                             const SecretHash& hash, const std::string& purpose) {
    Query found{connection,
                "SELECT user_name, created_at_ms, expires_at_ms FROM one_time_links "
                "WHERE hash = ? AND purpose = ? AND expires_at_ms > ?",
                hash, purpose, now.in_milliseconds()};
    if (!found.next()) return std::optional<OneTimeLink>{};
    return std::optional{OneTimeLink{purpose, found.text(0), found.instant(1), found.instant(2)}};
}

Result<OneTimeLink> use_link(Connection& connection, const StoreTime& now, const SecretHash& hash,
                             const std::string& purpose) {
    auto link = find_link(connection, now, hash, purpose);
    if (!link) return link.error();
    if (!*link) {
        return Error{ErrorCode::not_found,
                     "This one-time link was used before, or has expired; ask for a new one"};
    }
    Query{connection, "DELETE FROM one_time_links WHERE hash = ?", hash}.run();
    record_event(connection, now, "link.used", (*link)->user, (*link)->user,
                 boost::json::object{{"purpose", printable(purpose)}});
    return std::move(**link);
}

std::size_t delete_sign_ins_of(Connection& connection, const std::string& user) {
    return static_cast<std::size_t>(
        Query{connection, "DELETE FROM sign_ins WHERE user_name = ?", user}.run());
}

std::size_t delete_links_of(Connection& connection, const std::string& user) {
    return static_cast<std::size_t>(
        Query{connection, "DELETE FROM one_time_links WHERE user_name = ?", user}.run());
}

}  // namespace curfew::store

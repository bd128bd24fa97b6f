#include "store/sql/people.hpp"

#include <chrono>

#include "base/text.hpp"
#include "store/sql/chat_accounts.hpp"
#include "store/sql/claims.hpp"
#include "store/sql/events.hpp"
#include "store/sql/sign_ins.hpp"
#include "store/sql/tokens.hpp"

namespace curfew::store {
namespace {

constexpr Duration longest_lifetime = std::chrono::hours{24} * 3653;

}  // namespace

Result<void> set_password(Connection& connection, const StoreTime& now, const std::string& user,
                          const Secret& hash, const Actor& by) {
    if (user.empty() || hash.empty())
        return Error{ErrorCode::invalid, "A password must be somebody's, and there must be one"};
    const bool had_one = Query{connection, "SELECT 1 FROM passwords WHERE user_name = ?", user}.next();
    // Revealed to be kept: the file is its owner's alone, and it is a hash.
    Query{connection,
          "INSERT INTO passwords (user_name, hash, changed_by, changed_at_ms) VALUES (?, ?, ?, ?) "
          "ON CONFLICT (user_name) DO UPDATE SET hash = excluded.hash, changed_by = excluded.changed_by, "
          "changed_at_ms = excluded.changed_at_ms",
          user,
          hash.reveal(),
          by.name,
          now.in_milliseconds()}
        .run();
    record_event(connection, now, "password.changed", user, by,
                 boost::json::object{{"before", had_one ? boost::json::value("set") : nullptr},
                                     {"after", had_one ? "changed" : "set"}});
    return {};
}

Result<std::optional<Password>> find_password(Connection& connection, const std::string& user) {
    Query found{connection, "SELECT hash, changed_by, changed_at_ms FROM passwords WHERE user_name = ?",
                user};
    if (!found.next()) return std::optional<Password>{};
    return std::optional{Password{user, Secret{found.text(0)}, found.text(1), found.instant(2)}};
}

Result<std::set<std::string>> people_with_passwords(Connection& connection) {
    Query rows{connection, "SELECT user_name FROM passwords"};
    std::set<std::string> people;
    while (rows.next())
        people.insert(rows.text(0));
    return people;
}

void forget_person(Connection& connection, const StoreTime& now, const std::string& user, const Actor& by) {
    const int passwords = Query{connection, "DELETE FROM passwords WHERE user_name = ?", user}.run();
    const std::size_t revoked = revoke_tokens_of(connection, now, user, by);
    const std::size_t signed_out = delete_sign_ins_of(connection, user);
    const std::size_t links = delete_links_of(connection, user);
    const bool claims = delete_claims_on(connection, user);
    const std::size_t chats = unlink_chat_accounts_of(connection, now, user, by);
    if (passwords == 0 && revoked == 0 && signed_out == 0 && links == 0 && !claims && chats == 0) return;
    record_event(connection, now, "person.forgotten", user, by,
                 boost::json::object{{"password", passwords > 0},
                                     {"tokens", revoked},
                                     {"sign_ins", signed_out},
                                     {"links", links},
                                     {"claims", claims},
                                     {"chat_accounts", chats}});
}

Result<std::vector<std::string>> forget_all_but(Connection& connection, const StoreTime& now,
                                                const std::set<std::string>& users, const Actor& by) {
    std::vector<std::string> forgotten;
    {
        Query known{connection,
                    "SELECT user_name FROM passwords "
                    "UNION SELECT user_name FROM tokens WHERE revoked_at_ms IS NULL "
                    "UNION SELECT user_name FROM sign_ins "
                    "UNION SELECT user_name FROM claims "
                    "UNION SELECT user_name FROM chat_accounts "
                    "UNION SELECT user_name FROM one_time_links WHERE user_name <> ''"};
        while (known.next()) {
            if (!users.contains(known.text(0))) forgotten.push_back(known.text(0));
        }
    }
    for (const std::string& user : forgotten)
        forget_person(connection, now, user, by);
    return forgotten;
}

Result<WallInstant> end_of(Duration lifetime, const StoreTime& now) {
    const auto whole = std::chrono::floor<WallInstant::duration>(lifetime);
    if (whole <= WallInstant::duration::zero() || lifetime > longest_lifetime) {
        return Error{ErrorCode::invalid,
                     "What people sign in with lasts for some time, and ten years at most"};
    }
    return now.in_milliseconds() + whole;
}

}  // namespace curfew::store

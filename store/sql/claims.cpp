#include "store/sql/claims.hpp"

#include <utility>

#include "store/sql/change_summary.hpp"
#include "store/sql/events.hpp"
#include "store/sql/requests.hpp"
#include "store/sql/sign_ins.hpp"

namespace curfew::store {

Result<BegunSignIn> add_sign_in_and_judge(Connection& connection, const StoreTime& now,
                                          const NewSignIn& sign_in, const JudgeClaims& judge) {
    const auto before = find_claims(connection, sign_in.user);
    if (!before) return before.error();
    auto added = add_sign_in(connection, now, sign_in);
    if (!added) return added.error();
    BegunSignIn begun{std::move(*added), std::nullopt, {}};
    const bool are_new = !sign_in.claims.empty() && (!*before || (*before)->text != sign_in.claims);
    if (!are_new) return begun;
    auto claims = list_claims(connection);
    if (!claims) return claims.error();
    auto requests = change_open_requests(connection, now, judge(*claims));
    if (!requests) return requests.error();
    begun.claims = std::move(*claims);
    begun.requests = std::move(*requests);
    return begun;
}

Result<std::vector<Claims>> list_claims(Connection& connection) {
    Query rows{connection, "SELECT user_name, claims, at_ms FROM claims ORDER BY user_name"};
    std::vector<Claims> found;
    while (rows.next())
        found.push_back({rows.text(0), rows.text(1), rows.instant(2)});
    return found;
}

Result<std::optional<Claims>> find_claims(Connection& connection, const std::string& user) {
    Query found{connection, "SELECT user_name, claims, at_ms FROM claims WHERE user_name = ?", user};
    if (!found.next()) return std::optional<Claims>{};
    return std::optional{Claims{found.text(0), found.text(1), found.instant(2)}};
}

void put_claims(Connection& connection, const StoreTime& now, const std::string& user,
                const std::string& text) {
    const auto before = find_claims(connection, user);
    std::optional<std::string> text_before;
    if (before && *before) text_before = (*before)->text;
    Query{connection,
          "INSERT INTO claims (user_name, claims, at_ms) VALUES (?, ?, ?) "
          "ON CONFLICT (user_name) DO UPDATE SET claims = excluded.claims, at_ms = excluded.at_ms",
          user, text, now.in_milliseconds()}
        .run();
    if (!before || !*before || (*before)->text != text)
        record_event(connection, now, "claims.changed", user, user, change_summary(text_before, text));
}

bool delete_claims_on(Connection& connection, const std::string& user) {
    return Query{connection, "DELETE FROM claims WHERE user_name = ?", user}.run() > 0;
}

}  // namespace curfew::store

#include "store/sql/chat_accounts.hpp"

#include <string_view>

#include "base/text.hpp"
#include "store/deliveries.hpp"
#include "store/sql/checked_text.hpp"
#include "store/sql/events.hpp"

namespace curfew::store {
namespace {

#define CURFEW_CHAT_ACCOUNT_COLUMNS "team, account, user_name, linked_by, linked_at_ms "

constexpr std::string_view one_account =
    "SELECT " CURFEW_CHAT_ACCOUNT_COLUMNS "FROM chat_accounts WHERE team = ? AND account = ?";
constexpr std::string_view accounts_of =
    "SELECT " CURFEW_CHAT_ACCOUNT_COLUMNS
    "FROM chat_accounts WHERE user_name = coalesce(?, user_name) ORDER BY user_name, team, account";
constexpr std::string_view subscribers =
    "SELECT " CURFEW_CHAT_ACCOUNT_COLUMNS
    "FROM chat_accounts WHERE EXISTS (SELECT 1 FROM chat_subscriptions AS wish "
    "WHERE wish.team = chat_accounts.team AND wish.account = chat_accounts.account "
    "AND wish.notifier = ? AND wish.resource IN ('', ?)) ORDER BY team, account";

#undef CURFEW_CHAT_ACCOUNT_COLUMNS

// Of the columns above, in their order.
ChatAccount read_account(const Query& row) {
    return {row.text(0), row.text(1), row.text(2), row.text(3), row.instant(4)};
}

std::vector<ChatAccount> read_accounts(Query&& rows) {
    std::vector<ChatAccount> accounts;
    while (rows.next())
        accounts.push_back(read_account(rows));
    return accounts;
}

std::string named(const std::string& team, const std::string& account) {
    return "Chat account '" + printable(account) + "' of '" + printable(team) + "'";
}

Result<void> check_account(const std::string& team, const std::string& account) {
    if (auto sound = check_text("The team of a chat account", team, longest_chat_team); !sound) return sound;
    return check_text("The name of a chat account", account, longest_chat_account);
}

void note(Connection& connection, const StoreTime& now, std::string_view kind, const ChatAccount& account,
          const Actor& by) {
    record_event(connection, now, kind, account.user, by,
                 boost::json::object{{"team", account.team}, {"account", account.account}});
}

void remove(Connection& connection, const StoreTime& now, const ChatAccount& account, const Actor& by) {
    Query{connection, "DELETE FROM chat_subscriptions WHERE team = ? AND account = ?", account.team,
          account.account}
        .run();
    Query{connection, "DELETE FROM chat_accounts WHERE team = ? AND account = ?", account.team,
          account.account}
        .run();
    note(connection, now, "chat_account.unlinked", account, by);
}

bool has_room(Connection& connection, const ChatSubscription& subscription) {
    Query number{connection, "SELECT count(*) FROM chat_subscriptions WHERE team = ? AND account = ?",
                 subscription.team, subscription.account};
    return number.next() && number.integer(0) < std::int64_t{most_chat_subscriptions};
}

bool has_subscribed(Connection& connection, const ChatSubscription& subscription) {
    return Query{connection,
                 "SELECT 1 FROM chat_subscriptions WHERE notifier = ? AND team = ? AND account = ? "
                 "AND resource = ?",
                 subscription.notifier,
                 subscription.team,
                 subscription.account,
                 subscription.resource.value_or("")}
        .next();
}

}  // namespace

Result<ChatAccount> link_chat_account(Connection& connection, const StoreTime& now, const std::string& team,
                                      const std::string& account, const std::string& user, const Actor& by) {
    if (auto sound = check_account(team, account); !sound) return sound.error();
    if (user.empty()) return Error{ErrorCode::invalid, "A chat account must be somebody's"};
    const auto known = find_chat_account(connection, team, account);
    if (!known) return known.error();
    if (*known && (*known)->user == user) return **known;
    if (*known) {
        return Error{ErrorCode::conflict, named(team, account) + " is linked to user '" +
                                              printable((*known)->user) + "'; unlink it there first"};
    }
    const ChatAccount linked{team, account, user, by.name, now.in_milliseconds()};
    Query{connection,
          "INSERT INTO chat_accounts (team, account, user_name, linked_by, linked_at_ms) "
          "VALUES (?, ?, ?, ?, ?)",
          linked.team,
          linked.account,
          linked.user,
          linked.linked_by,
          linked.linked_at}
        .run();
    note(connection, now, "chat_account.linked", linked, by);
    return linked;
}

Result<ChatAccount> unlink_chat_account(Connection& connection, const StoreTime& now, const std::string& team,
                                        const std::string& account, const Actor& by) {
    const auto known = find_chat_account(connection, team, account);
    if (!known) return known.error();
    if (!*known) return Error{ErrorCode::not_found, named(team, account) + " is linked to nobody"};
    remove(connection, now, **known, by);
    return **known;
}

std::size_t unlink_chat_accounts_of(Connection& connection, const StoreTime& now, const std::string& user,
                                    const Actor& by) {
    const std::vector<ChatAccount> accounts =
        read_accounts(Query{connection, accounts_of, std::optional{user}});
    for (const ChatAccount& account : accounts)
        remove(connection, now, account, by);
    return accounts.size();
}

Result<std::optional<ChatAccount>> find_chat_account(Connection& connection, const std::string& team,
                                                     const std::string& account) {
    if (auto sound = check_account(team, account); !sound) return sound.error();
    Query found{connection, one_account, team, account};
    if (!found.next()) return std::optional<ChatAccount>{};
    return std::optional{read_account(found)};
}

Result<std::vector<ChatAccount>> list_chat_accounts(Connection& connection,
                                                    const std::optional<std::string>& user) {
    return read_accounts(Query{connection, accounts_of, user});
}

Result<void> subscribe_chat_account(Connection& connection, const ChatSubscription& subscription) {
    if (auto sound = check_text("A notifier's name", subscription.notifier, longest_notifier); !sound)
        return sound;
    if (subscription.resource && subscription.resource->empty())
        return Error{ErrorCode::invalid, "A resource must have a name"};
    const auto known = find_chat_account(connection, subscription.team, subscription.account);
    if (!known) return known.error();
    if (!*known) {
        return Error{ErrorCode::not_found,
                     named(subscription.team, subscription.account) + " is linked to nobody; link it first"};
    }
    if (has_subscribed(connection, subscription)) return {};
    if (!has_room(connection, subscription)) {
        return Error{ErrorCode::conflict,
                     named(subscription.team, subscription.account) + " has " +
                         std::to_string(most_chat_subscriptions) +
                         " subscriptions, as many as there may be; end some, or subscribe to everything"};
    }
    Query{connection,
          "INSERT INTO chat_subscriptions (notifier, team, account, resource) VALUES (?, ?, ?, ?)",
          subscription.notifier,
          subscription.team,
          subscription.account,
          subscription.resource.value_or("")}
        .run();
    return {};
}

Result<std::size_t> unsubscribe_chat_account(Connection& connection, const ChatSubscription& subscription) {
    Query ended{connection,
                "DELETE FROM chat_subscriptions WHERE notifier = ? AND team = ? AND account = ? "
                "AND resource = coalesce(?, resource)",
                subscription.notifier,
                subscription.team,
                subscription.account,
                subscription.resource};
    return static_cast<std::size_t>(ended.run());
}

Result<std::vector<ChatSubscription>> list_chat_subscriptions(Connection& connection, const std::string& team,
                                                              const std::string& account) {
    Query rows{connection,
               "SELECT notifier, team, account, resource FROM chat_subscriptions "
               "WHERE team = ? AND account = ? ORDER BY notifier, resource",
               team, account};
    std::vector<ChatSubscription> found;
    while (rows.next()) {
        ChatSubscription one{rows.text(0), rows.text(1), rows.text(2), std::nullopt};
        if (!rows.text(3).empty()) one.resource = rows.text(3);
        found.push_back(std::move(one));
    }
    return found;
}

Result<std::vector<ChatAccount>> list_chat_subscribers(Connection& connection, const std::string& notifier,
                                                       const std::string& resource) {
    return read_accounts(Query{connection, subscribers, notifier, resource});
}

}  // namespace curfew::store

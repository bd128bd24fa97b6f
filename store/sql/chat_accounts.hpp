// Chat accounts and what they want to hear, in the store. Everything here runs inside a transaction of its
// caller's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/result.hpp"
#include "store/chat_accounts.hpp"
#include "store/sql/connection.hpp"
#include "store/store_clock.hpp"

// As the functions of ChatAccountStore promise, at `now`. These throw what the connection explains where the
// database fails.
namespace curfew::store {

Result<ChatAccount> link_chat_account(Connection& connection, const StoreTime& now, const std::string& team,
                                      const std::string& account, const std::string& user, const Actor& by);
Result<ChatAccount> unlink_chat_account(Connection& connection, const StoreTime& now, const std::string& team,
                                        const std::string& account, const Actor& by);
// Of somebody who is no user any more; gives how many.
std::size_t unlink_chat_accounts_of(Connection& connection, const StoreTime& now, const std::string& user,
                                    const Actor& by);
Result<std::optional<ChatAccount>> find_chat_account(Connection& connection, const std::string& team,
                                                     const std::string& account);
Result<std::vector<ChatAccount>> list_chat_accounts(Connection& connection,
                                                    const std::optional<std::string>& user);

Result<void> subscribe_chat_account(Connection& connection, const ChatSubscription& subscription);
Result<std::size_t> unsubscribe_chat_account(Connection& connection, const ChatSubscription& subscription);
Result<std::vector<ChatSubscription>> list_chat_subscriptions(Connection& connection, const std::string& team,
                                                              const std::string& account);
Result<std::vector<ChatAccount>> list_chat_subscribers(Connection& connection, const std::string& notifier,
                                                       const std::string& resource);

}  // namespace curfew::store

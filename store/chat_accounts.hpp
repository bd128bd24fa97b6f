// Who people are in a chat, and what they want to be told there.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/awaitable.hpp"

namespace curfew::store {

// In bytes; what is longer, or empty, is refused as invalid.
inline constexpr std::size_t longest_chat_team = 100;
inline constexpr std::size_t longest_chat_account = 200;
inline constexpr std::size_t most_chat_subscriptions = 100;  // of one account

// Somebody's account in a chat: what they do there, they do with this user's rights.
struct ChatAccount {
    std::string team;  // where: `slack:T024BE7LD`. An account's name says nothing without it
    std::string
        account;  // the provider's own name for it, which no other account there ever has: `U061F7AUR`
    std::string user;
    std::string linked_by;
    WallInstant linked_at;

    bool operator==(const ChatAccount&) const = default;
};

// That an account wants to hear of requests that its user may review.
struct ChatSubscription {
    std::string notifier;  // by whom: a name of the configuration
    std::string team;
    std::string account;
    std::optional<std::string> resource;  // absent: on every resource

    bool operator==(const ChatSubscription&) const = default;
};

// Errors as Store says. What changes something is durable when it returns.
class ChatAccountStore {
public:
    virtual ~ChatAccountStore() = default;

    // `by`: the user whose doing it is. An event, `chat_account.linked`; none where it is linked to this user
    // already. conflict: it is another user's, and has to be unlinked first.
    virtual Awaitable<Result<ChatAccount>> link_chat_account(std::string team, std::string account,
                                                             std::string user, Actor by) = 0;
    // With its subscriptions. An event, `chat_account.unlinked`. not_found: it is nobody's.
    virtual Awaitable<Result<ChatAccount>> unlink_chat_account(std::string team, std::string account,
                                                               Actor by) = 0;
    // nullopt: it is nobody's.
    virtual Awaitable<Result<std::optional<ChatAccount>>> find_chat_account(std::string team,
                                                                            std::string account) = 0;
    // Of this user; nullopt: of everybody. By user, then by team and account. A user who is removed loses
    // them, as everything that they sign in with.
    virtual Awaitable<Result<std::vector<ChatAccount>>> chat_accounts(std::optional<std::string> user) = 0;

    // No error where it is there already. not_found: the account is nobody's. conflict: it has as many as it
    // may have.
    virtual Awaitable<Result<void>> subscribe_chat_account(ChatSubscription subscription) = 0;
    // That subscription; one without a resource: all those of the account by this notifier. Gives how many.
    virtual Awaitable<Result<std::size_t>> unsubscribe_chat_account(ChatSubscription subscription) = 0;
    // By notifier and resource.
    virtual Awaitable<Result<std::vector<ChatSubscription>>> chat_subscriptions(std::string team,
                                                                                std::string account) = 0;
    // The accounts that want to hear of requests on this resource, each once, by team and account. Whether
    // their users may review those, the store does not know.
    virtual Awaitable<Result<std::vector<ChatAccount>>> chat_subscribers(std::string notifier,
                                                                         std::string resource) = 0;
};

}  // namespace curfew::store

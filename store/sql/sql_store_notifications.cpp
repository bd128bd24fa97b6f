#include <utility>

#include "store/sql/ask.hpp"
#include "store/sql/chat_accounts.hpp"
#include "store/sql/deliveries.hpp"
#include "store/sql/delivery_claims.hpp"
#include "store/sql/delivery_rows.hpp"
#include "store/sql/sql_store.hpp"

namespace curfew::store {

// It is asked at every start and after every conflict, and written once in a notifier's life.
Awaitable<Result<ChainHead>> SqlStore::place_of_notifier(std::string notifier) {
    auto find = [notifier](Connection& connection, const StoreTime&) {
        return find_place(connection, notifier);
    };
    Result<std::optional<ChainHead>> found =
        co_await ask_to_read(reader(), "place_of_notifier", std::move(find));
    if (!found) co_return found.error();
    if (*found) co_return **found;
    auto make = [notifier = std::move(notifier)](Connection& connection, const StoreTime&) {
        return store::place_of_notifier(connection, notifier);
    };
    co_return co_await ask_to_write(writer(), "place_of_notifier", std::move(make));
}

Awaitable<Result<std::size_t>> SqlStore::take_in_events(std::string notifier, ChainHead from, ChainHead to,
                                                        DeliveryChanges changes) {
    auto work = [notifier = std::move(notifier), from, to, changes = std::move(changes)](
                    Connection& connection, const StoreTime& now) {
        return store::take_in_events(connection, now, notifier, from, to, changes);
    };
    return ask_to_write(writer(), "take_in_events", std::move(work));
}

Awaitable<Result<std::vector<ClaimedDelivery>>> SqlStore::claim_deliveries(std::string notifier,
                                                                           std::string node, Duration lease,
                                                                           std::size_t most) {
    auto work = [notifier = std::move(notifier), node = std::move(node), lease, most](Connection& connection,
                                                                                      const StoreTime& now) {
        return store::claim_deliveries(connection, now, notifier, node, lease, most);
    };
    return ask_to_write(writer(), "claim_deliveries", std::move(work));
}

Awaitable<Result<Delivery>> SqlStore::finish_delivery(DeliveryClaim claim, DeliveryOutcome outcome) {
    auto work = [claim = std::move(claim), outcome = std::move(outcome)](Connection& connection,
                                                                         const StoreTime& now) {
        return store::finish_delivery(connection, now, claim, outcome);
    };
    return ask_to_write(writer(), "finish_delivery", std::move(work));
}

Awaitable<Result<std::optional<BootInstant>>> SqlStore::next_delivery_due(std::string notifier) {
    auto work = [notifier = std::move(notifier)](Connection& connection, const StoreTime& now) {
        return store::next_delivery_due(connection, now, notifier);
    };
    return ask_to_read(reader(), "next_delivery_due", std::move(work));
}

Awaitable<Result<std::optional<std::string>>> SqlStore::receipt_of(std::string notifier,
                                                                   std::string recipient,
                                                                   std::string subject) {
    auto work = [notifier = std::move(notifier), recipient = std::move(recipient),
                 subject = std::move(subject)](Connection& connection, const StoreTime&) {
        return store::receipt_of(connection, notifier, recipient, subject);
    };
    return ask_to_read(reader(), "receipt_of", std::move(work));
}

Awaitable<Result<std::vector<std::string>>> SqlStore::recipients_of(std::string notifier,
                                                                    std::string subject) {
    auto work = [notifier = std::move(notifier), subject = std::move(subject)](Connection& connection,
                                                                               const StoreTime&) {
        return store::recipients_of(connection, notifier, subject);
    };
    return ask_to_read(reader(), "recipients_of", std::move(work));
}

Awaitable<Result<DeliveryPage>> SqlStore::list_deliveries(DeliveryFilter filter, Page page) {
    auto work = [filter = std::move(filter), page = std::move(page)](Connection& connection,
                                                                     const StoreTime&) {
        return store::list_deliveries(connection, filter, page);
    };
    return ask_to_read(reader(), "list_deliveries", std::move(work));
}

Awaitable<Result<Delivery>> SqlStore::find_delivery(DeliveryId id) {
    auto work = [id = std::move(id)](Connection& connection, const StoreTime&) {
        return store::find_delivery(connection, id);
    };
    return ask_to_read(reader(), "find_delivery", std::move(work));
}

Awaitable<Result<Delivery>> SqlStore::retry_delivery(DeliveryId id, Actor by) {
    auto work = [id = std::move(id), by = std::move(by)](Connection& connection, const StoreTime& now) {
        return store::retry_delivery(connection, now, id, by);
    };
    return ask_to_write(writer(), "retry_delivery", std::move(work));
}

Awaitable<Result<std::vector<DeliveryCount>>> SqlStore::count_deliveries() {
    auto work = [](Connection& connection, const StoreTime& now) {
        return store::count_deliveries(connection, now);
    };
    return ask_to_read(reader(), "count_deliveries", std::move(work));
}

Awaitable<Result<std::size_t>> SqlStore::remove_old_deliveries(Duration age,
                                                               std::optional<std::string> notifier) {
    auto work = [age, notifier = std::move(notifier)](Connection& connection, const StoreTime& now) {
        return store::remove_old_deliveries(connection, now, age, notifier);
    };
    return ask_to_write(writer(), "remove_old_deliveries", std::move(work));
}

Awaitable<Result<ChatAccount>> SqlStore::link_chat_account(std::string team, std::string account,
                                                           std::string user, Actor by) {
    auto work = [team = std::move(team), account = std::move(account), user = std::move(user),
                 by = std::move(by)](Connection& connection, const StoreTime& now) {
        return store::link_chat_account(connection, now, team, account, user, by);
    };
    return ask_to_write(writer(), "link_chat_account", std::move(work));
}

Awaitable<Result<ChatAccount>> SqlStore::unlink_chat_account(std::string team, std::string account,
                                                             Actor by) {
    auto work = [team = std::move(team), account = std::move(account), by = std::move(by)](
                    Connection& connection, const StoreTime& now) {
        return store::unlink_chat_account(connection, now, team, account, by);
    };
    return ask_to_write(writer(), "unlink_chat_account", std::move(work));
}

Awaitable<Result<std::optional<ChatAccount>>> SqlStore::find_chat_account(std::string team,
                                                                          std::string account) {
    auto work = [team = std::move(team), account = std::move(account)](Connection& connection,
                                                                       const StoreTime&) {
        return store::find_chat_account(connection, team, account);
    };
    return ask_to_read(reader(), "find_chat_account", std::move(work));
}

Awaitable<Result<std::vector<ChatAccount>>> SqlStore::chat_accounts(std::optional<std::string> user) {
    auto work = [user = std::move(user)](Connection& connection, const StoreTime&) {
        return list_chat_accounts(connection, user);
    };
    return ask_to_read(reader(), "chat_accounts", std::move(work));
}

Awaitable<Result<void>> SqlStore::subscribe_chat_account(ChatSubscription subscription) {
    auto work = [subscription = std::move(subscription)](Connection& connection, const StoreTime&) {
        return store::subscribe_chat_account(connection, subscription);
    };
    return ask_to_write(writer(), "subscribe_chat_account", std::move(work));
}

Awaitable<Result<std::size_t>> SqlStore::unsubscribe_chat_account(ChatSubscription subscription) {
    auto work = [subscription = std::move(subscription)](Connection& connection, const StoreTime&) {
        return store::unsubscribe_chat_account(connection, subscription);
    };
    return ask_to_write(writer(), "unsubscribe_chat_account", std::move(work));
}

Awaitable<Result<std::vector<ChatSubscription>>> SqlStore::chat_subscriptions(std::string team,
                                                                              std::string account) {
    auto work = [team = std::move(team), account = std::move(account)](Connection& connection,
                                                                       const StoreTime&) {
        return list_chat_subscriptions(connection, team, account);
    };
    return ask_to_read(reader(), "chat_subscriptions", std::move(work));
}

Awaitable<Result<std::vector<ChatAccount>>> SqlStore::chat_subscribers(std::string notifier,
                                                                       std::string resource) {
    auto work = [notifier = std::move(notifier), resource = std::move(resource)](Connection& connection,
                                                                                 const StoreTime&) {
        return list_chat_subscribers(connection, notifier, resource);
    };
    return ask_to_read(reader(), "chat_subscribers", std::move(work));
}

}  // namespace curfew::store

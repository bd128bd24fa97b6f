#include "store/sql/deliveries.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "store/sql/audit_chain.hpp"
#include "store/sql/checked_text.hpp"
#include "store/sql/delivery_rows.hpp"
#include "store/sql/events.hpp"
#include "store/sql/page.hpp"

namespace curfew::store {
namespace {

// What is removed in one transaction, so that nobody waits for long.
constexpr std::int64_t removed_at_a_time = 1'000;

Result<void> check_notifier(const std::string& notifier) {
    return check_text("A notifier's name", notifier, longest_notifier);
}

Result<void> check_delivery(const NewDelivery& delivery) {
    if (auto sound = check_text("A notification's recipient", delivery.recipient, longest_recipient); !sound)
        return sound;
    if (auto sound = check_text("A notification's kind", delivery.kind, longest_delivery_kind); !sound)
        return sound;
    if (auto sound = check_text("A notification's subject", delivery.subject, longest_delivery_subject);
        !sound)
        return sound;
    return check_text("A notification's content", delivery.content, largest_delivery_content);
}

// Whether it is new.
bool add_delivery(Connection& connection, const StoreTime& now, const std::string& notifier,
                  const NewDelivery& delivery) {
    const WallInstant at = now.in_milliseconds();
    // No earlier than now, so that it comes behind all that is on its way already.
    const WallInstant wanted = std::max(delivery.due_at.value_or(at), at);
    return Query{connection,
                 "INSERT INTO deliveries (id, notifier, recipient, kind, subject, event, content, state, "
                 "created_at_ms, wanted_at_ms, due_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?, ?) "
                 "ON CONFLICT (notifier, recipient, kind, subject, event) DO NOTHING",
                 DeliveryId::generate().text(),
                 notifier,
                 delivery.recipient,
                 delivery.kind,
                 delivery.subject,
                 delivery.event,
                 delivery.content,
                 at,
                 wanted,
                 wanted}
               .run() > 0;
}

void withdraw(Connection& connection, const StoreTime& now, const std::string& notifier,
              const DeliveryWithdrawal& withdrawal) {
    Query{connection,
          "UPDATE deliveries SET withdrawn = 1, "
          "due_at_ms = CASE state WHEN 'waiting' THEN ? ELSE due_at_ms END, "
          "state = CASE state WHEN 'waiting' THEN 'superseded' ELSE state END "
          "WHERE notifier = ? AND subject = ? AND kind = coalesce(?, kind) "
          "AND recipient = coalesce(?, recipient) AND event < ? AND state IN ('waiting', 'claimed')",
          now.in_milliseconds(),
          notifier,
          withdrawal.subject,
          withdrawal.kind,
          withdrawal.recipient,
          withdrawal.before}
        .run();
}

Error place_has_moved(const std::string& notifier) {
    return {ErrorCode::conflict, "The events were taken in for notifier '" + printable(notifier) +
                                     "' by another node, or are not in the store any more; read its place, "
                                     "and go on from there"};
}

}  // namespace

Result<std::optional<ChainHead>> find_place(Connection& connection, const std::string& notifier) {
    if (auto sound = check_notifier(notifier); !sound) return sound.error();
    Query found{connection, "SELECT event, hash FROM notifier_places WHERE notifier = ?", notifier};
    if (!found.next()) return std::optional<ChainHead>{};
    return std::optional{chain_place(found, 0, 1)};
}

Result<ChainHead> place_of_notifier(Connection& connection, const std::string& notifier) {
    const auto known = find_place(connection, notifier);
    if (!known) return known.error();
    if (*known) return **known;
    const ChainHead head = chain_head(connection);
    Query{connection, "INSERT INTO notifier_places (notifier, event, hash) VALUES (?, ?, ?)", notifier,
          head.number, head.hash}
        .run();
    return head;
}

Result<std::size_t> take_in_events(Connection& connection, const StoreTime& now, const std::string& notifier,
                                   const ChainHead& from, const ChainHead& to,
                                   const DeliveryChanges& changes) {
    const auto place = find_place(connection, notifier);
    if (!place) return place.error();
    if (*place != from || !is_in_chain(connection, to)) return place_has_moved(notifier);
    std::size_t added = 0;
    for (const NewDelivery& delivery : changes.added) {
        if (auto sound = check_delivery(delivery); !sound) return sound.error();
        if (add_delivery(connection, now, notifier, delivery)) ++added;
    }
    for (const DeliveryWithdrawal& withdrawal : changes.withdrawn)
        withdraw(connection, now, notifier, withdrawal);
    Query{connection, "UPDATE notifier_places SET event = ?, hash = ? WHERE notifier = ?", to.number, to.hash,
          notifier}
        .run();
    return added;
}

Result<std::vector<std::string>> recipients_of(Connection& connection, const std::string& notifier,
                                               const std::string& subject) {
    Query rows{connection,
               "SELECT DISTINCT recipient FROM deliveries WHERE notifier = ? AND subject = ? "
               "AND state IN ('waiting', 'claimed', 'delivered') ORDER BY recipient",
               notifier, subject};
    std::vector<std::string> recipients;
    while (rows.next())
        recipients.push_back(rows.text(0));
    return recipients;
}

Result<DeliveryPage> list_deliveries(Connection& connection, const DeliveryFilter& filter, const Page& page) {
    const auto before = begin_of(page, largest_delivery_page);
    if (!before) return before.error();
    const auto wanted = [&filter](DeliveryState state) {
        return filter.states.empty() || filter.states.contains(state) ? to_string(state) : std::string_view{};
    };
    Query rows{connection,
               "SELECT " CURFEW_DELIVERY_COLUMNS
               "FROM deliveries WHERE seq < ? AND state IN (?, ?, ?, ?, ?) "
               "AND notifier = coalesce(?, notifier) AND subject = coalesce(?, subject) "
               "ORDER BY seq DESC LIMIT ?",
               *before,
               wanted(DeliveryState::waiting),
               wanted(DeliveryState::claimed),
               wanted(DeliveryState::delivered),
               wanted(DeliveryState::given_up),
               wanted(DeliveryState::superseded),
               filter.notifier,
               filter.subject,
               std::uint64_t{page.limit} + 1};
    DeliveryPage found;
    RowPlace last = 0;
    while (rows.next()) {
        if (found.deliveries.size() == page.limit) {
            found.next = cursor_after(last);
            break;
        }
        found.deliveries.push_back(read_delivery(rows));
        last = rows.integer(0);
    }
    return found;
}

Result<Delivery> retry_delivery(Connection& connection, const StoreTime& now, const DeliveryId& id,
                                const Actor& by) {
    const auto found = find_delivery(connection, id);
    if (!found) return found.error();
    if (found->state != DeliveryState::given_up) {
        return Error{ErrorCode::conflict, "Notification " + printable(id.text()) + " is " +
                                              std::string{to_string(found->state)} +
                                              "; only one that was given up can be tried again"};
    }
    const WallInstant at = now.in_milliseconds();
    Query{connection,
          "UPDATE deliveries SET state = 'waiting', withdrawn = 0, wanted_at_ms = ?, due_at_ms = ? "
          "WHERE id = ?",
          at, at, id.text()}
        .run();
    record_event(connection, now, "notification.retry_asked", id.text(), by,
                 boost::json::object{
                     {"notifier", found->notifier}, {"kind", found->kind}, {"subject", found->subject}});
    return find_delivery(connection, id);
}

Result<std::vector<DeliveryCount>> count_deliveries(Connection& connection, const StoreTime& now) {
    Query rows{connection,
               "SELECT notifier_places.notifier, state, count(*), min(wanted_at_ms) "
               "FROM notifier_places LEFT JOIN deliveries ON deliveries.notifier = notifier_places.notifier "
               "GROUP BY notifier_places.notifier, state ORDER BY notifier_places.notifier"};
    std::vector<DeliveryCount> counts;
    while (rows.next()) {
        if (counts.empty() || counts.back().notifier != rows.text(0)) {
            counts.emplace_back();
            counts.back().notifier = rows.text(0);
        }
        const auto state = parse_delivery_state(rows.text(1));
        if (!state) continue;  // it has none
        DeliveryCount& count = counts.back();
        count.in_state.at(static_cast<std::size_t>(*state)) = static_cast<std::size_t>(rows.integer(2));
        if (*state != DeliveryState::waiting && *state != DeliveryState::claimed) continue;
        const Duration age = now.in_milliseconds() - rows.instant(3);
        count.oldest_waiting = std::max(count.oldest_waiting, age);
    }
    return counts;
}

Result<std::size_t> remove_old_deliveries(Connection& connection, const StoreTime& now, Duration age,
                                          const std::optional<std::string>& notifier) {
    if (age < Duration::zero())
        return Error{ErrorCode::invalid, "The age of what is removed must not be below zero"};
    Query removed{connection,
                  "DELETE FROM deliveries WHERE seq IN (SELECT seq FROM deliveries AS past "
                  "WHERE state NOT IN ('waiting', 'claimed') AND due_at_ms <= ? "
                  "AND notifier = coalesce(?, notifier) AND NOT EXISTS "
                  "(SELECT 1 FROM deliveries AS to_come WHERE to_come.notifier = past.notifier "
                  "AND to_come.recipient = past.recipient AND to_come.subject = past.subject "
                  "AND to_come.state IN ('waiting', 'claimed')) ORDER BY due_at_ms LIMIT ?)",
                  now.in_milliseconds() - std::chrono::ceil<WallInstant::duration>(age), notifier,
                  removed_at_a_time};
    return static_cast<std::size_t>(removed.run());
}

}  // namespace curfew::store

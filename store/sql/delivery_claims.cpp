#include "store/sql/delivery_claims.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "store/sql/audit_chain.hpp"
#include "store/sql/delivery_rows.hpp"

namespace curfew::store {
namespace {

using namespace std::chrono_literals;

constexpr Duration longest_lease = 1h;
constexpr Duration longest_pause = 24h * 366;

// Nothing that comes before it is on its way: to one recipient, about one subject, one at a time.
#define CURFEW_IS_FIRST                                                                    \
    "state IN ('waiting', 'claimed') AND NOT EXISTS (SELECT 1 FROM deliveries AS earlier " \
    "WHERE earlier.notifier = one.notifier AND earlier.recipient = one.recipient "         \
    "AND earlier.subject = one.subject AND earlier.state IN ('waiting', 'claimed') "       \
    "AND (earlier.wanted_at_ms, earlier.seq) < (one.wanted_at_ms, one.seq)) "

constexpr std::string_view claimable =
    "SELECT id FROM deliveries AS one WHERE notifier = ? AND due_at_ms <= ? AND " CURFEW_IS_FIRST
    "ORDER BY wanted_at_ms, seq LIMIT ?";
constexpr std::string_view first_due =
    "SELECT due_at_ms FROM deliveries AS one WHERE notifier = ? AND " CURFEW_IS_FIRST
    "ORDER BY due_at_ms LIMIT 1";

#undef CURFEW_IS_FIRST

WallInstant at_end_of(const StoreTime& now, Duration duration) {
    return now.in_milliseconds() + std::chrono::ceil<WallInstant::duration>(duration);
}

// What was withdrawn while a node that is gone was sending it.
void leave_withdrawn_ones(Connection& connection, const StoreTime& now, const std::string& notifier) {
    Query{connection,
          "UPDATE deliveries SET state = 'superseded', due_at_ms = ? "
          "WHERE notifier = ? AND state IN ('waiting', 'claimed') AND withdrawn = 1 AND due_at_ms <= ?",
          now.in_milliseconds(), notifier, now.in_milliseconds()}
        .run();
}

std::vector<DeliveryId> claimable_ones(Connection& connection, const StoreTime& now,
                                       const std::string& notifier, std::size_t most) {
    Query rows{connection, claimable, notifier, now.in_milliseconds(), std::uint64_t{most}};
    std::vector<DeliveryId> ids;
    while (rows.next()) {
        if (const auto id = DeliveryId::parse(rows.text(0))) ids.push_back(*id);
    }
    return ids;
}

Result<ClaimedDelivery> claim(Connection& connection, const StoreTime& now, const DeliveryId& id,
                              const std::string& node, Duration lease) {
    Query{connection,
          "UPDATE deliveries SET problem = CASE state WHEN 'claimed' THEN ? ELSE problem END, "
          "state = 'claimed', attempts = attempts + 1, claimed_by = ?, due_at_ms = ? WHERE id = ?",
          std::string_view{"The node that was sending it did not say what became of it"},
          node,
          at_end_of(now, lease),
          id.text()}
        .run();
    auto delivery = find_delivery(connection, id);
    if (!delivery) return delivery.error();
    auto receipt = receipt_of(connection, delivery->notifier, delivery->recipient, delivery->subject);
    if (!receipt) return receipt.error();
    const DeliveryClaim claim{delivery->id, delivery->attempts};
    return ClaimedDelivery{std::move(*delivery), claim, std::move(*receipt)};
}

// What an outcome makes of a delivery.
struct Ending {
    DeliveryState state = DeliveryState::waiting;
    WallInstant due_at;
    std::string problem;
    std::string receipt;
};

Result<Ending> ending_of(const Delivered& delivered, const StoreTime& now) {
    if (delivered.receipt.size() > longest_receipt) {
        return Error{ErrorCode::invalid,
                     "A notification's receipt has at most " + std::to_string(longest_receipt) + " bytes"};
    }
    return Ending{DeliveryState::delivered, now.in_milliseconds(), {}, chained_text(delivered.receipt)};
}

Result<Ending> ending_of(const TryAgain& again, const StoreTime& now) {
    if (again.after < Duration::zero() || again.after > longest_pause)
        return Error{ErrorCode::invalid, "A notification is tried again after some time, a year at most"};
    return Ending{DeliveryState::waiting, at_end_of(now, again.after), again.problem, {}};
}

Result<Ending> ending_of(const GivenUp& given_up, const StoreTime& now) {
    return Ending{DeliveryState::given_up, now.in_milliseconds(), given_up.problem, {}};
}

Result<Ending> ending_of(const Superseded& superseded, const StoreTime& now) {
    return Ending{DeliveryState::superseded, now.in_milliseconds(), superseded.problem, {}};
}

// While it was being sent.
bool was_withdrawn(Connection& connection, const DeliveryId& id) {
    return Query{connection, "SELECT 1 FROM deliveries WHERE id = ? AND withdrawn = 1", id.text()}.next();
}

Error claim_lost(const DeliveryClaim& claim) {
    return {ErrorCode::conflict, "The right to send notification " + printable(claim.id.text()) +
                                     " was lost to another node, which sends it now"};
}

}  // namespace

Result<std::vector<ClaimedDelivery>> claim_deliveries(Connection& connection, const StoreTime& now,
                                                      const std::string& notifier, const std::string& node,
                                                      Duration lease, std::size_t most) {
    if (lease <= Duration::zero() || lease > longest_lease)
        return Error{ErrorCode::invalid, "A claim lasts for some time, and an hour at most"};
    leave_withdrawn_ones(connection, now, notifier);
    std::vector<ClaimedDelivery> claimed;
    for (const DeliveryId& id :
         claimable_ones(connection, now, notifier, std::min(most, largest_delivery_page))) {
        auto one = claim(connection, now, id, node, lease);
        if (!one) return one.error();
        claimed.push_back(std::move(*one));
    }
    return claimed;
}

Result<Delivery> finish_delivery(Connection& connection, const StoreTime& now, const DeliveryClaim& claim,
                                 const DeliveryOutcome& outcome) {
    auto ending = std::visit([&now](const auto& one) { return ending_of(one, now); }, outcome);
    if (!ending) return ending.error();
    if (ending->state == DeliveryState::waiting && was_withdrawn(connection, claim.id)) {
        ending->state = DeliveryState::superseded;
        ending->due_at = now.in_milliseconds();
    }
    Query finished{connection,
                   "UPDATE deliveries SET state = ?, due_at_ms = ?, problem = ?, receipt = ? "
                   "WHERE id = ? AND state = 'claimed' AND attempts = ?",
                   to_string(ending->state),
                   ending->due_at,
                   printable(ending->problem, longest_delivery_problem),
                   ending->receipt,
                   claim.id.text(),
                   claim.attempt};
    if (finished.run() == 0) return claim_lost(claim);
    return find_delivery(connection, claim.id);
}

Result<std::optional<BootInstant>> next_delivery_due(Connection& connection, const StoreTime& now,
                                                     const std::string& notifier) {
    Query first{connection, first_due, notifier};
    if (!first.next()) return std::optional<BootInstant>{};
    const Duration left = std::chrono::sys_time<Duration>{first.instant(0)} - now.wall;
    return std::optional{now.boot + left};
}

Result<std::optional<std::string>> receipt_of(Connection& connection, const std::string& notifier,
                                              const std::string& recipient, const std::string& subject) {
    Query last{connection,
               "SELECT receipt FROM deliveries WHERE notifier = ? AND subject = ? AND recipient = ? "
               "AND state = 'delivered' AND receipt <> '' ORDER BY due_at_ms DESC, seq DESC LIMIT 1",
               notifier, subject, recipient};
    if (!last.next()) return std::optional<std::string>{};
    return std::optional{last.text(0)};
}

}  // namespace curfew::store

#include "store/sql/delivery_rows.hpp"

#include <stdexcept>
#include <string>

#include "base/text.hpp"

namespace curfew::store {

Delivery read_delivery(const Query& row) {
    const auto id = DeliveryId::parse(row.text(1));
    const auto state = parse_delivery_state(row.text(8));
    if (!id || !state) {
        throw std::runtime_error("The store holds a notification that cannot be read: '" +
                                 printable(row.text(1)) + "'; somebody changed it by hand");
    }
    Delivery delivery;
    delivery.id = *id;
    delivery.notifier = row.text(2);
    delivery.recipient = row.text(3);
    delivery.kind = row.text(4);
    delivery.subject = row.text(5);
    delivery.event = static_cast<EventNumber>(row.integer(6));
    delivery.content = row.text(7);
    delivery.state = *state;
    delivery.created_at = row.instant(9);
    delivery.wanted_at = row.instant(10);
    delivery.due_at = row.instant(11);
    delivery.attempts = static_cast<std::uint64_t>(row.integer(12));
    delivery.problem = row.text(13);
    delivery.receipt = row.text(14);
    delivery.claimed_by = row.text(15);
    return delivery;
}

Result<Delivery> find_delivery(Connection& connection, const DeliveryId& id) {
    Query found{connection, "SELECT " CURFEW_DELIVERY_COLUMNS "FROM deliveries WHERE id = ?", id.text()};
    if (found.next()) return read_delivery(found);
    return Error{ErrorCode::not_found, "There is no notification " + printable(id.text()) +
                                           "; one that was delivered long ago is not kept"};
}

}  // namespace curfew::store

// Notifications on their way to people: kept from the event that they tell of until a provider has taken
// them, so that a crash loses none and sends none twice in effect.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "store/awaitable.hpp"
#include "store/events.hpp"
#include "store/page.hpp"

namespace curfew::store {

enum class DeliveryState {
    waiting,     // for its time, for an earlier one about the same, or for the next attempt
    claimed,     // a node is about to send it, or was when it crashed
    delivered,   // the provider took it
    given_up,    // it could not be delivered; an administrator may have it tried again
    superseded,  // it was not to be sent any more: something later says it better
};
inline constexpr std::array all_delivery_states{DeliveryState::waiting, DeliveryState::claimed,
                                                DeliveryState::delivered, DeliveryState::given_up,
                                                DeliveryState::superseded};
std::string_view to_string(DeliveryState state);  // `given_up` …
std::optional<DeliveryState> parse_delivery_state(std::string_view text);

// In bytes. What is longer is refused as invalid, but a problem, which is cut.
inline constexpr std::size_t longest_notifier = 100;
inline constexpr std::size_t longest_recipient = 500;
inline constexpr std::size_t longest_delivery_kind = 100;
inline constexpr std::size_t longest_delivery_subject = 100;
inline constexpr std::size_t largest_delivery_content = std::size_t{64} * 1024;
inline constexpr std::size_t longest_receipt = 4'000;
inline constexpr std::size_t longest_delivery_problem = 1'000;

// Something that one recipient is to be told.
struct NewDelivery {
    std::string recipient;  // in the notifier's own words: a channel, an address, a user
    std::string kind;       // the notice: `request_waiting` …
    std::string subject;    // of what it tells: the id of a request or a grant
    EventNumber event = 0;  // that it follows from
    std::string content;    // JSON text; the store does not look into it. Never a secret
    // On the store's clock, as windows of grants are; absent, or past: at once.
    std::optional<WallInstant> due_at = std::nullopt;
};

// Of these nothing is to be sent any more: what waits is superseded, and what is being sent is not tried
// again.
struct DeliveryWithdrawal {
    std::string subject;
    std::optional<std::string> kind;                      // absent: of any
    std::optional<std::string> recipient = std::nullopt;  // absent: to anybody
    // Those that follow from earlier events than this. So a notice that moves is withdrawn, and put in anew
    // with the event that moved it.
    EventNumber before = 0;
};

// What follows from events. Everything is added first, then withdrawn.
struct DeliveryChanges {
    std::vector<NewDelivery> added;
    std::vector<DeliveryWithdrawal> withdrawn;
};

struct Delivery {
    DeliveryId id;
    std::string notifier;
    std::string recipient;
    std::string kind;
    std::string subject;
    EventNumber event = 0;
    std::string content;
    DeliveryState state = DeliveryState::waiting;
    WallInstant created_at;
    WallInstant wanted_at;  // when it is, or was, to be sent: as scheduled, whatever the attempts
    // Waiting: the next attempt comes no earlier. Claimed: when the claim ends. Else: when it came to its
    // end.
    WallInstant due_at;
    std::uint64_t attempts = 0;  // that were begun
    std::string problem;         // of the last attempt; empty: none yet
    std::string receipt;         // what the provider gave back, such as what a message is updated by
    std::string claimed_by;      // the node that began the last attempt
};

// The right to send a delivery, until the lease is over and another node has taken it.
struct DeliveryClaim {
    DeliveryId id;
    std::uint64_t attempt = 0;
};

struct ClaimedDelivery {
    Delivery delivery;
    DeliveryClaim claim;
    // As receipt_of() gives it. Nothing changes it while the claim lasts.
    std::optional<std::string> last_receipt;
};

// How an attempt came out.
struct Delivered {
    std::string receipt;  // may be empty
};
struct TryAgain {
    Duration after{};  // from now; zero: at once
    std::string problem;
};
struct GivenUp {
    std::string problem;
};
// It turned out that there is nothing to be said any more.
struct Superseded {
    std::string problem;  // why; may be empty
};
using DeliveryOutcome = std::variant<Delivered, TryAgain, GivenUp, Superseded>;

// The deliveries of one notifier in numbers.
struct DeliveryCount {
    std::string notifier;
    // By DeliveryState, as in all_delivery_states.
    std::array<std::size_t, all_delivery_states.size()> in_state{};
    // How long the oldest that is neither delivered nor given up should have been on its way; zero: there is
    // none. One that is scheduled for later does not count.
    Duration oldest_waiting{};

    std::size_t in(DeliveryState state) const { return in_state.at(static_cast<std::size_t>(state)); }
};

// What is empty or absent does not narrow the list.
struct DeliveryFilter {
    std::set<DeliveryState> states;
    std::optional<std::string> notifier;
    std::optional<std::string> subject;
};

inline constexpr std::size_t largest_delivery_page = 500;

struct DeliveryPage {
    std::vector<Delivery> deliveries;  // newest first
    std::optional<std::string> next;   // absent: there are no more
};

// A notifier is a name of the configuration. Errors as Store says; also invalid: a text that is empty, or
// longer than it may be. What changes something is durable when it returns.
class DeliveryStore {
public:
    virtual ~DeliveryStore() = default;

    // Up to which event this notifier's deliveries are there. Of one that is seen for the first time: up to
    // the last event that there is now, so that nobody is told old news.
    virtual Awaitable<Result<ChainHead>> place_of_notifier(std::string notifier) = 0;
    // The notifier's place goes on from `from` to `to`, and what follows from the events between them is
    // written with it; gives how many deliveries were new. What is there already (the same notifier,
    // recipient, kind, subject and event) is not put in twice. conflict: its place is not `from` any more,
    // since another node was quicker, or `to` is not in the chain, since a failover has lost it: read the
    // place, and on from there.
    virtual Awaitable<Result<std::size_t>> take_in_events(std::string notifier, ChainHead from, ChainHead to,
                                                          DeliveryChanges changes) = 0;

    // What is due, at most `most`, in the order in which it was to be sent; each is this node's alone until
    // `lease` is over. About one subject one recipient is told one thing at a time: what comes later waits
    // until what comes before it is delivered or given up.
    virtual Awaitable<Result<std::vector<ClaimedDelivery>>> claim_deliveries(std::string notifier,
                                                                             std::string node, Duration lease,
                                                                             std::size_t most) = 0;
    // conflict: the claim was lost, and another node sends it. A claim that is over, but that nobody took, is
    // good still.
    virtual Awaitable<Result<Delivery>> finish_delivery(DeliveryClaim claim, DeliveryOutcome outcome) = 0;
    // When there is something to be claimed, on this machine's boot clock; the past if there is now. Leases
    // of others included. nullopt: nothing is on its way. Comes earlier when the wall clock is set forwards.
    virtual Awaitable<Result<std::optional<BootInstant>>> next_delivery_due(std::string notifier) = 0;

    // The last receipt, other than an empty one, of what this recipient was told about a subject: to update
    // that message, or to answer in its thread. nullopt: there is none.
    virtual Awaitable<Result<std::optional<std::string>>> receipt_of(std::string notifier,
                                                                     std::string recipient,
                                                                     std::string subject) = 0;
    // Who was told, or is about to be told, of a subject: whoever else has to hear how it goes on. By name.
    virtual Awaitable<Result<std::vector<std::string>>> recipients_of(std::string notifier,
                                                                      std::string subject) = 0;

    // invalid: a limit or a cursor that is none.
    virtual Awaitable<Result<DeliveryPage>> list_deliveries(DeliveryFilter filter, Page page) = 0;
    // not_found: there is no such delivery.
    virtual Awaitable<Result<Delivery>> find_delivery(DeliveryId id) = 0;
    // Lets one that was given up wait for another attempt, at once. An event, `notification.retry_asked`,
    // which wakes the nodes. not_found: there is no such delivery. conflict: it was not given up.
    virtual Awaitable<Result<Delivery>> retry_delivery(DeliveryId id, Actor by) = 0;
    // By name; those that have, or had, a delivery.
    virtual Awaitable<Result<std::vector<DeliveryCount>>> count_deliveries() = 0;
    // Removes what came to its end (delivered, given up or superseded) longer ago than `age`, oldest first, a
    // thousand at a time; gives how many. What the next notice about the same subject goes by stays. Of one
    // notifier alone where it is named.
    virtual Awaitable<Result<std::size_t>> remove_old_deliveries(Duration age,
                                                                 std::optional<std::string> notifier) = 0;
    Awaitable<Result<std::size_t>> remove_old_deliveries(Duration age) {
        return remove_old_deliveries(age, std::nullopt);
    }
};

}  // namespace curfew::store

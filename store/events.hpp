// What changed, in order: for those who watch, and for those who look it up later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "store/awaitable.hpp"
#include "store/page.hpp"

namespace curfew::store {

// Counts up from 1; 0 is before the first.
using EventNumber = std::uint64_t;

// One change, written in the transaction that made it.
struct Event {
    EventNumber number = 0;
    WallInstant at;
    std::string kind;     // `request.approved`: see docs/store.md
    std::string id;       // of what changed: an identifier or a name
    std::string actor;    // whose doing it was; empty: nobody's, such as a time-out
    std::string summary;  // a JSON object: what there is to say in short. Never a secret
};

// Something to be kept on record that changes nothing else in the store: that somebody read a recording.
struct NewEvent {
    std::string kind;     // as Event's
    std::string id;       // of what it is about
    Actor actor;          // whose doing it was
    std::string summary;  // a JSON object. Never a secret; text from outside is made safe to show
};

// What the first event of all follows.
inline constexpr Sha256Digest chain_root{};

// The event that the next one follows. Its hash tells it from every other, also from one that came in its
// place after a failover had lost it.
struct ChainHead {
    EventNumber number = 0;  // 0: there is none yet
    Sha256Digest hash = chain_root;

    friend bool operator==(const ChainHead&, const ChainHead&) = default;
};

struct EventsRead {
    std::vector<Event> events;
    ChainHead last;     // to read on from
    bool lost = false;  // the store has not got what was read before any more: `last` is its last event now
};

// Which events to list. What is absent does not narrow the list.
struct EventFilter {
    // `session.ended`, or all of a family: `session`.
    std::optional<std::string> kind = std::nullopt;
    std::optional<std::string> id = std::nullopt;
    std::optional<std::string> actor = std::nullopt;
    std::optional<WallInstant> from = std::nullopt;  // at or after
    std::optional<WallInstant> to = std::nullopt;    // before
    bool oldest_first = false;
};

struct ListedEvent {
    Event event;
    Sha256Digest hash;
};

struct EventPage {
    // May be fewer than asked for, or none, though there are more: a page looks at a bounded number of
    // events.
    std::vector<ListedEvent> events;
    std::optional<std::string> next;  // absent: there are no more
};
inline constexpr std::size_t largest_event_page = 1000;

// Errors as Store says.
class EventStore {
public:
    // Told the number of the last event that is there, soon after it is, on the store's thread: must be
    // quick, thread-safe, and not wait for the store.
    using EventWatcher = std::function<void(EventNumber last)>;
    using WatchNumber = std::uint64_t;  // 0 is none

    virtual ~EventStore() = default;

    // Durable when it returns. invalid: the summary is no JSON object.
    virtual Awaitable<Result<EventNumber>> add_event(NewEvent event) = 0;
    // Those after `after`, in their order, at most `limit`.
    virtual Awaitable<Result<std::vector<Event>>> events_since(EventNumber after, std::size_t limit) = 0;
    virtual Awaitable<Result<EventNumber>> last_event() = 0;
    // The same for who must not miss any: says so where what was read up to `after` is not what the store
    // has.
    virtual Awaitable<Result<EventsRead>> events_after(ChainHead after, std::size_t limit) = 0;
    virtual Awaitable<Result<ChainHead>> head_of_events() = 0;
    // For those who look something up. invalid: a limit or a cursor that is none.
    virtual Awaitable<Result<EventPage>> list_events(EventFilter filter, Page page) = 0;
    // From now on `watcher` is told. Neither from within a watcher.
    [[nodiscard]] virtual WatchNumber watch_events(EventWatcher watcher) = 0;
    // Once this returns, it is not called any more. Nothing happens where nobody watches by that number.
    virtual void stop_watching(WatchNumber watch) = 0;
};

}  // namespace curfew::store

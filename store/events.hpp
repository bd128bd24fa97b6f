// What changed, in order: for those who watch, and for those who look it up later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "store/awaitable.hpp"

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

// Errors as Store says.
class EventStore {
public:
    // Told the number of the last event that is there, soon after it is, on the store's thread: must be
    // quick, thread-safe, and not wait for the store.
    using EventWatcher = std::function<void(EventNumber last)>;
    using WatchNumber = std::uint64_t;  // 0 is none

    virtual ~EventStore() = default;

    // Those after `after`, in their order, at most `limit`.
    virtual Awaitable<Result<std::vector<Event>>> events_since(EventNumber after, std::size_t limit) = 0;
    virtual Awaitable<Result<EventNumber>> last_event() = 0;
    // The same for who must not miss any: says so where what was read up to `after` is not what the store
    // has.
    virtual Awaitable<Result<EventsRead>> events_after(ChainHead after, std::size_t limit) = 0;
    virtual Awaitable<Result<ChainHead>> head_of_events() = 0;
    // From now on `watcher` is told. Neither from within a watcher.
    [[nodiscard]] virtual WatchNumber watch_events(EventWatcher watcher) = 0;
    // Once this returns, it is not called any more. Nothing happens where nobody watches by that number.
    virtual void stop_watching(WatchNumber watch) = 0;
};

}  // namespace curfew::store

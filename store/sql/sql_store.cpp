#include "store/sql/sql_store.hpp"

#include <utility>

#include "store/sql/ask.hpp"
#include "store/sql/audit_chain.hpp"
#include "store/sql/event_list.hpp"
#include "store/sql/events.hpp"
#include "store/sql/installation.hpp"

namespace curfew::store {

SqlStore::SqlStore(std::unique_ptr<CommitQueue> writer, std::vector<std::unique_ptr<CommitQueue>> readers)
    : writer_{std::move(writer)}, readers_{std::move(readers)} {}

SqlStore::~SqlStore() = default;

CommitQueue& SqlStore::reader() noexcept {
    if (readers_.empty()) return *writer_;
    return *readers_[next_reader_.fetch_add(1, std::memory_order_relaxed) % readers_.size()];
}

Awaitable<Result<void>> SqlStore::check_health() {
    auto work = [](Connection& connection, const StoreTime&) { return write_and_read_back(connection); };
    return ask_to_write(writer(), "check_health", std::move(work));
}

Awaitable<Result<Secret>> SqlStore::installation_secret() {
    auto work = [](Connection& connection, const StoreTime&) -> Result<Secret> {
        return read_installation_secret(connection);
    };
    return ask_to_read(reader(), "installation_secret", std::move(work));
}

Awaitable<Result<EventNumber>> SqlStore::add_event(NewEvent event) {
    auto work = [event = std::move(event)](Connection& connection, const StoreTime& now) {
        return store::add_event(connection, now, event);
    };
    return ask_to_write(writer(), "add_event", std::move(work));
}

Awaitable<Result<std::vector<Event>>> SqlStore::events_since(EventNumber after, std::size_t limit) {
    auto work = [after, limit](Connection& connection, const StoreTime&) {
        return list_events_since(connection, after, limit);
    };
    return ask_to_read(reader(), "events_since", std::move(work));
}

Awaitable<Result<EventNumber>> SqlStore::last_event() {
    auto work = [](Connection& connection, const StoreTime&) -> Result<EventNumber> {
        return last_event_number(connection);
    };
    return ask_to_read(reader(), "last_event", std::move(work));
}

Awaitable<Result<EventsRead>> SqlStore::events_after(ChainHead after, std::size_t limit) {
    auto work = [after, limit](Connection& connection, const StoreTime&) {
        return read_events_after(connection, after, limit);
    };
    return ask_to_read(reader(), "events_after", std::move(work));
}

Awaitable<Result<EventPage>> SqlStore::list_events(EventFilter filter, Page page) {
    auto work = [filter = std::move(filter), page = std::move(page)](Connection& connection,
                                                                     const StoreTime&) {
        return store::list_events(connection, filter, page);
    };
    return ask_to_read(reader(), "list_events", std::move(work));
}

Awaitable<Result<ChainHead>> SqlStore::head_of_events() {
    auto work = [](Connection& connection, const StoreTime&) -> Result<ChainHead> {
        return chain_head(connection);
    };
    return ask_to_read(reader(), "head_of_events", std::move(work));
}

EventStore::WatchNumber SqlStore::watch_events(EventWatcher watcher) {
    return writer_->watchers().add(std::move(watcher));
}

void SqlStore::stop_watching(WatchNumber watch) {
    writer_->watchers().remove(watch);
}

}  // namespace curfew::store

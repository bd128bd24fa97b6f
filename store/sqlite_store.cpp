#include "store/sqlite_store.hpp"

#include <exception>
#include <utility>

#include "store/ask.hpp"
#include "store/commit_queue.hpp"
#include "store/sqlite_connection.hpp"
#include "store/sqlite_events.hpp"
#include "store/sqlite_file.hpp"
#include "store/sqlite_installation.hpp"
#include "store/sqlite_schema.hpp"

namespace curfew::store {

namespace {

struct Opened {
    std::unique_ptr<Connection> connection;
    WallInstant clock_had_come_to;
};

Result<Opened> open_database(const std::filesystem::path& path, std::chrono::milliseconds busy_timeout) {
    try {
        auto connection = std::make_unique<Connection>(path, busy_timeout);
        if (auto current = bring_schema_up_to_date(*connection); !current) return current.error();
        const WallInstant had_come_to = open_installation(*connection);
        return Opened{std::move(connection), had_come_to};
    } catch (const SQLite::Exception& failure) {
        return explain_sqlite(failure, path);
    } catch (const std::exception& failure) {
        return Error{ErrorCode::internal, failure.what()};
    }
}

}  // namespace

Result<std::shared_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& path, const Clock& clock,
                                                       SqliteOptions options) {
    // Absolute, so that no path reads as a URI of SQLite's, and none changes its meaning.
    const std::filesystem::path file = std::filesystem::absolute(path);
    auto lock = StoreLock::take(file);
    if (!lock) return lock.error();
    if (auto prepared = prepare_store_file(file); !prepared) return prepared.error();
    auto opened = open_database(file, options.busy_timeout);
    if (!opened) return opened.error();
    const StoreClock store_clock{clock, opened->clock_had_come_to};
    auto queue = std::make_unique<CommitQueue>(std::move(opened->connection), store_clock,
                                               std::move(options.observer));
    return std::shared_ptr<SqliteStore>{
        new SqliteStore{std::make_unique<StoreLock>(std::move(*lock)), std::move(queue)}};
}

SqliteStore::SqliteStore(std::unique_ptr<StoreLock> lock, std::unique_ptr<CommitQueue> queue)
    : lock_{std::move(lock)}, queue_{std::move(queue)} {}

SqliteStore::~SqliteStore() = default;

Awaitable<Result<void>> SqliteStore::check_health() {
    auto work = [](Connection& connection, const StoreTime&) { return write_and_read_back(connection); };
    return ask_to_write(*queue_, "check_health", std::move(work));
}

Awaitable<Result<Secret>> SqliteStore::installation_secret() {
    auto work = [](Connection& connection, const StoreTime&) -> Result<Secret> {
        return read_installation_secret(connection);
    };
    return ask_to_read(*queue_, "installation_secret", std::move(work));
}

Awaitable<Result<std::vector<Event>>> SqliteStore::events_since(EventNumber after, std::size_t limit) {
    auto work = [after, limit](Connection& connection, const StoreTime&) {
        return list_events_since(connection, after, limit);
    };
    return ask_to_read(*queue_, "events_since", std::move(work));
}

Awaitable<Result<EventNumber>> SqliteStore::last_event() {
    auto work = [](Connection& connection, const StoreTime&) -> Result<EventNumber> {
        return last_event_number(connection);
    };
    return ask_to_read(*queue_, "last_event", std::move(work));
}

void SqliteStore::watch_events(EventWatcher watcher) {
    queue_->watch_events(std::move(watcher));
}

}  // namespace curfew::store

// The store in PostgreSQL, for any number of nodes.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/event_watchers.hpp"
#include "store/postgres/feed.hpp"
#include "store/postgres/postgres_clock.hpp"
#include "store/postgres/target.hpp"
#include "store/sql/sql_store.hpp"

namespace curfew::store {

struct PostgresOptions {
    // Told how long each operation took, from being asked to its answer. Called on the store's own threads.
    std::function<void(std::string_view operation, Duration took)> observer;
    std::size_t readers =
        2;  // connections for what only reads, beside the one that writes and the one that listens
    PostgresFeed::Pace pace;
};

// What it promises, beyond SqlStore: what any node wrote is seen by every operation that is asked after that
// was acknowledged, and told to those who watch events, wherever they watch. Time is PostgreSQL's: this
// host's wall clock plays no part. Availability is PostgreSQL's own: of several servers the one that takes
// writes is used.
class PostgresStore final : public SqlStore {
public:
    // Connects, and makes the tables or brings them up to date. Blocks the caller. unavailable: no server
    // answers as it should, and one may later. invalid: what answers has to be mended first (who may connect
    // to what, rights, the version of the tables); the message says what to do. `clock` must live as
    // long as the store.
    static Result<std::shared_ptr<PostgresStore>> open(const PostgresTarget& target, const Clock& clock,
                                                       PostgresOptions options = {});
    ~PostgresStore() override;

    // Writes only every few seconds: a fleet that idles is to leave the database alone. In between it is
    // enough that the server answers, and takes writes.
    Awaitable<Result<void>> check_health() override;
    // A write as good as that of a health check.
    Awaitable<Result<NodeStanding>> node_lives(NodeReport report,
                                               std::optional<std::string> dead_instance) override;

    WatchNumber watch_events(EventWatcher watcher) override { return watchers_.add(std::move(watcher)); }
    void stop_watching(WatchNumber watch) override { watchers_.remove(watch); }

private:
    PostgresStore(const Clock& clock, std::unique_ptr<CommitQueue> writer,
                  std::vector<std::unique_ptr<CommitQueue>> readers, const PostgresTarget& target,
                  PostgresFeed::Pace pace);

    // The boot clock's count when the last health check that wrote, or sign of life, was asked for.
    std::atomic<BootInstant::rep> written_at_;
    const Clock& clock_;
    EventWatchers watchers_;
    PostgresFeed feed_;
};

}  // namespace curfew::store

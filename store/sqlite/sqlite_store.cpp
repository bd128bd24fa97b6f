#include "store/sqlite/sqlite_store.hpp"

#include <exception>
#include <utility>

#include "store/sql/commit_queue.hpp"
#include "store/sql/installation.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/file.hpp"
#include "store/sqlite/schema.hpp"

namespace curfew::store {

namespace {

struct Opened {
    std::unique_ptr<SqliteConnection> connection;
    WallInstant clock_had_come_to;
};

Result<Opened> open_database(const std::filesystem::path& path, StoreLock lock,
                             std::chrono::milliseconds busy_timeout) {
    try {
        auto connection = std::make_unique<SqliteConnection>(path, std::move(lock), busy_timeout);
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
    auto opened = open_database(file, std::move(*lock), options.busy_timeout);
    if (!opened) return opened.error();
    opened->connection->keep_time_by(StoreClock{clock, opened->clock_had_come_to});
    auto queue = std::make_unique<CommitQueue>(std::move(opened->connection), std::move(options.observer));
    return std::shared_ptr<SqliteStore>{new SqliteStore{std::move(queue)}};
}

SqliteStore::~SqliteStore() = default;

Awaitable<Result<std::vector<SessionRecord>>> SqliteStore::unfinished_sessions(std::string) {
    return SqlStore::unfinished_sessions({});
}

// Its file is locked.
Awaitable<Result<NodeStanding>> SqliteStore::node_lives(NodeReport report,
                                                        std::optional<std::string> dead_instance) {
    return announce_node(std::move(report), std::move(dead_instance), Others::impossible);
}

}  // namespace curfew::store

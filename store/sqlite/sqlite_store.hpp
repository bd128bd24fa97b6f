// The store in one SQLite file, for one node, whatever that is called: its name is the host's, and hosts are
// renamed.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sql/sql_store.hpp"

namespace curfew::store {

struct SqliteOptions {
    // Told how long each operation took, from being asked to its answer. Called on the store's own thread.
    std::function<void(std::string_view operation, Duration took)> observer;
    // How long another process that holds the database is waited for.
    std::chrono::milliseconds busy_timeout{1000};
};

// What it promises, beyond SqlStore: it is away while another process holds the file, the disk is full or
// fails, or the file is not in its place any more. What only reads works on while nothing can be written.
class SqliteStore final : public SqlStore {
public:
    // Opens the store at `path`; makes it, readable for its owner only, where there is none. Blocks the
    // caller. unavailable: the file or its directory is not usable, is in use by another curfewd, damaged, of
    // something else or of a newer version; the message says which. `clock` must live as long as the store.
    static Result<std::shared_ptr<SqliteStore>> open(const std::filesystem::path& path, const Clock& clock,
                                                     SqliteOptions options = {});

    // Finishes and answers what was asked, and closes the file.
    ~SqliteStore() override;
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;

    // Those of every node: there was only this one, whatever it was called.
    Awaitable<Result<std::vector<SessionRecord>>> unfinished_sessions(std::string node) override;
    Awaitable<Result<NodeStanding>> node_lives(NodeReport report,
                                               std::optional<std::string> dead_instance) override;

private:
    using SqlStore::SqlStore;
};

}  // namespace curfew::store

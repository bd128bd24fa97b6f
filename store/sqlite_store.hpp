// The store in one SQLite file, for one node, whatever that is called: its name is the host's, and hosts are
// renamed.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace curfew::store {

class CommitQueue;
class StoreLock;

struct SqliteOptions {
    // Told how long each operation took, from being asked to its answer. Called on the store's own thread.
    std::function<void(std::string_view operation, Duration took)> observer;
    // How long another process that holds the database is waited for.
    std::chrono::milliseconds busy_timeout{1000};
};

// What it promises, beyond Store: a thread of its own does all the work, so that no caller's thread ever
// waits for the disk; what waits together is committed together, so that five hundred sessions that end at
// the same instant cost a few flushes. It is away (`unavailable`) while another process holds the file, the
// disk is full or fails, or the file is not in its place any more; it is back by itself when that is over.
// What only reads works on while nothing can be written.
//
// An operation cannot be cancelled: once asked it is done and answered. The executor that awaits it must live
// until then; the store itself, until every operation has been asked.
class SqliteStore final : public Store {
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

    Awaitable<Result<GrantCountdown>> add_grant(NewGrant grant) override;
    Awaitable<Result<GrantCountdown>> revoke_grant(GrantId id, std::string by, std::string reason) override;
    Awaitable<Result<GrantCountdown>> extend_grant(GrantId id, Duration by) override;
    Awaitable<Result<std::vector<GrantCountdown>>> grants(bool include_over) override;
    Awaitable<Result<void>> session_started(SessionRecord session) override;
    Awaitable<Result<void>> session_ending(SessionId id, policy::EndCause cause) override;
    Awaitable<Result<void>> session_ended(SessionEnd end) override;
    Awaitable<Result<std::vector<SessionRecord>>> unfinished_sessions(std::string node) override;
    Awaitable<Result<std::vector<SessionRecord>>> recent_sessions(std::size_t limit) override;
    Awaitable<Result<void>> check_health() override;
    Awaitable<Result<Secret>> installation_secret() override;

private:
    SqliteStore(std::unique_ptr<StoreLock> lock, std::unique_ptr<CommitQueue> queue);

    std::unique_ptr<StoreLock> lock_;  // given up after the file is closed
    std::unique_ptr<CommitQueue> queue_;
};

}  // namespace curfew::store

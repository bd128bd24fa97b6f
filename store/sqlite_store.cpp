#include "store/sqlite_store.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "store/commit_queue.hpp"
#include "store/sqlite_connection.hpp"
#include "store/sqlite_file.hpp"
#include "store/sqlite_grants.hpp"
#include "store/sqlite_installation.hpp"
#include "store/sqlite_schema.hpp"
#include "store/sqlite_sessions.hpp"

namespace curfew::store {

namespace asio = boost::asio;

namespace {

// `work` gives a Result<T>; the asker, `handler`, is called with it on its own executor.
template <class T, class Work, class Handler>
class AskedOperation final : public Operation {
public:
    AskedOperation(std::string_view name, Access access, Work work, Handler handler)
        : Operation{name, access},
          work_{std::move(work)},
          guard_{asio::make_work_guard(handler)},
          handler_{std::move(handler)} {}

    bool perform(Connection& connection, const StoreTime& now) override {
        outcome_.emplace(std::as_const(work_)(connection, now));
        return outcome_->has_value();
    }
    void fail(const Error& error) override { outcome_.emplace(error); }
    void answer() override {
        auto call = [handler = std::move(handler_), outcome = std::move(*outcome_)]() mutable {
            std::move(handler)(std::move(outcome));
        };
        asio::post(guard_.get_executor(), std::move(call));
        guard_.reset();
    }

private:
    Work work_;
    // The asker's executor has work until it is answered.
    asio::executor_work_guard<asio::associated_executor_t<Handler>> guard_;
    Handler handler_;
    std::optional<Result<T>> outcome_;
};

// Awaits `work(connection, now)`, done on the store's thread. Cancellation does not reach it.
template <class T, class Work>
Awaitable<Result<T>> ask(CommitQueue& queue, std::string_view name, Access access, Work work) {
    auto start = [&queue, name, access, task = std::move(work)](auto handler) mutable {
        using Asked = AskedOperation<T, Work, decltype(handler)>;
        queue.add(std::make_unique<Asked>(name, access, std::move(task), std::move(handler)));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(
        std::move(start), asio::use_awaitable);
}

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

Awaitable<Result<GrantCountdown>> SqliteStore::add_grant(NewGrant grant) {
    auto work = [grant = std::move(grant)](Connection& connection, const StoreTime& now) {
        return store::add_grant(connection, now, grant);
    };
    return ask<GrantCountdown>(*queue_, "add_grant", Access::write, std::move(work));
}

Awaitable<Result<GrantCountdown>> SqliteStore::revoke_grant(GrantId id, std::string by, std::string reason) {
    auto work = [id = std::move(id), by = std::move(by), reason = std::move(reason)](Connection& connection,
                                                                                     const StoreTime& now) {
        return store::revoke_grant(connection, now, id, by, reason);
    };
    return ask<GrantCountdown>(*queue_, "revoke_grant", Access::write, std::move(work));
}

Awaitable<Result<GrantCountdown>> SqliteStore::extend_grant(GrantId id, Duration by) {
    auto work = [id = std::move(id), by](Connection& connection, const StoreTime& now) {
        return store::extend_grant(connection, now, id, by);
    };
    return ask<GrantCountdown>(*queue_, "extend_grant", Access::write, std::move(work));
}

Awaitable<Result<std::vector<GrantCountdown>>> SqliteStore::grants(bool include_over) {
    auto work = [include_over](Connection& connection, const StoreTime& now) {
        return list_grants(connection, now, include_over);
    };
    return ask<std::vector<GrantCountdown>>(*queue_, "grants", Access::read, std::move(work));
}

Awaitable<Result<void>> SqliteStore::session_started(SessionRecord session) {
    auto work = [session = std::move(session)](Connection& connection, const StoreTime&) {
        return start_session(connection, session);
    };
    return ask<void>(*queue_, "session_started", Access::write, std::move(work));
}

Awaitable<Result<void>> SqliteStore::session_ending(SessionId id, policy::EndCause cause) {
    auto work = [id = std::move(id), cause](Connection& connection, const StoreTime& now) {
        return begin_session_end(connection, now, id, cause);
    };
    return ask<void>(*queue_, "session_ending", Access::write, std::move(work));
}

Awaitable<Result<void>> SqliteStore::session_ended(SessionEnd end) {
    auto work = [end = std::move(end)](Connection& connection, const StoreTime& now) {
        return end_session(connection, now, end);
    };
    return ask<void>(*queue_, "session_ended", Access::write, std::move(work));
}

Awaitable<Result<std::vector<SessionRecord>>> SqliteStore::unfinished_sessions(std::string) {
    auto work = [](Connection& connection, const StoreTime&) { return list_unfinished_sessions(connection); };
    return ask<std::vector<SessionRecord>>(*queue_, "unfinished_sessions", Access::read, std::move(work));
}

Awaitable<Result<std::vector<SessionRecord>>> SqliteStore::recent_sessions(std::size_t limit) {
    auto work = [limit](Connection& connection, const StoreTime&) {
        return list_recent_sessions(connection, limit);
    };
    return ask<std::vector<SessionRecord>>(*queue_, "recent_sessions", Access::read, std::move(work));
}

Awaitable<Result<void>> SqliteStore::check_health() {
    auto work = [](Connection& connection, const StoreTime&) { return write_and_read_back(connection); };
    return ask<void>(*queue_, "check_health", Access::write, std::move(work));
}

Awaitable<Result<Secret>> SqliteStore::installation_secret() {
    auto work = [](Connection& connection, const StoreTime&) -> Result<Secret> {
        return read_installation_secret(connection);
    };
    return ask<Secret>(*queue_, "installation_secret", Access::read, std::move(work));
}

}  // namespace curfew::store

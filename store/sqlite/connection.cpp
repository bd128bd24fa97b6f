#include "store/sqlite/connection.hpp"

#include <SQLiteCpp/Column.h>
#include <sqlite3.h>

#include <stdexcept>
#include <utility>

namespace curfew::store {
namespace {

std::string in_words(const SQLite::Exception& failure, const std::string& path) {
    switch (failure.getErrorCode()) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "The store " + path + " is held by another process; 'fuser -v " + path + "' names it";
        case SQLITE_FULL:
            return "The disk that holds the store " + path + " is full; free some space";
        case SQLITE_NOTADB:
            return "The store " + path +
                   " is not an SQLite database; put a backup in its place, or name another file";
        case SQLITE_CORRUPT:
            return "The store " + path + " is damaged (" + failure.what() +
                   "); stop curfewd and put a backup in its place";
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
        case SQLITE_CANTOPEN:
            return "The store " + path + " cannot be written (" + failure.what() +
                   "); the file and its directory must belong to the user that runs curfewd";
        case SQLITE_IOERR:
            return "The store " + path + " could not be read or written (" + failure.what() +
                   "); look at the disk, and for its errors in the kernel's log";
        default:
            return "The store " + path + " failed: " + failure.what();
    }
}

struct Moved final : std::runtime_error {
    Moved() : std::runtime_error{"the file has moved"} {}
};

// What no state of the disk explains.
bool is_our_fault(int code) {
    return code < 0 || code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH || code == SQLITE_MISUSE ||
           code == SQLITE_RANGE || code == SQLITE_ERROR;
}

}  // namespace

Error explain_sqlite(const SQLite::Exception& failure, const std::filesystem::path& path) {
    const ErrorCode code =
        is_our_fault(failure.getErrorCode()) ? ErrorCode::internal : ErrorCode::unavailable;
    return {code, in_words(failure, path.string())};
}

bool SqliteStatement::is_null(int column) const {
    return statement_.getColumn(column).isNull();
}

std::string SqliteStatement::text(int column) const {
    return statement_.getColumn(column).getString();
}

std::int64_t SqliteStatement::integer(int column) const {
    return statement_.getColumn(column).getInt64();
}

void SqliteStatement::reset() noexcept {
    (void)statement_.tryReset();
    try {
        statement_.clearBindings();
    } catch (const SQLite::Exception&) {
        // sqlite3_clear_bindings() always gives SQLITE_OK.
    }
}

SqliteConnection::SqliteConnection(std::filesystem::path path, StoreLock lock,
                                   std::chrono::milliseconds busy_timeout)
    : lock_{std::move(lock)},
      path_{std::move(path)},
      database_{path_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
                static_cast<int>(busy_timeout.count())} {
    if (database_.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal")
        throw SQLite::Exception("no write-ahead log beside it", SQLITE_CANTOPEN);
    execute("PRAGMA synchronous = FULL");
    execute("PRAGMA foreign_keys = ON");
    execute("PRAGMA trusted_schema = OFF");
}

StoreTime SqliteConnection::begin(Access access) {
    if (access == Access::write && has_moved()) throw Moved{};
    execute(access == Access::write ? "BEGIN IMMEDIATE" : "BEGIN");
    return clock_.value().now();
}

void SqliteConnection::commit(std::optional<EventNumber>) {
    execute("COMMIT");  // nobody watches a file from elsewhere
}

Statement& SqliteConnection::prepared(std::string_view sql) {
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return found->second;
    return statements_.try_emplace(sql, database_, sql).first->second;
}

bool SqliteConnection::in_transaction() const {
    return ::sqlite3_get_autocommit(database_.getHandle()) == 0;
}

void SqliteConnection::roll_back() noexcept {
    if (in_transaction()) (void)database_.tryExec("ROLLBACK");
}

bool SqliteConnection::has_moved() const {
    int moved = 0;
    (void)::sqlite3_file_control(database_.getHandle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved != 0;
}

Error SqliteConnection::explain(const std::exception& failure) const {
    if (const auto* sqlite = dynamic_cast<const SQLite::Exception*>(&failure))
        return explain_sqlite(*sqlite, path_);
    if (dynamic_cast<const Moved*>(&failure) != nullptr) {
        return {ErrorCode::unavailable, "The store " + path_.string() +
                                            " was moved or deleted while curfewd used it; put it back, or "
                                            "restart curfewd to begin with a new one"};
    }
    return {ErrorCode::internal, failure.what()};
}

}  // namespace curfew::store

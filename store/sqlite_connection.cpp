#include "store/sqlite_connection.hpp"

#include <SQLiteCpp/Column.h>
#include <sqlite3.h>

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

Connection::Connection(std::filesystem::path path, std::chrono::milliseconds busy_timeout)
    : path_{std::move(path)},
      database_{path_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
                static_cast<int>(busy_timeout.count())} {
    if (database_.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal")
        throw SQLite::Exception("no write-ahead log beside it", SQLITE_CANTOPEN);
    execute("PRAGMA synchronous = FULL");
    execute("PRAGMA foreign_keys = ON");
    execute("PRAGMA trusted_schema = OFF");
}

void Connection::execute(const char* sql) {
    database_.exec(sql);
}

SQLite::Statement& Connection::prepared(std::string_view sql) {
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return found->second;
    return statements_.try_emplace(sql, database_, std::string{sql}).first->second;
}

bool Connection::in_transaction() const {
    return ::sqlite3_get_autocommit(database_.getHandle()) == 0;
}

void Connection::roll_back() noexcept {
    if (in_transaction()) (void)database_.tryExec("ROLLBACK");
}

bool Connection::has_moved() const {
    int moved = 0;
    (void)::sqlite3_file_control(database_.getHandle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved != 0;
}

Error Connection::explain(const SQLite::Exception& failure) const {
    return explain_sqlite(failure, path_);
}

Query::~Query() {
    (void)statement_.tryReset();
    try {
        statement_.clearBindings();
    } catch (const SQLite::Exception&) {
        // sqlite3_clear_bindings() always gives SQLITE_OK.
    }
}

bool Query::is_null(int column) const {
    return statement_.getColumn(column).isNull();
}

std::string Query::text(int column) const {
    return statement_.getColumn(column).getString();
}

std::int64_t Query::integer(int column) const {
    return statement_.getColumn(column).getInt64();
}

WallInstant Query::instant(int column) const {
    return WallInstant{WallInstant::duration{integer(column)}};
}

std::optional<WallInstant> Query::optional_instant(int column) const {
    if (is_null(column)) return std::nullopt;
    return instant(column);
}

Duration Query::milliseconds(int column) const {
    return std::chrono::milliseconds{integer(column)};
}

std::optional<Duration> Query::optional_milliseconds(int column) const {
    if (is_null(column)) return std::nullopt;
    return milliseconds(column);
}

}  // namespace curfew::store

// One connection to an SQLite database, its prepared statements, and its failures in words.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace curfew::store {

// Used by one thread at a time. Functions throw SQLite::Exception; explain() makes an Error of it.
class Connection {
public:
    // Opens an existing file, be it empty, for reading and writing: write-ahead log, every commit flushed to
    // the disk, foreign keys enforced. Another process that holds it is waited for at most `busy_timeout`.
    Connection(std::filesystem::path path, std::chrono::milliseconds busy_timeout);

    // Statements without parameters and without an answer.
    void execute(const char* sql);
    // `sql` must live as long as the connection: a literal. Compiled once.
    SQLite::Statement& prepared(std::string_view sql);

    // False once SQLite has rolled a transaction back by itself.
    bool in_transaction() const;
    // Leaves the transaction without its changes, if there is one. What fails here, the next BEGIN tells.
    void roll_back() noexcept;
    // The file is not where it was opened: what is written to it now would be lost.
    bool has_moved() const;

    // What happened to which file and what to do, with the code that callers of the store are promised.
    Error explain(const SQLite::Exception& failure) const;
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
    SQLite::Database database_;
    std::unordered_map<std::string_view, SQLite::Statement> statements_;
};

Error explain_sqlite(const SQLite::Exception& failure, const std::filesystem::path& path);

// Bytes that are bound as such, not as text.
struct Blob {
    std::string_view bytes;
};

// One use of a prepared statement: binds `values` to its `?`, and makes it ready for its next use when it
// goes (an unfinished SELECT would hold its view of the database). One at a time of the same text.
class Query {
public:
    template <class... Values>
    Query(Connection& connection, std::string_view sql, const Values&... values)
        : statement_{connection.prepared(sql)} {
        [[maybe_unused]] int index = 0;
        (bind(++index, values), ...);
    }
    ~Query();
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    // Goes to the next row; false if there is none.
    bool next() { return statement_.executeStep(); }
    // For what gives no rows: the number of rows changed.
    int run() { return statement_.exec(); }

    bool is_null(int column) const;
    std::string text(int column) const;  // or the bytes of a blob
    std::int64_t integer(int column) const;
    WallInstant instant(int column) const;
    std::optional<WallInstant> optional_instant(int column) const;
    Duration milliseconds(int column) const;
    std::optional<Duration> optional_milliseconds(int column) const;

private:
    // A pointer would turn into a bool.
    void bind(int index, const char* value) = delete;
    void bind(int index, std::int64_t value) { statement_.bind(index, value); }
    void bind(int index, std::uint64_t value) { statement_.bind(index, static_cast<std::int64_t>(value)); }
    void bind(int index, std::int32_t value) { statement_.bind(index, value); }
    void bind(int index, bool value) { statement_.bind(index, value ? 1 : 0); }
    void bind(int index, const std::string& value) { statement_.bind(index, value); }
    void bind(int index, std::string_view value) { statement_.bind(index, std::string{value}); }
    void bind(int index, Blob value) {
        statement_.bind(index, value.bytes.data(), static_cast<int>(value.bytes.size()));
    }
    void bind(int index, const std::array<unsigned char, 32>& value) {
        statement_.bind(index, value.data(), static_cast<int>(value.size()));
    }
    void bind(int index, WallInstant value) {
        statement_.bind(index, static_cast<std::int64_t>(value.time_since_epoch().count()));
    }
    // In whole milliseconds.
    void bind(int index, Duration value) {
        statement_.bind(index, std::int64_t{std::chrono::floor<std::chrono::milliseconds>(value).count()});
    }
    template <class T>
    void bind(int index, const std::optional<T>& value) {
        if (value) {
            bind(index, *value);
        } else {
            statement_.bind(index);  // NULL
        }
    }

    SQLite::Statement& statement_;
};

}  // namespace curfew::store

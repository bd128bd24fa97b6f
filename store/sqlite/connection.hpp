// A connection to an SQLite database, and its failures in words.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.hpp"
#include "store/sql/connection.hpp"
#include "store/sqlite/file.hpp"

namespace curfew::store {

class SqliteStatement final : public Statement {
public:
    SqliteStatement(SQLite::Database& database, std::string_view sql)
        : statement_{database, std::string{sql}} {}

    void bind(int index, std::int64_t value) override { statement_.bind(index, value); }
    void bind(int index, std::string_view text) override { statement_.bind(index, std::string{text}); }
    void bind_bytes(int index, std::string_view bytes) override {
        statement_.bind(index, bytes.data(), static_cast<int>(bytes.size()));
    }
    void bind_null(int index) override { statement_.bind(index); }
    bool next() override { return statement_.executeStep(); }
    int run() override { return statement_.exec(); }
    bool is_null(int column) const override;
    std::string text(int column) const override;
    std::int64_t integer(int column) const override;
    void reset() noexcept override;

private:
    mutable SQLite::Statement statement_;
};

// Functions throw SQLite::Exception.
class SqliteConnection final : public Connection {
public:
    // Opens an existing file, be it empty, for reading and writing: write-ahead log, every commit flushed to
    // the disk, foreign keys enforced. Another process that holds it is waited for at most `busy_timeout`.
    // `lock` is given up once the file is closed.
    SqliteConnection(std::filesystem::path path, StoreLock lock, std::chrono::milliseconds busy_timeout);

    // From now on transactions tell their time by this clock. Before the first of them.
    void keep_time_by(const StoreClock& clock) { clock_.emplace(clock); }

    StoreTime begin(Access access) override;
    void commit(std::optional<EventNumber> last_event) override;
    void roll_back() noexcept override;
    bool in_transaction() const override;
    void execute(const char* sql) override { database_.exec(sql); }
    Statement& prepared(std::string_view sql) override;
    std::string_view choose(const Dialects& statement) const noexcept override { return statement.sqlite; }
    Error explain(const std::exception& failure) const override;
    std::string name() const override { return path_.string(); }
    Duration clock_ahead() noexcept override { return clock_ ? clock_->ahead_of_wall() : Duration{}; }

private:
    // The file is not where it was opened: what is written to it now would be lost.
    bool has_moved() const;

    StoreLock lock_;
    std::filesystem::path path_;
    SQLite::Database database_;
    std::unordered_map<std::string_view, SqliteStatement> statements_;
    std::optional<StoreClock> clock_;
};

Error explain_sqlite(const SQLite::Exception& failure, const std::filesystem::path& path);

}  // namespace curfew::store

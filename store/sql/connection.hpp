// One connection to the database that the store is in: its transactions, statements and failures, whichever
// database that is. The statements themselves are written once, in SQL that each of them understands.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/audit_chain.hpp"
#include "store/events.hpp"
#include "store/store_clock.hpp"

namespace curfew::store {

enum class Access { read, write };

// The rare statement that databases want each in its own words.
struct Dialects {
    std::string_view sqlite;
    std::string_view postgres;
};

// A statement and one use of it: its parameters are bound, counted from 1, then its rows are taken, their
// columns counted from 0. Functions throw what the connection explains.
class Statement {
public:
    virtual ~Statement() = default;

    virtual void bind(int index, std::int64_t value) = 0;
    virtual void bind(int index, std::string_view text) = 0;
    virtual void bind_bytes(int index, std::string_view bytes) = 0;
    virtual void bind_null(int index) = 0;

    // Goes to the next row; false if there is none.
    virtual bool next() = 0;
    // For what gives no rows: the number of rows changed.
    virtual int run() = 0;

    virtual bool is_null(int column) const = 0;
    virtual std::string text(int column) const = 0;      // or bytes; empty for NULL
    virtual std::int64_t integer(int column) const = 0;  // 0 for NULL

    // Makes it ready for its next use: no row and no parameter of this one is left.
    virtual void reset() noexcept = 0;
};

// Used by one thread at a time.
class Connection {
public:
    virtual ~Connection() = default;

    // Begins a transaction; gives the store's time at its beginning. Of those that write there is one at a
    // time, among all that use the database: it sees what the ones before left, and numbers of events come in
    // the order of commits. Throws, as everything here, what explain() puts into words.
    virtual StoreTime begin(Access access) = 0;
    // Durable when it returns. `last_event`: the number of the last event that there is now, if this
    // transaction wrote one; whoever watches the database from elsewhere is told.
    virtual void commit(std::optional<EventNumber> last_event) = 0;
    // Leaves the transaction without its changes, if there is one. What fails here, the next begin() tells.
    virtual void roll_back() noexcept = 0;
    // False once the database has given a transaction up by itself.
    virtual bool in_transaction() const = 0;

    // What the transaction writes concerns other nodes at once: a right that somebody is given, or loses.
    // Without that they are told as well, and may take their time.
    void make_urgent() noexcept { urgent_ = true; }

    // The end of the chain of events, while a transaction that writes knows it; nobody else writes meanwhile.
    std::optional<ChainHead>& known_chain_head() noexcept { return chain_head_; }

    // Statements without parameters and without an answer.
    virtual void execute(const char* sql) = 0;
    // `sql`, with a `?` for each parameter, must live as long as the connection: a literal. Prepared once.
    virtual Statement& prepared(std::string_view sql) = 0;

    // Somebody's bytes as text that this database can hold: what is no valid text in it is written as `\xNN`.
    virtual std::string holdable(std::string_view bytes) const { return std::string{bytes}; }
    virtual std::string_view choose(const Dialects& statement) const noexcept = 0;

    // What happened to which store and what to do, with the code that callers of the store are promised.
    virtual Error explain(const std::exception& failure) const = 0;
    // Which store it is, for messages: where it lies.
    virtual std::string name() const = 0;
    // How far the store's clock is ahead of this host's wall clock, where they are to be the same.
    virtual Duration clock_ahead() noexcept { return {}; }

protected:
    bool urgent_ = false;

private:
    std::optional<ChainHead> chain_head_;
};

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
    ~Query() { statement_.reset(); }
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    // Goes to the next row; false if there is none.
    bool next() { return statement_.next(); }
    // For what gives no rows: the number of rows changed.
    int run() { return statement_.run(); }

    bool is_null(int column) const { return statement_.is_null(column); }
    std::string text(int column) const { return statement_.text(column); }  // or the bytes of a blob
    std::int64_t integer(int column) const { return statement_.integer(column); }
    WallInstant instant(int column) const;
    std::optional<WallInstant> optional_instant(int column) const;
    Duration milliseconds(int column) const;
    std::optional<Duration> optional_milliseconds(int column) const;

private:
    // A pointer would turn into a bool.
    void bind(int index, const char* value) = delete;
    void bind(int index, std::int64_t value) { statement_.bind(index, value); }
    void bind(int index, std::uint64_t value) { statement_.bind(index, static_cast<std::int64_t>(value)); }
    void bind(int index, std::int32_t value) { statement_.bind(index, std::int64_t{value}); }
    void bind(int index, bool value) { statement_.bind(index, std::int64_t{value ? 1 : 0}); }
    void bind(int index, const std::string& value) { statement_.bind(index, std::string_view{value}); }
    void bind(int index, std::string_view value) { statement_.bind(index, value); }
    void bind(int index, Blob value) { statement_.bind_bytes(index, value.bytes); }
    void bind(int index, const std::array<unsigned char, 32>& value) {
        statement_.bind_bytes(index, {reinterpret_cast<const char*>(value.data()), value.size()});
    }
    void bind(int index, WallInstant value) {
        statement_.bind(index, std::int64_t{value.time_since_epoch().count()});
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
            statement_.bind_null(index);
        }
    }

    Statement& statement_;
};

}  // namespace curfew::store

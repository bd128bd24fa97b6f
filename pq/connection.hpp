// A libpq connection that never blocks its thread.
#pragma once

#include <libpq-fe.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "pq/script.hpp"

namespace curfew::pq {

// libpq's connection parameters (keyword, value), all but the password; of two values the later one counts.
using Parameters = std::vector<std::pair<std::string, std::string>>;

// What a statement gave: rows, or the server's refusal.
class Answer {
public:
    explicit Answer(PGresult* result = nullptr) : result_{result, PQclear} {}

    bool ok() const noexcept;  // it is rows
    bool refused() const noexcept;
    bool is_null(int row, int column) const noexcept { return PQgetisnull(result_.get(), row, column) == 1; }
    bool is_bytes(int column) const noexcept;  // of type bytea
    int changed() const noexcept;              // how many rows the statement inserted, updated or deleted
    std::string_view command() const noexcept { return PQcmdStatus(result_.get()); }  // `COMMIT`, `UPDATE 2`
    int rows() const noexcept { return PQntuples(result_.get()); }
    int columns() const noexcept { return PQnfields(result_.get()); }
    // Valid for as long as the answer. Empty for NULL.
    std::string_view value(int row, int column) const noexcept;
    std::string sqlstate() const;  // of a refusal; empty if there is none
    std::string error() const;     // of a refusal: the server's primary message, made printable
    std::string detail() const;    // of a refusal: what the server said more of it; may be empty

private:
    std::unique_ptr<PGresult, void (*)(PGresult*)> result_;
};

// One statement of several that are sent together.
struct Step {
    std::string name;                                    // under which it is prepared
    std::string sql;                                     // to prepare it first; empty: it is prepared already
    std::vector<std::optional<std::string>> parameters;  // as text, without NUL; nullopt: NULL
};

// Takes SQLSTATE, which is returned (empty: there is none), and the place in the server's source out of a
// message that libpq wrote with PQERRORS_VERBOSE.
std::string take_sqlstate(std::string& message);

// Used by one thread, the executor's; one operation at a time, and the object outlives it.
class Connection {
public:
    static constexpr Duration knock_again = std::chrono::milliseconds{250};

    explicit Connection(boost::asio::any_io_executor executor);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Connects and authenticates. Once only. While nothing at all comes back from the server's machine, it is
    // tried anew every `knock_again` on a socket of its own, and the first that is answered is taken: the
    // pauses of TCP itself double, and would go on long after the way is open again. unavailable: no answer
    // within `at_most`, or refused; libpq's own words, which name server and role but never a password.
    boost::asio::awaitable<Result<void>> connect(Parameters parameters, std::optional<Secret> password,
                                                 Duration at_most);
    // With which SQLSTATE the server refused to be connected to; empty: it did not, or was not reached.
    const std::string& refused_with() const noexcept { return refused_with_; }

    // Runs one statement with text parameters, which may hold no NUL. unavailable: no answer within `at_most`
    // or the connection is lost, and with it what became of the statement; the connection is of no more use.
    boost::asio::awaitable<Result<Answer>> query(std::string sql, std::vector<std::string> parameters,
                                                 Duration at_most);

    // Sends these together and gives what the last one gave, or the first refusal: what comes after that was
    // not done. They are not a transaction unless they say so. unavailable: as query(). A connection is used
    // either by this or by query().
    boost::asio::awaitable<Result<Answer>> pipeline(std::vector<Step> steps, Duration at_most);

    // Sends `text`, which may hold no NUL, as one simple Query, however many statements it has, and tells
    // `receiver` of all that comes back, in memory for one row. It takes as long as it takes. COPY FROM STDIN
    // is made to fail. unavailable: the connection was lost, or given up; what became of the rest is not
    // known then.
    boost::asio::awaitable<Result<void>> run_script(std::string text, ScriptReceiver& receiver);
    // A value of a statement; with `binary` in the binary form of its type.
    struct Value {
        std::optional<std::string> bytes;  // nullopt: NULL; as text, without NUL
        bool binary = false;
    };
    // The same for one statement and its values, whose types are left to the server.
    boost::asio::awaitable<Result<void>> run_statement(std::string sql, std::vector<Value> values,
                                                       ScriptReceiver& receiver);

    // While nothing is being asked: completes when interrupt() is called or a notification has come (ok), or
    // the server has gone.
    boost::asio::awaitable<Result<void>> idle();
    // The payload of the next notification (LISTEN) that has come; nullopt: there is none.
    std::optional<std::string> next_notification();
    // As the server says of the transaction after the last statement.
    PGTransactionStatusType transaction_status() const noexcept {
        return PQtransactionStatus(connection_.get());
    }
    // Ends a call of idle() under way.
    void interrupt() noexcept;
    // Ends whatever operation is under way, with unavailable; so do all later ones.
    void abort() noexcept;

    int server_version() const noexcept;  // as PQserverVersion: 150020

private:
    using Deadline = std::chrono::steady_clock::time_point;
    struct Link;
    struct Knocks;

    boost::asio::awaitable<Result<void>> reach(const Parameters& parameters,
                                               const std::optional<Secret>& password, Deadline deadline);
    boost::asio::awaitable<Result<void>> connect_step(bool reading, Deadline deadline);
    boost::asio::awaitable<Result<void>> wait_for_socket(bool reading, Deadline deadline);
    Result<void> send(const Step& step);
    boost::asio::awaitable<Result<Answer>> pipeline_answer(Deadline deadline);
    boost::asio::awaitable<Result<void>> flush(Deadline deadline);
    boost::asio::awaitable<Result<void>> await_result(Deadline deadline);
    boost::asio::awaitable<Result<void>> receive(ScriptReceiver& receiver);
    boost::asio::awaitable<Result<void>> refuse_copy();
    boost::asio::awaitable<Result<void>> take_copy(ScriptReceiver& receiver);
    Result<void> watch_socket();
    bool has_notification();
    Error failure() const;
    Error connect_failure();

    boost::asio::any_io_executor executor_;
    std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
    std::shared_ptr<Link> link_;
    std::string refused_with_;
    std::optional<std::string> notification_;  // the next one
    bool interrupted_ = false;
    bool aborted_ = false;
};

}  // namespace curfew::pq

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
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "proxy/pq_parameters.hpp"

namespace curfew::proxy {

// What a statement gave: rows, or the server's refusal.
class PqAnswer {
public:
    explicit PqAnswer(PGresult* result) : result_{result, PQclear} {}

    bool ok() const noexcept;  // it is rows
    int rows() const noexcept { return PQntuples(result_.get()); }
    int columns() const noexcept { return PQnfields(result_.get()); }
    // Valid for as long as the answer. Empty for NULL.
    std::string_view value(int row, int column) const noexcept;
    std::string sqlstate() const;  // of a refusal; empty if there is none
    std::string error() const;     // of a refusal: the server's primary message, made printable

private:
    std::unique_ptr<PGresult, void (*)(PGresult*)> result_;
};

// Used by one thread, the executor's; one operation at a time, and the object outlives it.
class PqConnection {
public:
    explicit PqConnection(boost::asio::any_io_executor executor);
    ~PqConnection();
    PqConnection(const PqConnection&) = delete;
    PqConnection& operator=(const PqConnection&) = delete;

    // Connects and authenticates. Once only. unavailable: no answer within `at_most`, or refused; libpq's own
    // words, which name server and role but never a password.
    boost::asio::awaitable<Result<void>> connect(PqParameters parameters, std::optional<Secret> password,
                                                 Duration at_most);

    // Runs one statement with text parameters, which may hold no NUL. unavailable: no answer within `at_most`
    // or the connection is lost, and with it what became of the statement; the connection is of no more use.
    boost::asio::awaitable<Result<PqAnswer>> query(std::string sql, std::vector<std::string> parameters,
                                                   Duration at_most);

    // While nothing is being asked: completes when interrupt() is called (ok) or the server has gone.
    boost::asio::awaitable<Result<void>> idle();
    // Ends a call of idle() under way.
    void interrupt() noexcept;
    // Ends whatever operation is under way, with unavailable; so do all later ones.
    void abort() noexcept;

    int server_version() const noexcept;  // as PQserverVersion: 150020

private:
    using Deadline = std::chrono::steady_clock::time_point;
    struct Link;

    boost::asio::awaitable<Result<void>> connect_step(bool reading, Deadline deadline);
    boost::asio::awaitable<Result<void>> wait_for_socket(bool reading, Deadline deadline);
    boost::asio::awaitable<Result<void>> flush(Deadline deadline);
    boost::asio::awaitable<Result<void>> await_result(Deadline deadline);
    Result<void> watch_socket();
    Error failure() const;

    boost::asio::any_io_executor executor_;
    std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
    std::shared_ptr<Link> link_;
    bool interrupted_ = false;
    bool aborted_ = false;
};

}  // namespace curfew::proxy

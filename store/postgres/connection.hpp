// A connection to a store in PostgreSQL, and its failures in words.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "pq/connection.hpp"
#include "store/postgres/postgres_clock.hpp"
#include "store/postgres/target.hpp"
#include "store/sql/connection.hpp"

namespace curfew::store {

// What was refused, or why there was no answer.
class PostgresFailure final : public std::runtime_error {
public:
    PostgresFailure(std::string sqlstate, const std::string& message)
        : std::runtime_error{message}, sqlstate_{std::move(sqlstate)} {}

    const std::string& sqlstate() const noexcept { return sqlstate_; }  // empty: no answer

private:
    std::string sqlstate_;
};

// Drives libpq on an event loop of its own, which turns while an answer is awaited: no step waits for longer
// than the target's timeouts. Statements without an answer are sent together with the next one that has one.
//
// It connects when a transaction begins and there is no connection, to the first server of the target that
// takes writes; after a failure not again before a pause has passed, in which every transaction fails at
// once.
class PostgresConnection final : public Connection {
public:
    // `clock` outlives it.
    PostgresConnection(PostgresTarget target, const Clock& clock, std::shared_ptr<PostgresClock> store_clock);
    ~PostgresConnection() override;

    StoreTime begin(Access access) override;
    void commit(std::optional<EventNumber> last_event) override;
    void roll_back() noexcept override;
    bool in_transaction() const override;
    void execute(const char* sql) override;
    Statement& prepared(std::string_view sql) override;
    std::string_view choose(const Dialects& statement) const noexcept override { return statement.postgres; }
    std::string holdable(std::string_view bytes) const override;
    Error explain(const std::exception& failure) const override;
    // The same, but invalid where the server refuses and will until somebody has mended something: roles,
    // rights, pg_hba.conf, the database, a password.
    Error explain_at_start(const std::exception& failure) const;
    std::string name() const override { return target_.name(); }
    Duration clock_ahead() noexcept override { return store_clock_->ahead(); }

    // Connects if there is no connection. Throws PostgresFailure.
    void connect();
    // As begin() does for what writes, before there are tables to tell the time by.
    void begin_alone();
    // Runs one statement with what waited to be sent. Throws PostgresFailure; the connection is given up
    // where it was the connection that failed. `sql` must live as long as the connection.
    pq::Answer ask(std::string_view sql, std::vector<std::optional<std::string>> parameters);
    // The same for a statement that is run once, and may take longer than others do: `within`.
    pq::Answer ask_once(std::string sql, std::optional<Duration> within = std::nullopt);

private:
    class Prepared;

    pq::Step step(std::string_view sql, std::vector<std::optional<std::string>> parameters);
    pq::Answer send(std::vector<pq::Step> steps, std::optional<Duration> within = std::nullopt);
    void connect_to(const PostgresServer& server);
    void give_up();
    void fail_fast() const;
    StoreTime begin_once(Access access);
    template <class T>
    T await(boost::asio::awaitable<T> task);

    const PostgresTarget target_;
    const Clock& clock_;
    const std::shared_ptr<PostgresClock> store_clock_;
    boost::asio::io_context loop_{1};
    std::unique_ptr<pq::Connection> connection_;
    std::vector<pq::Step> waiting_;                            // to be sent with the next
    std::unordered_map<std::string_view, std::string> names_;  // of what the server has prepared
    std::unordered_map<std::string_view, std::unique_ptr<Prepared>> statements_;
    std::size_t last_name_ = 0;
    std::size_t first_server_ = 0;  // to be tried
    std::string problem_;           // of the last attempt to connect
    std::chrono::steady_clock::time_point not_before_{};
};

}  // namespace curfew::store

#include "proxy/backend_admin.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "proxy/admin_connection.hpp"
#include "proxy/prepared_rollback.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

using Connection = std::shared_ptr<AdminConnection>;

// Between looks for a backend that is not in pg_stat_activity yet: about a second in all.
constexpr std::array<std::chrono::milliseconds, 7> identify_pauses{10ms,  20ms,  40ms, 80ms,
                                                                   150ms, 300ms, 400ms};

// Awaits `task` on the control thread. Cancellation stops here: Asio 1.81 would carry it across threads in a
// way that can outlive the task.
template <class T>
Awaitable<T> on_control(asio::any_io_executor control, Awaitable<T> task) {
    co_return co_await asio::co_spawn(
        control, std::move(task),
        asio::bind_cancellation_slot(asio::cancellation_slot{}, asio::use_awaitable));
}

std::string named(std::int32_t pid, const Connection& connection) {
    return "backend " + std::to_string(pid) + " of resource '" + connection->resource().name + "'";
}

Error hidden(std::int32_t pid, const Connection& connection) {
    const std::string role = printable(connection->resource().admin_login->user);
    return {ErrorCode::forbidden,
            "role '" + role + "' may not see whose " + named(pid, connection) +
                " is; as a superuser of that PostgreSQL: GRANT pg_read_all_stats TO \"" + role + "\""};
}

Result<store::Backend> identified(const BackendAdmin::Peer& peer, const BackendFinding& finding,
                                  const Connection& connection) {
    switch (finding.verdict) {
        case Verdict::found:
            return store::Backend{peer.pid, finding.started};
        case Verdict::hidden:
            return hidden(peer.pid, connection);
        case Verdict::different:
            return Error{
                ErrorCode::conflict,
                named(peer.pid, connection) +
                    " is somebody else's connection: a pooler or an address translation stands before "
                    "that PostgreSQL, and the pid it tells means nothing; let the resource's host "
                    "be PostgreSQL itself"};
        default:
            return Error{ErrorCode::not_found, named(peer.pid, connection) +
                                                   " is not in its pg_stat_activity; is the resource's host "
                                                   "that PostgreSQL itself?"};
    }
}

Awaitable<Result<store::Backend>> identify_on_control(Connection connection, BackendAdmin::Peer peer) {
    const BackendQuery query{peer.pid, std::to_string(peer.client_port ? int{*peer.client_port} : -1)};
    asio::steady_timer timer{co_await asio::this_coro::executor};
    std::size_t looks = 0;
    for (;;) {
        Result<BackendFinding> finding = co_await connection->ask(BackendQuestion::identify, query);
        if (!finding) co_return finding.error();
        if (finding->verdict != Verdict::absent || looks == identify_pauses.size())
            co_return identified(peer, *finding, connection);
        timer.expires_after(identify_pauses[looks++]);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

std::optional<Error> refuse_unknown(const store::Backend& backend) {
    if (backend.pid > 0 && !backend.started.empty()) return std::nullopt;
    return Error{ErrorCode::invalid, "a backend is known by its pid and its start; " +
                                         std::string{backend.pid > 0 ? "the start" : "the pid"} +
                                         " of this one was never learnt"};
}

Awaitable<Result<BackendAdmin::Signal>> terminate_on_control(Connection connection, store::Backend backend) {
    BackendQuery query{backend.pid, backend.started};
    Result<BackendFinding> finding = co_await connection->ask(BackendQuestion::terminate, std::move(query));
    if (!finding) co_return finding.error();
    switch (finding->verdict) {
        case Verdict::sent:
            co_return BackendAdmin::Signal::sent;
        case Verdict::refused:
            co_return BackendAdmin::Signal::refused;
        case Verdict::hidden:
            co_return hidden(backend.pid, connection);
        default:
            co_return BackendAdmin::Signal::gone;
    }
}

Awaitable<Result<bool>> is_running_on_control(Connection connection, store::Backend backend) {
    BackendQuery query{backend.pid, backend.started};
    Result<BackendFinding> finding = co_await connection->ask(BackendQuestion::is_running, std::move(query));
    if (!finding) co_return finding.error();
    if (finding->verdict == Verdict::hidden) co_return hidden(backend.pid, connection);
    co_return finding->verdict == Verdict::found;
}

Awaitable<Result<BackendAdmin::LeftBehind>> left_behind_on_control(Connection connection,
                                                                   BackendAdmin::Trace trace) {
    const auto rows = co_await connection->list(Leftover::prepared_transactions);
    if (!rows) co_return rows.error();
    BackendAdmin::LeftBehind left;
    for (const auto& row : **rows) {
        // Times of one form and zone are in order as texts.
        if (row.at(1) == trace.role && row.at(2) == trace.database && row.at(3) >= trace.started)
            left.prepared_transactions.push_back(row.at(0));
    }
    co_return left;
}

Awaitable<Result<std::vector<std::string>>> replication_slots_on_control(Connection connection) {
    const auto rows = co_await connection->list(Leftover::replication_slots);
    if (!rows) co_return rows.error();
    std::vector<std::string> names;
    for (const auto& row : **rows)
        names.push_back(row.at(0));
    co_return names;
}

// These hold the connection while they await its members.
Awaitable<bool> wait_until_up_on_control(Connection connection, Duration at_most) {
    co_return co_await connection->wait_until_up(at_most);
}

Awaitable<Result<std::shared_ptr<const BackendAdmin::Rows>>> look_on_control(
    Connection connection, std::string sql, std::vector<std::string> parameters, std::string what) {
    co_return co_await connection->look(std::move(sql), std::move(parameters), std::move(what));
}

Awaitable<void> stop_on_control(Connection connection) {
    co_await connection->stop();
}

}  // namespace

std::string_view to_string(BackendAdmin::Signal signal) {
    switch (signal) {
        case BackendAdmin::Signal::sent:
            return "sent";
        case BackendAdmin::Signal::gone:
            return "gone";
        case BackendAdmin::Signal::refused:
            return "refused";
    }
    return "refused";
}

BackendAdmin::BackendAdmin(asio::any_io_executor control, const Clock& clock,
                           const config::Resource& resource, metrics::ResourceMetrics& metrics,
                           Duration connect_timeout)
    : control_{std::move(control)},
      connection_{std::make_shared<AdminConnection>(control_, clock, resource, metrics, connect_timeout)} {}

BackendAdmin::~BackendAdmin() = default;

void BackendAdmin::start() {
    asio::post(control_, [connection = connection_] { connection->start(); });
}

Awaitable<void> BackendAdmin::stop() {
    co_await asio::co_spawn(control_, stop_on_control(connection_),
                            asio::bind_cancellation_slot(asio::cancellation_slot{}, asio::use_awaitable));
}

bool BackendAdmin::up() const noexcept {
    return connection_->up();
}

AdminLoginStatus BackendAdmin::status() const {
    return connection_->status();
}

Awaitable<bool> BackendAdmin::wait_until_up(Duration at_most) {
    return on_control(control_, wait_until_up_on_control(connection_, at_most));
}

Awaitable<Result<store::Backend>> BackendAdmin::identify(Peer peer) {
    return on_control(control_, identify_on_control(connection_, peer));
}

Awaitable<Result<BackendAdmin::Signal>> BackendAdmin::terminate(store::Backend backend) {
    if (auto unknown = refuse_unknown(backend)) co_return std::move(*unknown);
    co_return co_await on_control(control_, terminate_on_control(connection_, std::move(backend)));
}

Awaitable<Result<bool>> BackendAdmin::is_running(store::Backend backend) {
    if (auto unknown = refuse_unknown(backend)) co_return std::move(*unknown);
    co_return co_await on_control(control_, is_running_on_control(connection_, std::move(backend)));
}

Awaitable<Result<BackendAdmin::LeftBehind>> BackendAdmin::left_behind(Trace trace) {
    if (trace.started.empty())
        co_return Error{
            ErrorCode::invalid,
            "what a session left behind is told by when its backend started, which was never learnt"};
    co_return co_await on_control(control_, left_behind_on_control(connection_, std::move(trace)));
}

Awaitable<Result<std::vector<std::string>>> BackendAdmin::replication_slots() {
    return on_control(control_, replication_slots_on_control(connection_));
}

Awaitable<Result<std::shared_ptr<const BackendAdmin::Rows>>> BackendAdmin::look(
    std::string sql, std::vector<std::string> parameters, std::string what) {
    return on_control(control_,
                      look_on_control(connection_, std::move(sql), std::move(parameters), std::move(what)));
}

Awaitable<Result<void>> BackendAdmin::roll_back(PreparedTransaction transaction) {
    return on_control(control_, roll_back_prepared(control_, connection_->resource(), std::move(transaction),
                                                   connection_->connect_timeout()));
}

const config::Resource& BackendAdmin::resource() const noexcept {
    return connection_->resource();
}

metrics::ResourceMetrics& BackendAdmin::metrics() const noexcept {
    return connection_->metrics();
}

}  // namespace curfew::proxy

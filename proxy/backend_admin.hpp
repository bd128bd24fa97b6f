// The administrative connection to one resource's PostgreSQL: which backend serves a session, ending it, and
// the proof that it is gone.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "metrics/metrics.hpp"
#include "proxy/control.hpp"
#include "store/store.hpp"

namespace curfew::proxy {

class AdminConnection;

// Opened beforehand with the resource's admin_login, kept open, opened again when lost. All functions may be
// called and awaited on any thread and resume on the awaiting coroutine's executor. What many ask at the same
// time goes to PostgreSQL together, in a few statements.
//
// An await is not cut short by cancellation: its answer comes within seconds, whatever PostgreSQL does.
// Lifetimes: the io_context of `control` outlives this object; every io_context that awaits here outlives the
// thread that runs `control`, which may touch it for a moment after it has handed over an answer.
class BackendAdmin {
public:
    // `control`: the executor of an io_context that one thread runs; libpq is used there only. `resource`
    // must have an admin_login. `clock` and `metrics` must live until stop() has returned or `control` runs
    // no more.
    BackendAdmin(boost::asio::any_io_executor control, const Clock& clock, const config::Resource& resource,
                 metrics::ResourceMetrics& metrics, Duration connect_timeout);
    // Call stop() first, unless `control` runs no more.
    ~BackendAdmin();
    BackendAdmin(const BackendAdmin&) = delete;
    BackendAdmin& operator=(const BackendAdmin&) = delete;

    // Connects, and connects again whenever the connection is lost, after 250 ms … 15 s; after
    // 500 ms at most while backends wait to be ended. Once only.
    void start();
    // Closes the connection for good; who waits for an answer gets unavailable. Returns when it is closed.
    Awaitable<void> stop();

    // The connection stands. Thread-safe; true a moment ago.
    bool up() const noexcept;
    // The same, since when, and why not. On the control thread only.
    AdminLoginStatus status() const;
    // up(), as soon as it is true; false if it was not within `at_most`, or after stop().
    Awaitable<bool> wait_until_up(Duration at_most);

    // What is known of a backend from the connection that it serves.
    struct Peer {
        explicit Peer(std::int32_t pid_, std::optional<std::uint16_t> client_port_ = std::nullopt)
            : pid{pid_}, client_port{client_port_} {}

        std::int32_t pid;                          // from BackendKeyData
        std::optional<std::uint16_t> client_port;  // our own port towards PostgreSQL; none on a Unix socket
    };

    // The errors of all that follow: unavailable: no connection, or it was lost before the answer came (a
    // terminate may have happened); ask again. forbidden: the role lacks pg_read_all_stats.

    // The backend that serves us. not_found: there was no such row within a second. conflict: its client port
    // is not ours, so a pooler or a NAT stands in between and the pid means nothing.
    Awaitable<Result<store::Backend>> identify(Peer peer);

    enum class Signal {
        sent,
        gone,     // no such row, or its process left while it was looked at
        refused,  // a superuser's backend and the role is none, or the role lacks pg_signal_backend
    };
    // Signals the backend with this pid *and* start; never one that was given the pid since. invalid: one of
    // the two is not known.
    Awaitable<Result<Signal>> terminate(store::Backend backend);

    // Whether the row of the backend with this pid and start is in pg_stat_activity. invalid: as above.
    Awaitable<Result<bool>> is_running(store::Backend backend);

    // By what a session's traces are known once it is over.
    struct Trace {
        std::string role;  // with which it logged in to PostgreSQL
        std::string database;
        std::string started;  // as in its store::Backend
    };
    // What outlives it.
    struct LeftBehind {
        std::vector<std::string> prepared_transactions;  // global identifiers, oldest first
    };
    // Of that role, in that database, since that start. PostgreSQL does not keep which session prepared a
    // transaction: another one of the same role may have, and one prepared after SET ROLE has another owner.
    // invalid: the start is not known.
    Awaitable<Result<LeftBehind>> left_behind(Trace trace);

    // The names of all replication slots of the server that are not temporary, in order: to compare what was
    // there before a session with what is there after it.
    Awaitable<Result<std::vector<std::string>>> replication_slots();

    // By row and column, NULL as an empty text.
    using Rows = std::vector<std::vector<std::string>>;
    // What one statement gives that only reads, when nothing more pressing is asked. `what` it looks at, in
    // the words of an error.
    Awaitable<Result<std::shared_ptr<const Rows>>> look(std::string sql, std::vector<std::string> parameters,
                                                        std::string what);

    // A transaction that outlives its session.
    struct PreparedTransaction {
        std::string identifier;
        std::string owner;
        std::string database;
    };
    // Rolls it back, on a connection of its own: as the resource's role where that is its owner, else by the
    // administrative role, which must be a superuser or a member of the owner. not_found: there is none (any
    // more). forbidden: PostgreSQL does not let us. unavailable: it could not be reached.
    Awaitable<Result<void>> roll_back(PreparedTransaction transaction);

    // What it was made for. Thread-safe.
    const config::Resource& resource() const noexcept;
    metrics::ResourceMetrics& metrics() const noexcept;

private:
    boost::asio::any_io_executor control_;
    std::shared_ptr<AdminConnection> connection_;  // outlives us while somebody waits for its answer
};
std::string_view to_string(BackendAdmin::Signal signal);

}  // namespace curfew::proxy

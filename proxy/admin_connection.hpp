// Keeps the administrative connection open, and asks over it for many at once.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "metrics/metrics.hpp"
#include "pq/connection.hpp"
#include "proxy/backend_queries.hpp"
#include "proxy/control.hpp"

namespace curfew::proxy {

// What BackendAdmin's threads share. But for its constructor and up(), used on the control thread only. Owned
// by shared_ptr: whoever awaits a member holds one meanwhile.
class AdminConnection : public std::enable_shared_from_this<AdminConnection> {
public:
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;

    AdminConnection(boost::asio::any_io_executor control, const Clock& clock, config::Resource resource,
                    metrics::ResourceMetrics& metrics, Duration connect_timeout);

    void start();
    Awaitable<void> stop();
    bool up() const noexcept { return up_.load(std::memory_order_acquire); }
    Awaitable<bool> wait_until_up(Duration at_most);
    AdminLoginStatus status() const;

    // unavailable: no connection, or lost before the answer came. forbidden: PostgreSQL refused to say.
    Awaitable<Result<BackendFinding>> ask(BackendQuestion question, BackendQuery query);

    // By row and column, as leftovers_sql has them; shared by all who asked at the same time.
    using Rows = std::vector<std::vector<std::string>>;
    using SharedRows = std::shared_ptr<const Rows>;
    // The errors are the same.
    Awaitable<Result<SharedRows>> list(Leftover kind);
    // What one statement gives that only reads; behind all that is asked above. `what` it looks at, in an
    // error.
    Awaitable<Result<SharedRows>> look(std::string sql, std::vector<std::string> parameters,
                                       std::string what);

    const config::Resource& resource() const noexcept { return resource_; }
    metrics::ResourceMetrics& metrics() const noexcept { return metrics_; }
    Duration connect_timeout() const noexcept { return connect_timeout_; }

private:
    static constexpr Duration query_timeout = std::chrono::seconds{5};
    static constexpr auto never = boost::asio::steady_timer::time_point::max();

    template <class T>
    struct Awaited;
    struct Request;
    struct Listing;
    struct LookOut;
    using Group = std::vector<std::shared_ptr<Request>>;
    using Listings = std::vector<std::shared_ptr<Listing>>;
    struct Lookup;

    static Awaitable<void> run(std::shared_ptr<AdminConnection> self);
    Awaitable<void> run_once();
    Awaitable<Result<void>> connect();
    Awaitable<std::vector<std::string>> addresses();
    Awaitable<Result<void>> check_rights();

    // admin_questions.cpp
    Awaitable<Error> serve();
    std::optional<BackendQuestion> next_question() const;
    Awaitable<std::optional<Error>> answer_batch(BackendQuestion question);
    Awaitable<std::optional<Error>> answer(BackendQuestion question, std::vector<Group> groups);
    static void settle(const Group& group, const pq::Answer& answer);
    std::optional<Leftover> next_leftover() const;
    Awaitable<std::optional<Error>> answer_listings(Leftover kind);
    Awaitable<std::optional<Error>> answer_look(std::shared_ptr<LookOut> look);
    Result<SharedRows> rows_of(const pq::Answer& answer, std::string_view what) const;
    void fail(const Group& group, const Error& why) const;
    void fail_all(const Error& why);
    Result<BackendFinding> refusal(BackendQuestion question, const pq::Answer& answer) const;
    Error refused(std::string_view what, const pq::Answer& answer) const;
    Error lost(const Error& why) const;
    Error no_connection() const;

    void went_up();
    void went_down(const Error& why);
    void log_failure(const Error& error, Duration retry_in);
    Duration next_delay();
    void want();
    Awaitable<void> pause(Duration at_most);
    static Awaitable<void> wait(boost::asio::steady_timer& timer);

    boost::asio::any_io_executor control_;
    const Clock& clock_;
    config::Resource resource_;
    metrics::ResourceMetrics& metrics_;
    Duration connect_timeout_;

    std::atomic<bool> up_ = false;
    bool running_ = false;
    bool stopping_ = false;
    bool idle_ = false;            // the connection is, and wants to be told of requests
    bool wanted_ = false;          // somebody asked since it is down
    bool pause_is_short_ = false;  // the one that is under way, or comes next
    bool between_attempts_ = false;
    Duration delay_;
    WallInstant changed_at_;  // went up, or down
    std::string problem_;     // why it is down
    std::string last_failure_;
    std::unique_ptr<pq::Connection> connection_;
    std::array<std::deque<std::shared_ptr<Request>>, 3> waiting_;  // by BackendQuestion
    std::array<Listings, 2> listings_;                             // by Leftover
    std::deque<std::shared_ptr<LookOut>> looks_;
    boost::asio::ip::tcp::resolver resolver_;
    boost::asio::steady_timer pause_;
    boost::asio::steady_timer stopped_;
    std::vector<std::shared_ptr<boost::asio::steady_timer>> waiting_until_up_;
};

}  // namespace curfew::proxy

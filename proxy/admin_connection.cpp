#include "proxy/admin_connection.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <random>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "proxy/pq_parameters.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration shortest_delay = 250ms;
constexpr Duration longest_delay = 15s;
constexpr Duration longest_delay_when_wanted = 500ms;

std::int64_t in_milliseconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

// A name being looked up. The look-up cannot be stopped, only left behind.
struct AdminConnection::Lookup {
    bool awaited = true;
    std::vector<std::string> addresses;
};

AdminConnection::AdminConnection(asio::any_io_executor control, const Clock& clock, config::Resource resource,
                                 metrics::ResourceMetrics& metrics, Duration connect_timeout)
    : control_{std::move(control)},
      clock_{clock},
      resource_{std::move(resource)},
      metrics_{metrics},
      connect_timeout_{connect_timeout},
      delay_{shortest_delay},
      changed_at_{clock_.wall_now()},
      resolver_{control_},
      pause_{control_},
      stopped_{control_, never} {}

// Completes when the timer expires or is cancelled.
asio::awaitable<void> AdminConnection::wait(asio::steady_timer& timer) {
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

void AdminConnection::start() {
    if (running_ || stopping_) return;
    running_ = true;
    metrics_.admin_connection_up(false);
    // stop() joins it.
    asio::co_spawn(control_, run(shared_from_this()), asio::detached);
}

asio::awaitable<void> AdminConnection::stop() {
    stopping_ = true;
    pause_.cancel();
    if (connection_) connection_->abort();
    while (running_)
        co_await wait(stopped_);
}

asio::awaitable<bool> AdminConnection::wait_until_up(Duration at_most) {
    if (up() || stopping_) co_return up();
    const auto timer = std::make_shared<asio::steady_timer>(control_, at_most);
    waiting_until_up_.push_back(timer);
    co_await wait(*timer);
    std::erase(waiting_until_up_, timer);
    co_return up();
}

AdminLoginStatus AdminConnection::status() const {
    return {resource_.name, up(), changed_at_, problem_};
}

asio::awaitable<void> AdminConnection::run(std::shared_ptr<AdminConnection> self) {
    while (!self->stopping_)
        co_await self->run_once();
    self->running_ = false;
    self->stopped_.cancel();
    for (const auto& timer : self->waiting_until_up_)
        timer->cancel();
}

// From connecting to the end of the connection, and the pause before the next.
asio::awaitable<void> AdminConnection::run_once() {
    Result<void> connected = co_await connect();
    if (connected) {
        went_up();
        const Error why = co_await serve();
        went_down(why);
    }
    connection_.reset();
    if (stopping_) co_return;
    const Duration delay = next_delay();
    if (!connected) log_failure(connected.error(), delay);
    between_attempts_ = true;
    co_await pause(delay);
    between_attempts_ = false;
}

asio::awaitable<Result<void>> AdminConnection::connect() {
    Result<void> outcome = Error{ErrorCode::unavailable, "'" + printable(resource_.upstream.host) +
                                                             "' has no address (name look-up failed)"};
    const std::vector<std::string> candidates = co_await addresses();
    for (const std::string& address : candidates) {
        if (stopping_) break;
        connection_ = std::make_unique<pq::Connection>(control_);
        pq::Parameters parameters = admin_parameters(resource_, address);
        outcome = co_await connection_->connect(std::move(parameters), resource_.admin_login->password,
                                                connect_timeout_);
        if (outcome) break;
    }
    if (outcome) outcome = co_await check_rights();
    co_return outcome;
}

// The addresses of the upstream's name; one, empty, for a Unix socket.
asio::awaitable<std::vector<std::string>> AdminConnection::addresses() {
    if (resource_.upstream.is_unix()) co_return std::vector<std::string>{std::string{}};
    const auto lookup = std::make_shared<Lookup>();
    resolver_.async_resolve(
        resource_.upstream.host, std::to_string(resource_.upstream.port),
        [lookup, self = shared_from_this()](const boost::system::error_code& error,
                                            const asio::ip::tcp::resolver::results_type& results) {
            if (!lookup->awaited) return;
            if (!error) {
                for (const auto& result : results)
                    lookup->addresses.push_back(result.endpoint().address().to_string());
            }
            lookup->awaited = false;
            self->pause_.cancel();
        });
    co_await pause(connect_timeout_);
    lookup->awaited = false;
    co_return lookup->addresses;
}

// Says at once what would else come to light when the first session ends.
asio::awaitable<Result<void>> AdminConnection::check_rights() {
    std::string sql{rights_sql()};
    std::vector<std::string> none;
    Result<pq::Answer> answer = co_await connection_->query(std::move(sql), std::move(none), query_timeout);
    if (!answer) co_return answer.error();
    if (!answer->ok() || answer->rows() != 1)
        co_return Error{ErrorCode::unavailable,
                        "this is no PostgreSQL that tells its roles' rights: " + answer->error()};
    const auto warn = [&](std::string_view right, std::string_view without) {
        log::warning("admin.right_missing", {{"resource", resource_.name},
                                             {"role", resource_.admin_login->user},
                                             {"right", right},
                                             {"without_it", without}});
    };
    if (answer->value(0, 0) != "t")
        warn("pg_read_all_stats", "the end of other roles' backends cannot be confirmed");
    if (answer->value(0, 1) != "t") warn("pg_signal_backend", "other roles' backends cannot be terminated");
    co_return Result<void>{};
}

void AdminConnection::went_up() {
    delay_ = shortest_delay;
    wanted_ = false;
    last_failure_.clear();
    problem_.clear();
    changed_at_ = clock_.wall_now();
    up_.store(true, std::memory_order_release);
    metrics_.admin_connection_up(true);
    log::info("admin.connected", {{"resource", resource_.name},
                                  {"upstream", config::to_string(resource_.upstream)},
                                  {"role", resource_.admin_login->user},
                                  {"server_version", connection_->server_version()}});
    for (const auto& timer : waiting_until_up_)
        timer->cancel();
}

void AdminConnection::went_down(const Error& why) {
    problem_ = why.message;
    changed_at_ = clock_.wall_now();
    up_.store(false, std::memory_order_release);
    metrics_.admin_connection_up(false);
    fail_all(why);
    if (stopping_) {
        log::info("admin.closed", {{"resource", resource_.name}});
    } else {
        log::warning("admin.lost", {{"resource", resource_.name}, {"error", why.message}});
    }
}

// The same failure over and over is said once.
void AdminConnection::log_failure(const Error& error, Duration retry_in) {
    const auto level = error.message == last_failure_ ? log::Level::debug : log::Level::warning;
    last_failure_ = error.message;
    problem_ = error.message;
    log::write(level, "admin.connect_failed",
               {{"resource", resource_.name},
                {"upstream", config::to_string(resource_.upstream)},
                {"role", resource_.admin_login->user},
                {"error", error.message},
                {"retry_in_ms", in_milliseconds(retry_in)}});
}

// Twice as long each time, less up to half of it at random: many nodes do not come back in step.
Duration AdminConnection::next_delay() {
    static thread_local std::minstd_rand random{std::random_device{}()};
    Duration delay = std::exchange(delay_, std::min(delay_ * 2, longest_delay));
    pause_is_short_ = std::exchange(wanted_, false) || delay <= longest_delay_when_wanted;
    if (pause_is_short_) delay = std::min(delay, longest_delay_when_wanted);
    return delay - Duration{std::uniform_int_distribution<Duration::rep>{0, delay.count() / 2}(random)};
}

// Backends wait to be ended: they are not to wait for a pause that began when nobody did.
void AdminConnection::want() {
    wanted_ = true;
    if (between_attempts_ && !std::exchange(pause_is_short_, true)) pause_.cancel();
}

// Cut short by stop().
asio::awaitable<void> AdminConnection::pause(Duration at_most) {
    if (stopping_) co_return;
    pause_.expires_after(at_most);
    co_await wait(pause_);
}

}  // namespace curfew::proxy

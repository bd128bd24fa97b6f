#include "store/postgres/feed.hpp"

#include <pthread.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <exception>
#include <utility>

#include "base/log.hpp"

namespace curfew::store {

namespace asio = boost::asio;

PostgresFeed::PostgresFeed(PostgresTarget target, EventWatchers& watchers, Pace pace)
    : target_{std::move(target)},
      watchers_{watchers},
      pace_{pace},
      next_pause_{pace.first_pause},
      random_{std::random_device{}()} {
    asio::co_spawn(loop_, run(), [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    });
    thread_ = std::thread{[this] { loop_.run(); }};
    (void)::pthread_setname_np(thread_.native_handle(), "curfew-feed");
}

PostgresFeed::~PostgresFeed() {
    asio::post(loop_, [this] {
        stopping_ = true;
        if (connection_) connection_->abort();
        pausing_.cancel();
    });
    thread_.join();
}

asio::awaitable<void> PostgresFeed::run() {
    for (std::size_t next = 0; !stopping_; ++next) {
        auto following = follow(target_.servers[next % target_.servers.size()]);
        const Error error = co_await std::move(following);
        connection_.reset();
        if (stopping_) co_return;
        const bool all_tried = next % target_.servers.size() == target_.servers.size() - 1;
        if (up_ || all_tried) {
            note_away(error);
            co_await pause();
        }
    }
}

// Until something fails.
asio::awaitable<Error> PostgresFeed::follow(const PostgresServer& server) {
    connection_ = std::make_unique<pq::Connection>(loop_.get_executor());
    auto connecting = connection_->connect(server.parameters, target_.password, target_.connect_timeout);
    const Result<void> connected = co_await std::move(connecting);
    if (!connected) co_return connected.error();
    std::vector<pq::Step> listen;
    listen.push_back({{}, "LISTEN curfew_events", {}});
    auto listening = connection_->pipeline(std::move(listen), pace_.answer_within);
    const Result<pq::Answer> listened = co_await std::move(listening);
    if (!listened) co_return listened.error();
    if (listened->refused()) co_return Error{ErrorCode::unavailable, listened->error()};
    for (;;) {
        // Read after LISTEN: what comes later is notified.
        const Result<void> told = co_await tell_last_event();
        if (!told) co_return told.error();
        note_up(server.name);
        do {
            const Result<void> waited = co_await wait_for_news();
            if (!waited) co_return waited.error();
        } while (take_notified());
    }
}

asio::awaitable<Result<void>> PostgresFeed::tell_last_event() {
    std::vector<pq::Step> read;
    read.push_back({{}, "SELECT coalesce(max(number), 0) FROM curfew.events", {}});
    auto reading = connection_->pipeline(std::move(read), pace_.answer_within);
    const Result<pq::Answer> answer = co_await std::move(reading);
    if (!answer) co_return answer.error();
    if (answer->refused()) co_return Error{ErrorCode::unavailable, answer->error()};
    const std::string_view text = answer->value(0, 0);
    EventNumber last = 0;
    std::from_chars(text.data(), text.data() + text.size(), last);
    look_at_ = std::chrono::steady_clock::now() + pace_.catch_up;
    tell_at_.reset();
    watchers_.tell(last);
    co_return Result<void>{};
}

// Until there is a notification, or it is time to look without one.
asio::awaitable<Result<void>> PostgresFeed::wait_for_news() {
    asio::steady_timer timer{loop_, tell_at_ ? std::min(*tell_at_, look_at_) : look_at_};
    timer.async_wait([this](const boost::system::error_code& error) {
        if (!error && connection_) connection_->interrupt();
    });
    const Result<void> idled = co_await connection_->idle();
    timer.cancel();
    co_return idled;
}

// False: the number of the last event is to be read, and told. What a notification says of it is not relied
// on: anybody who gets into the database can notify.
bool PostgresFeed::take_notified() {
    bool any = false;
    bool urgent = false;
    while (const auto text = connection_->next_notification()) {
        any = true;
        urgent = urgent || !text->ends_with(" later");
    }
    const auto now = std::chrono::steady_clock::now();
    if (urgent || now >= look_at_ || (tell_at_ && *tell_at_ <= now)) return false;
    if (any && !tell_at_) tell_at_ = now + some_part_between(pace_.hold_back / 2, pace_.hold_back);
    return true;
}

Duration PostgresFeed::some_part_between(Duration least, Duration most) {
    std::uniform_real_distribution<double> part{0.0, 1.0};
    return least + std::chrono::duration_cast<Duration>((most - least) * part(random_));
}

asio::awaitable<void> PostgresFeed::pause() {
    if (stopping_) co_return;
    const Duration length = some_part_between(next_pause_ / 2, next_pause_);
    next_pause_ = std::min(next_pause_ * 2, pace_.longest_pause);
    pausing_.expires_after(length);
    const auto as_result = asio::as_tuple(asio::use_awaitable);
    co_await pausing_.async_wait(as_result);
}

void PostgresFeed::note_up(const std::string& server) {
    if (!std::exchange(up_, true)) log::info("store.feed_up", {{"server", server}});
    next_pause_ = pace_.first_pause;
    said_away_ = false;
}

void PostgresFeed::note_away(const Error& error) {
    up_ = false;
    if (std::exchange(said_away_, true)) return;
    log::warning("store.feed_away", {{"store", target_.name()}, {"error", error.message}});
}

}  // namespace curfew::store

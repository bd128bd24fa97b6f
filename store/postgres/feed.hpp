// Hears of what any node writes into a store in PostgreSQL.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "pq/connection.hpp"
#include "store/event_watchers.hpp"
#include "store/postgres/target.hpp"

namespace curfew::store {

// LISTENs on a connection of its own, on a thread of its own. A notification is a hint: the number of the
// last event is read, and told to watchers, who read on from where they are. Whatever comes, it is also read
// every now and then, and after each connection, so that a notification that was lost with one is made up
// for. Hints at what nobody has to hear at once (`NUMBER later`) are held back a little, and told together:
// each makes every node read. After a failure it tries again, at first at once, then at growing intervals
// with some chance in them.
class PostgresFeed {
public:
    struct Pace {
        Duration catch_up = std::chrono::seconds{5};  // from one reading of the number to the next
        Duration answer_within = std::chrono::seconds{2};
        Duration hold_back = std::chrono::milliseconds{300};  // news that can wait, at most
        Duration first_pause = std::chrono::milliseconds{20};
        Duration longest_pause = std::chrono::milliseconds{500};
    };

    // `watchers` outlive it.
    PostgresFeed(PostgresTarget target, EventWatchers& watchers, Pace pace);
    ~PostgresFeed();
    PostgresFeed(const PostgresFeed&) = delete;
    PostgresFeed& operator=(const PostgresFeed&) = delete;

private:
    boost::asio::awaitable<void> run();
    boost::asio::awaitable<Error> follow(const PostgresServer& server);
    boost::asio::awaitable<Result<void>> tell_last_event();
    boost::asio::awaitable<Result<void>> wait_for_news();
    bool take_notified();
    boost::asio::awaitable<void> pause();
    Duration some_part_between(Duration least, Duration most);
    void note_up(const std::string& server);
    void note_away(const Error& error);

    const PostgresTarget target_;
    EventWatchers& watchers_;
    const Pace pace_;
    boost::asio::io_context loop_{1};
    std::unique_ptr<pq::Connection> connection_;
    boost::asio::steady_timer pausing_{loop_};
    Duration next_pause_;
    std::chrono::steady_clock::time_point look_at_;                 // the number is to be read
    std::optional<std::chrono::steady_clock::time_point> tell_at_;  // what is held back
    std::minstd_rand random_;
    bool up_ = false;
    bool said_away_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace curfew::store

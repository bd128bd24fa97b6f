// Ending a session's backend: does what the BackendEnd machine decides.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "config/config.hpp"
#include "protocol/postgres/messages.hpp"
#include "protocol/postgres/outcome_tracker.hpp"
#include "proxy/backend_admin.hpp"
#include "proxy/boot_timer.hpp"
#include "proxy/event.hpp"
#include "proxy/resource_set.hpp"
#include "proxy/stream.hpp"
#include "proxy/task_group.hpp"
#include "proxy/teardown.hpp"

namespace curfew::proxy {

// What is known of a session's backend when its end begins.
struct BackendInQuestion {
    store::Backend backend;                   // start empty if it is not known
    std::optional<postgres::BackendKey> key;  // PostgreSQL's own cancel key
    bool idle = false;                        // waits for a request, as far as is known
    // Hears what it still says, to its very end; nullptr: nobody does. Outlives the ending.
    postgres::OutcomeTracker* outcome = nullptr;
};

// How it ended.
struct BackendEnded {
    store::Confirmation confirmation = store::Confirmation::unconfirmed;
    std::string detail;
    std::optional<BootInstant> gone_at;
};

// Belongs to one thread. Shuts the connection down, passes on nothing of what the backend still sends, and
// returns when its end is established; or after abandon(), with `unconfirmed`.
class BackendEnding {
public:
    // All references outlive it. `server` is not interrupted.
    BackendEnding(Stream& server, std::shared_ptr<const ResourceContext> resource, BackendInQuestion backend,
                  const Clock& clock, BootTimer& timer, Duration cancel_timeout);

    boost::asio::awaitable<BackendEnded> run();
    // The node cannot wait any longer.
    void abandon();

private:
    boost::asio::awaitable<void> drain();
    boost::asio::awaitable<void> terminate();
    boost::asio::awaitable<void> look();
    boost::asio::awaitable<void> cancel();
    void perform(BackendEnd::Actions actions);
    void stop_delivering();
    // run() returns once what is under way has been answered; no answer may set anything going again.
    bool is_over() const noexcept { return done_ || abandoned_; }

    Stream& server_;
    std::shared_ptr<const ResourceContext> resource_;
    BackendInQuestion backend_;
    const Clock& clock_;
    BootTimer& timer_;
    Duration cancel_timeout_;
    BackendEnd machine_;
    std::optional<boost::asio::any_io_executor> executor_;
    std::optional<TaskGroup> tasks_;
    std::optional<Event> over_;
    std::optional<BackendEnd::Done> done_;
    DeadlineQueue::Token wake_ = 0;
    DeadlineQueue::Token last_delivery_ = 0;
    bool lost_ = false;  // the connection, and not the backend
    bool abandoned_ = false;
};

}  // namespace curfew::proxy

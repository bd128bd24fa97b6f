// A timer on CLOCK_BOOTTIME: neither NTP steps nor suspend can stretch it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "proxy/deadline_queue.hpp"

namespace curfew::proxy {

// Runs a DeadlineQueue on one thread by one timerfd. Asio's own timers use CLOCK_MONOTONIC, which does not
// count while the machine sleeps. All functions belong to the executor's thread. Entries run from its event
// loop, never inside add() or move(), however long past their instant is. While there is none, the event loop
// has no work on account of the timer.
class BootTimer {
public:
    // Throws std::system_error if the kernel gives no timerfd. `clock` outlives the timer; its boot clock is
    // the machine's (SystemClock): the kernel does not wait for a ManualClock, where tests drive a
    // DeadlineQueue instead.
    BootTimer(const boost::asio::any_io_executor& executor, const Clock& clock);
    // What has not run by then never will.
    ~BootTimer();
    BootTimer(const BootTimer&) = delete;
    BootTimer& operator=(const BootTimer&) = delete;

    // As DeadlineQueue's; `what` must not destroy the timer.
    DeadlineQueue::Token add(BootInstant when, std::function<void()> what);
    bool move(DeadlineQueue::Token token, BootInstant when);
    void remove(DeadlineQueue::Token token);
    std::optional<BootInstant> next_due() const { return queue_.next_due(); }

private:
    void arm();
    void set_timer();
    void wait();
    void on_ready();
    bool take_expiry();

    const Clock& clock_;
    DeadlineQueue queue_;
    boost::asio::posix::stream_descriptor timer_;
    std::optional<BootInstant> armed_for_;
    bool waiting_ = false;         // for the timerfd to be readable
    bool running_ = false;         // entries run: the timer is set when they are through
    std::shared_ptr<bool> alive_;  // false once we are gone: a completion under way must not touch us
};

}  // namespace curfew::proxy

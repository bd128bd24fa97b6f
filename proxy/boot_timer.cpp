#include "proxy/boot_timer.hpp"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <system_error>
#include <utility>

namespace curfew::proxy {

namespace asio = boost::asio;

namespace {

int open_timer() {
    const int descriptor = ::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (descriptor < 0)
        throw std::system_error{errno, std::generic_category(), "timerfd_create(CLOCK_BOOTTIME)"};
    return descriptor;
}

// All zeros would disarm a timerfd, and before zero there is nothing: what is that old fires at once.
timespec to_timespec(BootInstant when) {
    const auto since_boot = std::max(when.time_since_epoch(), Duration{1});
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
    return {static_cast<time_t>(seconds.count()), static_cast<long>((since_boot - seconds).count())};
}

}  // namespace

BootTimer::BootTimer(const asio::any_io_executor& executor, const Clock& clock)
    : clock_{clock}, timer_{executor, open_timer()}, alive_{std::make_shared<bool>(true)} {}

BootTimer::~BootTimer() {
    *alive_ = false;
}

DeadlineQueue::Token BootTimer::add(BootInstant when, std::function<void()> what) {
    const DeadlineQueue::Token token = queue_.add(when, std::move(what));
    arm();
    return token;
}

bool BootTimer::move(DeadlineQueue::Token token, BootInstant when) {
    const bool moved = queue_.move(token, when);
    arm();
    return moved;
}

void BootTimer::remove(DeadlineQueue::Token token) {
    queue_.remove(token);
    arm();
}

void BootTimer::arm() {
    if (running_ || armed_for_ == queue_.next_due()) return;
    armed_for_ = queue_.next_due();
    set_timer();
    if (!armed_for_) {
        boost::system::error_code ignored;  // nothing to cancel: nothing waits
        timer_.cancel(ignored);
    } else if (!waiting_) {
        wait();
    }
}

// Forgets an expiry that was not taken yet.
void BootTimer::set_timer() {
    itimerspec setting{};
    if (armed_for_) setting.it_value = to_timespec(*armed_for_);
    if (::timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME, &setting, nullptr) != 0)
        throw std::system_error{errno, std::generic_category(), "timerfd_settime"};
}

void BootTimer::wait() {
    waiting_ = true;
    timer_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [this, alive = alive_](const boost::system::error_code&) {
                          if (*alive) on_ready();
                      });
}

// Also called for a wait that was cancelled, and for an expiry that was forgotten meanwhile: then nothing is
// due.
void BootTimer::on_ready() {
    waiting_ = false;
    // What the timerfd was set for has come, even should `clock` be a little behind the kernel's.
    const BootInstant now = take_expiry() ? std::max(clock_.boot_now(), *armed_for_) : clock_.boot_now();
    running_ = true;
    queue_.run_due(now);
    running_ = false;
    arm();
    if (armed_for_ && !waiting_) wait();
}

// Whether the timer has expired since it was set.
bool BootTimer::take_expiry() {
    std::uint64_t times = 0;
    return ::read(timer_.native_handle(), &times, sizeof times) == sizeof times;
}

}  // namespace curfew::proxy

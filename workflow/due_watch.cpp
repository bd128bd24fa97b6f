#include "workflow/due_watch.hpp"

#include <chrono>
#include <random>

#include "base/log.hpp"

namespace curfew::workflow {

namespace {

Duration some_part_of(Duration whole) {
    std::uniform_real_distribution<double> part{0.0, 1.0};
    std::random_device random;
    return std::chrono::duration_cast<Duration>(whole * part(random));
}

}  // namespace

DueWatch::DueWatch(const boost::asio::any_io_executor& control, const Clock& clock, store::Store& store,
                   Desk& desk, Duration spread)
    : later_{some_part_of(spread)},
      clock_{clock},
      store_{store},
      desk_{desk},
      timer_{control, clock},
      awake_{control} {}

void DueWatch::stop() {
    stopping_ = true;
    awake_.notify();
}

Awaitable<void> DueWatch::run() {
    bool tried = false;
    while (!stopping_) {
        co_await count();
        auto due = co_await store_.next_due_request();
        if (due && *due) **due += later_;
        if (!due) log::warning("requests.not_settled", {{"error", due.error().message}});
        const bool is_due = due && *due && **due <= clock_.boot_now();
        if (!due || (is_due && tried)) {
            // What is due and yet cannot be settled must not keep the store busy.
            co_await awake_.wait_for(pause);
            tried = false;
        } else if (is_due) {
            const auto settled = co_await desk_.settle();
            if (!settled) log::warning("requests.not_settled", {{"error", settled.error().message}});
            tried = true;
        } else {
            tried = false;
            co_await wait_for(*due);
        }
    }
}

// What cannot be counted now is counted when it is looked again, which is soon with a store that is away.
Awaitable<void> DueWatch::count() {
    if (!counted_) co_return;
    const auto waiting = co_await store_.count_waiting_requests();
    if (waiting) {
        counted_(*waiting);
    } else {
        log::debug("requests.not_counted", {{"error", waiting.error().message}});
    }
}

// Until then, or until something changes.
Awaitable<void> DueWatch::wait_for(std::optional<BootInstant> due) {
    proxy::DeadlineQueue::Token timer = 0;
    if (due) timer = timer_.add(*due, [this] { awake_.notify(); });
    co_await awake_.wait();
    if (timer != 0) timer_.remove(timer);
}

}  // namespace curfew::workflow

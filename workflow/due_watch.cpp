#include "workflow/due_watch.hpp"

#include "base/log.hpp"

namespace curfew::workflow {

void DueWatch::stop() {
    stopping_ = true;
    awake_.notify();
}

Awaitable<void> DueWatch::run() {
    while (!stopping_) {
        const auto due = co_await store_.next_due_request();
        if (!due) {
            log::warning("requests.not_settled", {{"error", due.error().message}});
            co_await awake_.wait_for(pause);
            continue;
        }
        proxy::DeadlineQueue::Token timer = 0;
        if (*due) timer = timer_.add(**due, [this] { awake_.notify(); });
        co_await awake_.wait();
        if (timer != 0) timer_.remove(timer);
        if (stopping_) co_return;
        const auto settled = co_await desk_.settle();
        if (!settled) {
            log::warning("requests.not_settled", {{"error", settled.error().message}});
            co_await awake_.wait_for(pause);
        }
    }
}

}  // namespace curfew::workflow

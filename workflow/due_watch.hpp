// Sees to it that requests whose time has come are settled: nobody decided, or the window has passed.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <optional>

#include "base/clock.hpp"
#include "proxy/boot_timer.hpp"
#include "proxy/event.hpp"
#include "store/store.hpp"
#include "workflow/desk.hpp"

namespace curfew::workflow {

// Belongs to the control thread. Waits for the next instant at which something is due, and for nothing else.
class DueWatch {
public:
    // All outlive it. The desk tells it of each change: something may be due earlier than was known. Of the
    // watches that share a store each comes later by another part of `spread`, so that one of them settles
    // what is due, and the others find it done.
    DueWatch(const boost::asio::any_io_executor& control, const Clock& clock, store::Store& store, Desk& desk,
             Duration spread = Duration::zero());
    ~DueWatch();
    DueWatch(const DueWatch&) = delete;
    DueWatch& operator=(const DueWatch&) = delete;

    // Runs until stop().
    Awaitable<void> run();
    void stop();
    // Requests came in by another way than the desk.
    void look_again() { awake_.notify(); }

private:
    // How long until it is tried again with a store that does not answer, or with what was not settled.
    static constexpr Duration pause = std::chrono::seconds{1};

    Awaitable<void> wait_for(std::optional<BootInstant> due);

    const Duration later_;
    const Clock& clock_;
    store::Store& store_;
    Desk& desk_;
    proxy::BootTimer timer_;
    proxy::Event awake_;
    bool stopping_ = false;
};

}  // namespace curfew::workflow

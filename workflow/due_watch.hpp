// Sees to it that requests whose time has come are settled: nobody decided, or the window has passed.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "proxy/boot_timer.hpp"
#include "proxy/event.hpp"
#include "store/store.hpp"
#include "workflow/desk.hpp"

namespace curfew::workflow {

// Belongs to the control thread. Waits for the next instant at which something is due and for changes of
// requests, and for nothing else.
class DueWatch {
public:
    // All outlive it. Of the watches that share a store each comes later by another part of `spread`, so that
    // one of them settles what is due, and the others find it done.
    DueWatch(const boost::asio::any_io_executor& control, const Clock& clock, store::Store& store, Desk& desk,
             Duration spread = Duration::zero());
    DueWatch(const DueWatch&) = delete;
    DueWatch& operator=(const DueWatch&) = delete;

    // Told how many requests wait for somebody, first when it begins and then whenever some request has
    // changed. Before run(); an empty function: nobody is.
    void when_counted(std::function<void(const store::WaitingRequests&)> call) { counted_ = std::move(call); }
    // Runs until stop().
    Awaitable<void> run();
    void stop();
    // To be told of each change of a request, by whomever it was made: something may be due earlier than was
    // known.
    void look_again() { awake_.notify(); }

private:
    // How long until it is tried again with a store that does not answer, or with what was not settled.
    static constexpr Duration pause = std::chrono::seconds{1};

    Awaitable<void> count();
    Awaitable<void> wait_for(std::optional<BootInstant> due);

    const Duration later_;
    const Clock& clock_;
    store::Store& store_;
    Desk& desk_;
    proxy::BootTimer timer_;
    proxy::Event awake_;
    std::function<void(const store::WaitingRequests&)> counted_;
    bool stopping_ = false;
};

}  // namespace curfew::workflow

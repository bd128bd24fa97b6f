// Sees to it that requests whose time has come are settled: nobody decided, or the window has passed.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.hpp"
#include "proxy/boot_timer.hpp"
#include "proxy/event.hpp"
#include "store/store.hpp"
#include "workflow/desk.hpp"

namespace curfew::workflow {

// Belongs to the control thread. Waits for the next instant at which something is due, and for nothing else.
class DueWatch {
public:
    // All outlive it.
    DueWatch(const boost::asio::any_io_executor& control, const Clock& clock, store::Store& store, Desk& desk)
        : store_{store}, desk_{desk}, timer_{control, clock}, awake_{control} {}

    // Runs until stop().
    Awaitable<void> run();
    // Something may be due earlier than was known.
    void look_again() { awake_.notify(); }
    void stop();

private:
    // How long until it is tried again with a store that does not answer.
    static constexpr Duration pause = std::chrono::seconds{1};

    store::Store& store_;
    Desk& desk_;
    proxy::BootTimer timer_;
    proxy::Event awake_;
    bool stopping_ = false;
};

}  // namespace curfew::workflow

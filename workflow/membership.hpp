// This node's place among those that share the store.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "proxy/event.hpp"
#include "proxy/task_group.hpp"
#include "store/nodes.hpp"
#include "workflow/enforcement.hpp"

namespace curfew::workflow {

// What a node does and knows as one of many. All are called on the control thread.
struct MembershipDuties {
    // What there is to say of it now. It is said several times before its lease ends.
    std::function<Awaitable<store::NodeReport>()> report;
    // Whether it is certain that this process, by its `instance`, runs no more.
    std::function<bool(const std::string& instance)> is_dead;
    // Another process goes by this node's name: `why`. Nothing is reported from then on.
    std::function<void(const std::string& why)> name_lost;
    // Nodes that are gone have left sessions.
    std::function<Awaitable<void>()> see_to_orphans;
    // How the fleet stands. Told now and then.
    std::function<void(const store::FleetCount& count)> counted;
};

// Belongs to the control thread. Says again and again that the node lives, and hears whether others have
// vanished.
class Membership {
public:
    // `clock` and `store` outlive it.
    Membership(boost::asio::any_io_executor control, const Clock& clock, store::NodeStore& store,
               MembershipDuties duties);

    // Takes the name, before anything is done under it. Where an earlier run of the node that cannot have
    // ended well has it, waits for the end of its lease. conflict: a process that lives has it. unavailable:
    // the store is away, or give_up() was called.
    Awaitable<Result<void>> begin();
    // Does not wait any longer.
    void give_up();
    // Runs until stop().
    Awaitable<void> run();
    void stop();
    // Gives the name back: once everything is over and run() has returned.
    Awaitable<void> leave();

private:
    Awaitable<Result<void>> take_name();
    Awaitable<Result<bool>> try_again(Error refusal);
    Awaitable<Duration> say();
    Awaitable<void> reap();
    Awaitable<void> count();

    boost::asio::any_io_executor control_;
    const Clock& clock_;
    store::NodeStore& store_;
    MembershipDuties duties_;
    proxy::Event awake_;
    proxy::TaskGroup reaping_;
    bool gave_up_ = false;
    bool stopping_ = false;
    bool has_name_ = false;
    bool is_away_ = false;
    int heard_in_a_row_ = 0;
    BootInstant next_count_{};
    std::string name_;
    std::string instance_;
    std::optional<WallInstant> holder_seen_at_;  // who has the name instead, when first looked at
};

}  // namespace curfew::workflow

#include "workflow/membership.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "base/time_text.hpp"

namespace curfew::workflow {
namespace {

using namespace std::chrono_literals;

// A lease outlasts several reports that went missing.
constexpr int reports_in_a_lease = 6;
constexpr Duration again_after = 500ms;
// After the store was away for everybody, the others get the time to say that they live.
constexpr int heard_before_reaping = 3;
// A count looks at every node, and every node counts: the larger the fleet, the more seldom, so that its work
// for the store grows as the fleet does and not as its square.
constexpr Duration count_again_after = 4s;
constexpr Duration and_for_each_node = 20ms;

const store::NodeRecord* find_node(const std::vector<store::NodeRecord>& nodes, const std::string& name) {
    const auto found = std::find_if(nodes.begin(), nodes.end(),
                                    [&](const store::NodeRecord& node) { return node.name == name; });
    return found == nodes.end() ? nullptr : &*found;
}

}  // namespace

Membership::Membership(boost::asio::any_io_executor control, const Clock& clock, store::NodeStore& store,
                       MembershipDuties duties)
    : control_{std::move(control)},
      clock_{clock},
      store_{store},
      duties_{std::move(duties)},
      awake_{control_},
      reaping_{control_} {}

void Membership::give_up() {
    gave_up_ = true;
    awake_.notify();
}

void Membership::stop() {
    stopping_ = true;
    awake_.notify();
}

Awaitable<Result<void>> Membership::begin() {
    for (;;) {
        auto taking = take_name();
        const Result<void> taken = co_await std::move(taking);
        if (taken) has_name_ = true;
        if (taken || taken.error().code != ErrorCode::conflict) co_return taken;
        auto looking = try_again(taken.error());
        const Result<bool> again = co_await std::move(looking);
        if (!again) co_return again.error();
        if (gave_up_) {
            co_return Error{ErrorCode::unavailable,
                            "told to stop while node name '" + name_ + "' was still taken"};
        }
    }
}

// Also where the process that has the name is known to be dead.
Awaitable<Result<void>> Membership::take_name() {
    auto reporting = duties_.report();
    const store::NodeReport report = co_await std::move(reporting);
    name_ = report.name;
    instance_ = report.instance;
    auto taking = store_.node_lives(report, std::nullopt);
    const auto taken = co_await std::move(taking);
    if (taken) co_return Result<void>{};
    if (taken.error().code != ErrorCode::conflict) co_return taken.error();

    const auto nodes = co_await store_.nodes();
    if (!nodes) co_return nodes.error();
    const store::NodeRecord* holder = find_node(*nodes, name_);
    if (holder == nullptr || !duties_.is_dead(holder->instance)) co_return taken.error();
    std::optional<std::string> dead{holder->instance};
    auto inheriting = store_.node_lives(report, std::move(dead));
    const auto inherited = co_await std::move(inheriting);
    if (!inherited) co_return inherited.error();
    co_return Result<void>{};
}

// Waits a little; the error: whoever has the name has shown that it lives.
Awaitable<Result<bool>> Membership::try_again(Error refusal) {
    const auto nodes = co_await store_.nodes();
    if (!nodes) co_return nodes.error();
    const store::NodeRecord* holder = find_node(*nodes, name_);
    if (holder == nullptr) co_return true;
    if (!holder_seen_at_) {
        holder_seen_at_ = holder->seen_at;
        log::warning("node.name_held", {{"node", name_},
                                        {"address", holder->address},
                                        {"seen_at", format_utc(holder->seen_at)},
                                        {"why",
                                         "an earlier run may have died with this name; waiting until its "
                                         "lease ends, or it says that it lives"}});
    }
    if (holder->seen_at != *holder_seen_at_) co_return refusal;
    co_await awake_.wait_for(again_after);
    co_return true;
}

Awaitable<void> Membership::run() {
    while (!stopping_ && has_name_) {
        auto saying = say();
        const Duration pause = co_await std::move(saying);
        if (stopping_ || !has_name_) break;
        co_await awake_.wait_for(pause);
    }
    co_await reaping_.join();
}

// Gives how long to be silent then.
Awaitable<Duration> Membership::say() {
    auto reporting = duties_.report();
    const store::NodeReport report = co_await std::move(reporting);
    const Duration pause = report.lease / reports_in_a_lease;
    auto saying = store_.node_lives(report, std::nullopt);
    const auto heard = co_await std::move(saying);
    if (!heard && heard.error().code == ErrorCode::conflict) {
        has_name_ = false;
        log::error("node.name_lost", {{"node", name_}, {"error", heard.error().message}});
        duties_.name_lost(heard.error().message);
        co_return pause;
    }
    if (!heard) {
        heard_in_a_row_ = 0;
        if (!std::exchange(is_away_, true))
            log::warning("node.not_heard", {{"node", name_}, {"error", heard.error().message}});
        co_return std::min(pause, again_after);
    }
    is_away_ = false;
    ++heard_in_a_row_;
    if (heard->orphans && heard_in_a_row_ >= heard_before_reaping && reaping_.running() == 0)
        reaping_.spawn(reap());
    if (clock_.boot_now() >= next_count_) co_await count();
    co_return pause;
}

Awaitable<void> Membership::reap() {
    auto seeing = duties_.see_to_orphans();
    co_await std::move(seeing);
}

Awaitable<void> Membership::count() {
    const Result<store::FleetCount> count = co_await store_.count_fleet();
    if (!count) co_return;  // that the store is away is told elsewhere
    const auto nodes = static_cast<Duration::rep>(count->up + count->gone);
    next_count_ = clock_.boot_now() + count_again_after + and_for_each_node * nodes;
    duties_.counted(*count);
}

Awaitable<void> Membership::leave() {
    if (!std::exchange(has_name_, false)) co_return;
    auto leaving = store_.node_leaves(name_, instance_);
    const Result<void> left = co_await std::move(leaving);
    if (!left) {
        log::warning("node.not_signed_off", {{"node", name_}, {"error", left.error().message}});
    }
}

}  // namespace curfew::workflow

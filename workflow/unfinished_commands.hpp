// What is still to be written of commands that nobody waits for any more.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "policy/command.hpp"
#include "store/store.hpp"
#include "workflow/desk.hpp"

namespace curfew::workflow {

// Belongs to the control thread. What cannot be written at once because the store is away is tried again, for
// as long as keep_for, by work().
class UnfinishedCommands {
public:
    // How long something waits for the store before it is given up, and said so in the log.
    static constexpr std::chrono::minutes keep_for{5};
    // So much waits at most; what comes on top is given up at once.
    static constexpr std::size_t most = 10'000;

    // All outlive it. `only_node`: nobody else runs commands of this store's. `left_over`: called when there
    // is something for work() to do.
    UnfinishedCommands(const Clock& clock, store::Store& store, Desk& desk, bool only_node,
                       std::function<void()> left_over)
        : clock_{clock},
          store_{store},
          desk_{desk},
          only_node_{only_node},
          left_over_{std::move(left_over)} {}

    // PENDING: is cancelled, in its requester's name; APPROVED: revoked. Nothing happens to what was run.
    Awaitable<void> withdraw(RequestId request, std::string why);
    // The same; and where it counts as run, nobody handed it to PostgreSQL, which is kept as its result.
    Awaitable<void> withdraw_unrun(RequestId request, std::string why);
    Awaitable<void> keep_result(RequestId request, policy::CommandResult result);
    // Withdraws what sessions have asked for that live on no node (any more), and says of what they had run,
    // and of scripts that nodes which are gone had run, that its end was not seen.
    void withdraw_orphans();
    // This node is about to claim this script: it is none that somebody has left, until its result is kept
    // or the claim has failed.
    void script_begins(const RequestId& request) { busy_.insert(request); }
    void script_not_claimed(const RequestId& request, const Error& why);

    // Tries everything that is left. True: nothing is.
    Awaitable<bool> work();
    // How long until work() may find something that it could not tell of yet; nullopt: nothing is known of.
    std::optional<Duration> next_look() const;
    // For the last time: what cannot be written now is given up.
    Awaitable<void> finish();

private:
    struct Withdrawal {
        std::string why;
        bool unrun = false;  // nobody handed it to PostgreSQL, even if it counts as run
    };
    struct Task {
        RequestId request;
        std::variant<Withdrawal, policy::CommandResult> what;
        std::chrono::steady_clock::time_point give_up_at;
    };

    Awaitable<void> begin(Task task);
    Awaitable<Result<void>> attempt(const Task& task);
    Awaitable<Result<void>> attempt_withdrawal(RequestId request, Withdrawal withdrawal);
    Awaitable<Result<void>> look_for_orphans();
    Awaitable<Result<std::vector<policy::Request>>> unfinished_requests();
    // Stops before the last page where the filter has set `far_enough`.
    Awaitable<Result<void>> add_listed(store::RequestFilter filter,
                                       std::shared_ptr<std::atomic<bool>> far_enough,
                                       std::vector<policy::Request>& found);
    Awaitable<Result<void>> see_to_orphan(policy::Request request);
    Awaitable<Result<void>> see_to_script(policy::Request request);
    Awaitable<Result<bool>> is_left(const policy::Request& script);
    Awaitable<Result<void>> say_end_unseen(const RequestId& request, std::string_view why);
    void look_in(Duration time);
    policy::CommandResult not_handed_over(const std::string& why) const;
    static void give_up(const Task& task, const Error& why);

    const Clock& clock_;
    store::Store& store_;
    Desk& desk_;
    const bool only_node_;
    std::function<void()> left_over_;
    std::deque<Task> left_;
    std::set<RequestId> busy_;  // being run or written, or left
    bool orphans_wanted_ = false;
    std::optional<std::chrono::steady_clock::time_point> look_at_;  // for orphans
};

}  // namespace curfew::workflow

// Commands that are asked for one by one: from the wish to run one to what came of it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "proxy/async_mutex.hpp"
#include "proxy/command_desk.hpp"
#include "proxy/event.hpp"
#include "proxy/task_group.hpp"
#include "store/store.hpp"
#include "workflow/changed_requests.hpp"
#include "workflow/desk.hpp"
#include "workflow/enforcement.hpp"
#include "workflow/rulebook.hpp"
#include "workflow/unfinished_commands.hpp"

namespace curfew::workflow {

// Belongs to the control thread, but for what CommandDesk says otherwise. What becomes of a request on any
// node is heard of by requests_changed(): nothing is asked for again and again.
class Commands final : public proxy::CommandDesk {
public:
    template <class T>
    using Awaitable = workflow::Awaitable<T>;

    struct Parts {
        boost::asio::any_io_executor control;
        const Clock& clock;
        store::Store& store;
        Enforcement& enforcement;
        Desk& desk;
        // Where people see a request; empty, or gives nothing: there is no page.
        std::function<std::string(const policy::RequestId&)> url_of;
        // Nobody else runs commands of this store's: it is one node's alone.
        bool only_node = false;
    };

    // What `parts` name outlives it.
    explicit Commands(Parts parts);
    ~Commands() override;
    Commands(const Commands&) = delete;
    Commands& operator=(const Commands&) = delete;

    // It is judged by this rulebook from now on. Before anything else, and whenever there is another.
    void use(RulebookPtr rulebook);
    // To be told of each change, by whomever it was made.
    void requests_changed(const ChangedRequests& changed);
    // Sessions of nodes that are gone, or of an earlier run, were recorded as over: what they asked for and
    // nobody waits for any more is withdrawn. So it is when this begins to run.
    void leftovers_ended() { unfinished_.withdraw_orphans(); }

    // Runs until stop(): sees to scripts that may run, and to what could not be written at once.
    Awaitable<void> run();
    // Nobody is let in or asks any more, and whoever waits is refused.
    void stop();
    // Returns once nobody is answered any more, and what there was to write is written or given up. After
    // stop().
    Awaitable<void> finish();

    boost::asio::any_io_executor executor() override { return parts_.control; }
    std::optional<std::vector<sql::AllowedStatements>> allowed_statements(
        std::string_view user, std::string_view resource) const override;
    Awaitable<Result<GrantId>> let_in(std::string user, std::string resource) override;
    Awaitable<Result<Waiting>> ask(std::string user, std::string resource, policy::Command command) override;
    Awaitable<Answer> decided(RequestId request) override;
    Awaitable<void> withdraw(RequestId request, std::string why) override;
    Awaitable<void> ran(RequestId request, policy::CommandResult result) override;

    // The right to run this APPROVED script now, once: of all nodes one gets it, and it counts as run from
    // here on. Gives the grant to run it under. What came of it is told by ran(). conflict: is not APPROVED
    // (any more). forbidden: no rule lets its requester any more. unavailable: must not run; whether it
    // counts as run is not known.
    Awaitable<Result<store::ChangedRequest>> claim(RequestId request);
    // Called with each script that is APPROVED, on a resource of this node's: with those that are when this
    // begins to run, and with each that becomes so. May be called with one more than once, and on several
    // nodes: claim() says who runs it. Before run().
    void when_script_may_run(std::function<void(const policy::Request&)> call) {
        script_may_run_ = std::move(call);
    }

private:
    struct Waiter;
    struct Visits;

    RulebookPtr rulebook() const;
    Awaitable<Answer> wait(RequestId request, std::shared_ptr<Waiter> waiter);
    Awaitable<std::optional<Answer>> try_to_run(RequestId request, std::shared_ptr<Waiter> waiter);
    Awaitable<Result<GrantId>> grant_for(std::string user, std::string resource);
    Awaitable<Result<store::ChangedRequest>> claim_once(RequestId request);
    Awaitable<bool> look_for_scripts();
    Awaitable<Result<std::vector<policy::Request>>> approved_scripts(ChangedRequests among);

    Parts parts_;
    mutable std::mutex mutex_;
    RulebookPtr rulebook_;  // guarded by mutex_
    // One at a time is let in of each user on each resource.
    std::map<std::pair<std::string, std::string>, std::weak_ptr<proxy::AsyncMutex>> doors_;
    std::map<RequestId, std::shared_ptr<Waiter>> waiting_;
    std::shared_ptr<Visits> visits_;  // outlives this where a coroutine of it is destroyed after it
    proxy::TaskGroup background_;
    proxy::Event awake_;
    UnfinishedCommands unfinished_;
    std::function<void(const policy::Request&)> script_may_run_;
    ChangedRequests scripts_;  // to be looked at
    bool stopping_ = false;
};

}  // namespace curfew::workflow

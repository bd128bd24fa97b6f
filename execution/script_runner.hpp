// Runs scripts that were approved, each once, in sessions of the node's own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <set>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "policy/command.hpp"
#include "policy/request.hpp"
#include "proxy/script_door.hpp"
#include "proxy/task_group.hpp"
#include "store/requests.hpp"

namespace curfew::execution {

// Belongs to the control thread.
class ScriptRunner {
public:
    template <class T>
    using Awaitable = boost::asio::awaitable<T>;

    // How many are run at a time. The others wait; whichever node comes to one first runs it.
    static constexpr std::size_t most_at_a_time = 16;

    // All are called and awaited on the control thread.
    struct Surroundings {
        boost::asio::any_io_executor control;
        const Clock& clock;
        // The right to run it, once, with the grant to run it under. Errors say why it is not to be run here.
        std::function<Awaitable<Result<store::ChangedRequest>>(RequestId)> claim;
        // A way to PostgreSQL.
        std::function<Result<proxy::ScriptDoor>(proxy::ScriptEntry)> open_door;
        // Keeps what came of it.
        std::function<Awaitable<void>(RequestId, policy::CommandResult)> ran;
        // Nothing is run under this grant any more.
        std::function<Awaitable<void>(GrantId)> leave;
    };

    explicit ScriptRunner(Surroundings surroundings);
    ~ScriptRunner();
    ScriptRunner(const ScriptRunner&) = delete;
    ScriptRunner& operator=(const ScriptRunner&) = delete;

    // This request is an APPROVED script. Nothing happens where it is known already, or after stop().
    void take(const policy::Request& request);
    // Begins no more. Those under way go on until their sessions end.
    void stop();
    // Returns once none is under way any more. After stop(), and while sessions still are ended.
    Awaitable<void> finish();

    // Whether it waits here, or is under way.
    bool has(const RequestId& request) const { return known_.contains(request); }

private:
    void begin_more();
    Awaitable<void> run(RequestId id);
    Awaitable<void> run_claimed(policy::Request request, GrantId grant);
    Awaitable<policy::CommandResult> answer_to(const policy::Request& request, const GrantId& grant);

    Surroundings around_;
    std::set<RequestId> known_;
    std::deque<RequestId> waiting_;
    proxy::TaskGroup running_;
    std::size_t under_way_ = 0;
    bool stopping_ = false;
};

}  // namespace curfew::execution

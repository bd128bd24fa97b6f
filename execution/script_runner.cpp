#include "execution/script_runner.hpp"

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "execution/script_answer.hpp"
#include "pq/connection.hpp"

namespace curfew::execution {

using namespace std::chrono_literals;

namespace {

// From the door to PostgreSQL's first ReadyForQuery; the session has limits of its own, which are shorter.
constexpr Duration longest_way_in = 2min;
// For what a session still has to do once its script is over.
constexpr Duration longest_way_out = 15s;

policy::CommandResult not_handed_over(const std::string& why, WallInstant now) {
    policy::CommandResult result;
    result.outcome = policy::CommandResult::Outcome::failed;
    result.message = "Nothing of it was run: " + why;
    result.ended_at = now;
    return result;
}

}  // namespace

ScriptRunner::ScriptRunner(Surroundings surroundings)
    : around_{std::move(surroundings)}, running_{around_.control} {}

ScriptRunner::~ScriptRunner() = default;

void ScriptRunner::take(const policy::Request& request) {
    if (stopping_ || !known_.insert(request.id).second) return;
    waiting_.push_back(request.id);
    begin_more();
}

void ScriptRunner::begin_more() {
    while (!stopping_ && under_way_ < most_at_a_time && !waiting_.empty()) {
        RequestId next = std::move(waiting_.front());
        waiting_.pop_front();
        ++under_way_;
        running_.spawn(run(std::move(next)));
    }
}

void ScriptRunner::stop() {
    stopping_ = true;
    waiting_.clear();
}

boost::asio::awaitable<void> ScriptRunner::finish() {
    return running_.join();
}

boost::asio::awaitable<void> ScriptRunner::run(RequestId id) {
    try {
        auto claiming = around_.claim(id);
        auto claimed = co_await std::move(claiming);
        if (claimed && claimed->after.grant) {
            auto running = run_claimed(std::move(claimed->after.request), claimed->after.grant->grant.id);
            co_await std::move(running);
        } else if (!claimed && claimed.error().code != ErrorCode::conflict) {
            log::warning("script.not_claimed", {{"request", id.text()}, {"error", claimed.error().message}});
        }
    } catch (const std::exception& failure) {
        log::error("script.failed", {{"request", id.text()}, {"error", failure.what()}});
    }
    known_.erase(id);
    --under_way_;
    begin_more();
}

boost::asio::awaitable<void> ScriptRunner::run_claimed(policy::Request request, GrantId grant) {
    log::info("script.begun",
              {{"request", request.id.text()}, {"grant", grant.text()}, {"resource", request.resource}});
    auto answering = answer_to(request, grant);
    policy::CommandResult result = co_await std::move(answering);
    log::info("script.over", {{"request", request.id.text()},
                              {"grant", grant.text()},
                              {"outcome", to_string(result.outcome)},
                              {"sqlstate", result.sqlstate}});
    auto keeping = around_.ran(request.id, std::move(result));
    co_await std::move(keeping);
    auto leaving = around_.leave(grant);
    co_await std::move(leaving);
}

// Byte for byte what was approved, as one simple Query.
boost::asio::awaitable<policy::CommandResult> ScriptRunner::answer_to(const policy::Request& request,
                                                                      const GrantId& grant) {
    const std::string& sql = request.command->statements.front().sql;
    auto door = around_.open_door({grant, request.requester, request.resource, request.command->database,
                                   "script " + std::string{request.id.text()}});
    if (!door) co_return not_handed_over(door.error().message, around_.clock.wall_now());
    auto connection = std::make_unique<pq::Connection>(around_.control);
    pq::Parameters way_in = door->way_in();
    auto connecting = connection->connect(std::move(way_in), std::nullopt, longest_way_in);
    const auto connected = co_await std::move(connecting);
    if (!connected) co_return not_handed_over(connected.error().message, around_.clock.wall_now());
    ScriptAnswer answer{sql};
    auto running = connection->run_script(sql, answer);
    const auto over = co_await std::move(running);
    const WallInstant now = around_.clock.wall_now();
    connection.reset();  // which says goodbye
    co_await door->session_over(longest_way_out);
    if (over) co_return std::move(answer).when_over(now);
    co_return std::move(answer).when_lost(over.error().message, now);
}

}  // namespace curfew::execution

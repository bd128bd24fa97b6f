#include "workflow/unfinished_commands.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "policy/end_cause.hpp"
#include "workflow/command_grants.hpp"

namespace curfew::workflow {
namespace {

using policy::RequestStatus;

constexpr std::string_view nobody_waits = "nobody waits for it any more: its session is over";
constexpr std::string_view end_unseen = "the node that ran it ended before it saw the end";
constexpr std::string_view script_end_unseen =
    "the node that ran it ended before it saw the end. Whether all of it, a part or nothing was run is not "
    "known; what it had not committed was undone";

// So far back is looked for commands of which nobody has said what came of them: by when they were asked for,
// and so longer than the session that one of them was run in can have lasted, and for a script that was
// approved late.
constexpr Duration look_back = std::chrono::hours{24} * 30;
static_assert(look_back > 2 * command_grant_length);

// A node that lives has kept a script's result so long after the end of the script's grant, or given it up.
constexpr Duration kept_within = UnfinishedCommands::keep_for + std::chrono::minutes{1};

bool is_open(const policy::Request& request) {
    return request.status == RequestStatus::pending || request.status == RequestStatus::approved;
}

bool is_of_session(const policy::Request& request) {
    return request.command && request.command->session;
}

bool is_run_script(const policy::Request& request) {
    return request.command && request.command->form == policy::CommandForm::script &&
           request.status == RequestStatus::executed;
}

bool is_gone(const Result<store::SessionRecord>& session) {
    return !session && session.error().code == ErrorCode::not_found;
}

// Whoever had it run cannot say any more what came of it.
bool crashed(const Result<store::SessionRecord>& session) {
    return session && session->state == store::SessionState::ended &&
           session->cause == policy::EndCause::node_crashed;
}

}  // namespace

Awaitable<void> UnfinishedCommands::withdraw(RequestId request, std::string why) {
    return begin({std::move(request), Withdrawal{std::move(why), false}, {}});
}

Awaitable<void> UnfinishedCommands::withdraw_unrun(RequestId request, std::string why) {
    return begin({std::move(request), Withdrawal{std::move(why), true}, {}});
}

Awaitable<void> UnfinishedCommands::keep_result(RequestId request, policy::CommandResult result) {
    return begin({std::move(request), std::move(result), {}});
}

void UnfinishedCommands::withdraw_orphans() {
    orphans_wanted_ = true;
    left_over_();
}

// Where the store's answer was lost it may count as run all the same.
void UnfinishedCommands::script_not_claimed(const RequestId& request, const Error& why) {
    busy_.erase(request);
    if (why.code == ErrorCode::unavailable) withdraw_orphans();
}

void UnfinishedCommands::look_in(Duration time) {
    const auto at = std::chrono::steady_clock::now() + time;
    if (!look_at_ || at < *look_at_) look_at_ = at;
}

std::optional<Duration> UnfinishedCommands::next_look() const {
    if (!look_at_) return std::nullopt;
    return std::max(Duration::zero(),
                    std::chrono::duration_cast<Duration>(*look_at_ - std::chrono::steady_clock::now()));
}

Awaitable<void> UnfinishedCommands::begin(Task task) {
    task.give_up_at = std::chrono::steady_clock::now() + keep_for;
    const RequestId request = task.request;
    busy_.insert(request);
    const auto done = co_await attempt(task);
    if (!done && done.error().code == ErrorCode::unavailable && left_.size() < most) {
        left_.push_back(std::move(task));
        left_over_();
        co_return;
    }
    busy_.erase(request);
    if (!done) give_up(task, done.error());
}

void UnfinishedCommands::give_up(const Task& task, const Error& why) {
    const bool result = std::holds_alternative<policy::CommandResult>(task.what);
    log::error(result ? "command.result_not_kept" : "command.not_withdrawn",
               {{"request", task.request.text()}, {"error", why.message}});
}

Awaitable<Result<void>> UnfinishedCommands::attempt(const Task& task) {
    if (const auto* result = std::get_if<policy::CommandResult>(&task.what)) {
        policy::CommandResult copy = *result;
        return store_.set_command_result(task.request, std::move(copy));
    }
    return attempt_withdrawal(task.request, std::get<Withdrawal>(task.what));
}

// Somebody may decide at the same moment: what that made of it is looked at once more. What is over by its
// time is settled without this.
Awaitable<Result<void>> UnfinishedCommands::attempt_withdrawal(RequestId request, Withdrawal withdrawal) {
    for (int tries = 0; tries < 3; ++tries) {
        const auto found = co_await store_.find_request(request);
        if (!found) co_return found.error();
        if (!is_open(found->request)) {
            const bool ran = found->request.status == RequestStatus::executed;
            if (!ran || !withdrawal.unrun || found->request.command_result) co_return Result<void>{};
            co_return co_await store_.set_command_result(request, not_handed_over(withdrawal.why));
        }
        Person requester{found->request.requester};
        const auto taken_back = co_await desk_.revoke(request, std::move(requester), withdrawal.why);
        if (taken_back) co_return Result<void>{};
        if (taken_back.error().code != ErrorCode::conflict) co_return taken_back.error();
    }
    co_return Result<void>{};
}

policy::CommandResult UnfinishedCommands::not_handed_over(const std::string& why) const {
    policy::CommandResult result;
    result.outcome = policy::CommandResult::Outcome::failed;
    result.message = "it was not handed to PostgreSQL: " + why;
    result.ended_at = clock_.wall_now();
    return result;
}

Awaitable<bool> UnfinishedCommands::work() {
    for (std::size_t tasks = left_.size(); tasks > 0; --tasks) {
        Task task = std::move(left_.front());
        left_.pop_front();
        const auto done = co_await attempt(task);
        const bool again = !done && done.error().code == ErrorCode::unavailable &&
                           std::chrono::steady_clock::now() < task.give_up_at;
        if (again) {
            left_.push_back(std::move(task));
            co_return false;
        }
        busy_.erase(task.request);
        if (!done) give_up(task, done.error());
    }
    if (look_at_ && *look_at_ <= std::chrono::steady_clock::now()) orphans_wanted_ = true;
    if (!orphans_wanted_) co_return true;
    orphans_wanted_ = false;
    look_at_.reset();
    const auto looked = co_await look_for_orphans();
    if (!looked) {
        log::warning("command.orphans_not_withdrawn", {{"error", looked.error().message}});
        orphans_wanted_ = true;
    }
    co_return looked.has_value();
}

Awaitable<void> UnfinishedCommands::finish() {
    while (!left_.empty()) {
        const Task task = std::move(left_.front());
        left_.pop_front();
        const auto done = co_await attempt(task);
        if (!done) give_up(task, done.error());
    }
}

// A session is recorded before it asks for anything: one whose request was read first and that is not among
// those that live now does not live any more.
Awaitable<Result<void>> UnfinishedCommands::look_for_orphans() {
    auto requests = co_await unfinished_requests();
    if (!requests) co_return requests.error();
    const auto live = co_await store_.live_sessions();
    if (!live) co_return live.error();
    std::set<SessionId> living;
    std::set<GrantId> living_grants;
    for (const store::LiveSession& session : *live) {
        living.insert(session.record.id);
        living_grants.insert(session.record.grant);
    }
    for (policy::Request& request : *requests) {
        const bool lives = request.command->session ? living.contains(*request.command->session)
                                                    : living_grants.contains(*request.grant);
        if (lives || busy_.contains(request.id)) continue;
        auto seen_to = co_await see_to_orphan(std::move(request));
        if (!seen_to && seen_to.error().code == ErrorCode::unavailable) co_return seen_to;
    }
    co_return Result<void>{};
}

// Those that are open, and those of the last days of which nobody has said what came of them.
Awaitable<Result<std::vector<policy::Request>>> UnfinishedCommands::unfinished_requests() {
    std::vector<policy::Request> found;
    store::RequestFilter open;
    open.statuses = {RequestStatus::pending, RequestStatus::approved};
    open.matches = is_of_session;
    auto added = co_await add_listed(std::move(open), nullptr, found);
    if (!added) co_return added.error();
    // The newest are listed first.
    auto far_enough = std::make_shared<std::atomic<bool>>(false);
    store::RequestFilter run;
    run.statuses = {RequestStatus::executed};
    run.matches = [from = clock_.wall_now() - look_back, far_enough](const policy::Request& request) {
        if (request.asked_at < from) far_enough->store(true);
        const bool wanted = is_of_session(request) || (is_run_script(request) && request.grant);
        return wanted && !request.command_result && request.asked_at >= from;
    };
    added = co_await add_listed(std::move(run), far_enough, found);
    if (!added) co_return added.error();
    co_return found;
}

Awaitable<Result<void>> UnfinishedCommands::add_listed(store::RequestFilter filter,
                                                       std::shared_ptr<std::atomic<bool>> far_enough,
                                                       std::vector<policy::Request>& found) {
    store::Page page;
    page.limit = store::largest_request_page;
    for (;;) {
        auto listed = co_await store_.list_requests(filter, page);
        if (!listed) co_return listed.error();
        for (store::RequestRecord& record : listed->requests)
            found.push_back(std::move(record.request));
        if (!listed->next || (far_enough && far_enough->load())) co_return Result<void>{};
        page.cursor = std::move(*listed->next);
    }
}

Awaitable<Result<void>> UnfinishedCommands::see_to_orphan(policy::Request request) {
    if (request.status != RequestStatus::executed) {
        log::info("command.orphan_withdrawn",
                  {{"request", request.id.text()}, {"session", request.command->session->text()}});
        Withdrawal withdrawal{std::string{nobody_waits}, false};
        co_return co_await attempt_withdrawal(request.id, std::move(withdrawal));
    }
    if (!request.command->session) {
        auto seeing_to = see_to_script(std::move(request));
        co_return co_await std::move(seeing_to);
    }
    const auto session = co_await store_.find_session(*request.command->session);
    if (!crashed(session) && !is_gone(session)) co_return Result<void>{};
    co_return co_await say_end_unseen(request.id, end_unseen);
}

// Nothing is run under its grant now, and not by this node.
Awaitable<Result<void>> UnfinishedCommands::see_to_script(policy::Request request) {
    const auto left = co_await is_left(request);
    if (!left) co_return left.error();
    if (!*left) co_return Result<void>{};
    log::warning("script.left", {{"request", request.id.text()}, {"grant", request.grant->text()}});
    co_return co_await say_end_unseen(request.id, script_end_unseen);
}

// Another node that lives may be about to begin its session, or to keep what came of it.
Awaitable<Result<bool>> UnfinishedCommands::is_left(const policy::Request& script) {
    if (only_node_) co_return true;
    store::SessionFilter crashes;
    crashes.user = script.requester;
    crashes.resource = script.resource;
    crashes.from = script.decided_at;
    crashes.cause = policy::EndCause::node_crashed;
    store::Page page;
    page.limit = store::largest_session_page;
    for (;;) {
        const auto listed = co_await store_.list_sessions(crashes, page);
        if (!listed) co_return listed.error();
        for (const store::ListedSession& session : listed->sessions) {
            if (session.record.grant == *script.grant) co_return true;
        }
        if (!listed->next) break;
        page.cursor = *listed->next;
    }
    const auto grant = co_await store_.find_grant(*script.grant);
    if (!grant) co_return grant.error();
    const Duration left = grant->remaining + kept_within;
    if (left > Duration::zero()) look_in(left);
    co_return left <= Duration::zero();
}

Awaitable<Result<void>> UnfinishedCommands::say_end_unseen(const RequestId& request, std::string_view why) {
    policy::CommandResult result;
    result.message = why;
    result.ended_at = clock_.wall_now();
    co_return co_await store_.set_command_result(request, std::move(result));
}

}  // namespace curfew::workflow

#include "workflow/commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "workflow/command_answers.hpp"
#include "workflow/command_grants.hpp"

namespace curfew::workflow {
namespace {

using policy::RequestStatus;

// How long until it is tried again with a store that does not answer.
constexpr Duration retry_pause = std::chrono::seconds{1};
constexpr const char* shutting_down = "Curfew is shutting down";

Error closed() {
    return {ErrorCode::unavailable, std::string{shutting_down} + "; try again later"};
}

Error may_not_ask(const std::string& user, const std::string& resource) {
    return {ErrorCode::forbidden,
            fmt::format("no rule lets {} ask for commands on '{}'", printable(user), printable(resource))};
}

bool is_approved_script(const policy::Request& request) {
    return request.status == RequestStatus::approved && request.command &&
           request.command->form == policy::CommandForm::script;
}

proxy::CommandDesk::Answer let_run(const policy::Request& request) {
    proxy::CommandDesk::Answer answer;
    answer.run = true;
    for (const policy::Review& review : request.reviews) {
        auto& names = answer.approved_by;
        if (review.verdict != policy::Verdict::approve) continue;
        // Somebody may have approved for several groups.
        if (std::find(names.begin(), names.end(), review.reviewer) == names.end())
            names.push_back(review.reviewer);
    }
    return answer;
}

}  // namespace

struct Commands::Waiter {
    explicit Waiter(const boost::asio::any_io_executor& executor) : changed{executor} {}

    proxy::Event changed;
    std::optional<std::string> withdrawn;  // why
};

// Those who are being answered.
struct Commands::Visits {
    explicit Visits(const boost::asio::any_io_executor& executor) : over{executor} {}

    proxy::Event over;
    std::size_t count = 0;

    class Visit {
    public:
        explicit Visit(std::shared_ptr<Visits> visits) : visits_{std::move(visits)} { ++visits_->count; }
        Visit(const Visit&) = delete;
        Visit& operator=(const Visit&) = delete;
        ~Visit() {
            if (--visits_->count == 0) visits_->over.notify();
        }

    private:
        std::shared_ptr<Visits> visits_;
    };
};

Commands::Commands(Parts parts)
    : parts_{std::move(parts)},
      visits_{std::make_shared<Visits>(parts_.control)},
      background_{parts_.control},
      awake_{parts_.control},
      unfinished_{parts_.clock, parts_.store, parts_.desk, parts_.only_node, [this] { awake_.notify(); }} {
    unfinished_.withdraw_orphans();
}

Commands::~Commands() = default;

void Commands::use(RulebookPtr rulebook) {
    {
        const std::lock_guard lock{mutex_};
        rulebook_ = std::move(rulebook);
    }
    // There may be resources now that there were not.
    scripts_.reset();
    awake_.notify();
}

RulebookPtr Commands::rulebook() const {
    const std::lock_guard lock{mutex_};
    return rulebook_;
}

void Commands::requests_changed(const ChangedRequests& changed) {
    if (changed) {
        for (const RequestId& id : *changed) {
            if (const auto found = waiting_.find(id); found != waiting_.end())
                found->second->changed.notify();
        }
        if (scripts_) scripts_->insert(changed->begin(), changed->end());
    } else {
        for (const auto& entry : waiting_)
            entry.second->changed.notify();
        scripts_.reset();
    }
    if (script_may_run_) awake_.notify();
}

std::optional<std::vector<sql::AllowedStatements>> Commands::allowed_statements(
    std::string_view user, std::string_view resource) const {
    const RulebookPtr judging = rulebook();
    const policy::Terms terms = terms_for_commands(*judging, user, resource);
    if (!terms.may_ask()) return std::nullopt;
    std::vector<sql::AllowedStatements> lists;
    lists.reserve(terms.rules.size());
    for (const policy::Rule* rule : terms.rules)
        lists.push_back(rule->allowed_statements);
    return lists;
}

Awaitable<Result<GrantId>> Commands::let_in(std::string user, std::string resource) {
    const Visits::Visit visit{visits_};
    if (stopping_) co_return closed();
    const auto key = std::pair{user, resource};
    auto door = doors_[key].lock();
    if (!door) {
        door = std::make_shared<proxy::AsyncMutex>(parts_.control);
        doors_[key] = door;
    }
    Result<GrantId> grant = closed();
    {
        const auto hold = co_await door->hold();
        auto giving = grant_for(std::move(user), std::move(resource));
        grant = co_await std::move(giving);
    }
    door.reset();
    if (const auto its = doors_.find(key); its != doors_.end() && its->second.expired()) doors_.erase(its);
    co_return grant;
}

Awaitable<Result<GrantId>> Commands::grant_for(std::string user, std::string resource) {
    const RulebookPtr judged_by = rulebook();
    auto grant = co_await find_or_give_command_grant(parts_.store, judged_by, user, resource);
    if (!grant) co_return grant.error();
    const policy::Grant given = grant->grant;
    std::vector<store::GrantCountdown> changed;
    changed.push_back(std::move(*grant));
    co_await parts_.enforcement.grants_changed(std::move(changed));
    // Whoever replaced it meanwhile did not see this grant.
    const RulebookPtr now = rulebook();
    if (now == judged_by || may_keep(*now, given)) co_return given.id;
    const auto ended = co_await end_lost_command_grants(parts_.store, parts_.enforcement, now);
    if (!ended) co_return ended.error();
    co_return may_not_ask(user, resource);
}

Awaitable<Result<proxy::CommandDesk::Waiting>> Commands::ask(std::string user, std::string resource,
                                                             policy::Command command) {
    const Visits::Visit visit{visits_};
    if (stopping_) co_return closed();
    const RulebookPtr judging = rulebook();
    const auto name = judging->directory().canonical(user);
    // Also of administrators, who could ask without a rule: they connect by command because of one.
    if (!name || !terms_for_commands(*judging, user, resource).may_ask())
        co_return may_not_ask(user, resource);
    policy::Wish wish;
    wish.type = policy::RequestType::command;
    wish.user = std::move(user);
    wish.command = std::move(command);
    policy::GroupNames claimed = judging->claims_that_count(*name);
    const auto asked = co_await parts_.desk.submit(std::move(resource), std::move(wish), std::move(claimed));
    if (!asked) co_return asked.error();
    const policy::Request& request = asked->request;
    Waiting waiting;
    waiting.request = request.id;
    if (parts_.url_of) waiting.url = parts_.url_of(request.id);
    waiting.at_most = request.review_ends_at - request.asked_at;
    co_return waiting;
}

Awaitable<proxy::CommandDesk::Answer> Commands::decided(RequestId request) {
    const Visits::Visit visit{visits_};
    if (stopping_) co_return refusal_of_withdrawn(shutting_down);
    const auto waiter = std::make_shared<Waiter>(parts_.control);
    waiting_.insert_or_assign(request, waiter);
    auto waiting = wait(request, waiter);
    Answer answer = co_await std::move(waiting);
    waiting_.erase(request);
    co_return answer;
}

Awaitable<proxy::CommandDesk::Answer> Commands::wait(RequestId request, std::shared_ptr<Waiter> waiter) {
    while (!waiter->withdrawn) {
        const auto found = co_await parts_.store.find_request(request);
        if (!found) {
            background_.spawn(unfinished_.withdraw(request, "the store did not say whether it is approved"));
            co_return refusal_for(found.error());
        }
        const RequestStatus status = found->request.status;
        if (status == RequestStatus::approved) {
            auto trying = try_to_run(request, waiter);
            std::optional<Answer> answer = co_await std::move(trying);
            if (answer) co_return std::move(*answer);
        } else if (status != RequestStatus::pending) {
            co_return refusal_of(found->request);
        } else if (!waiter->withdrawn) {
            co_await waiter->changed.wait();
        }
    }
    co_return refusal_of_withdrawn(*waiter->withdrawn);
}

// nullopt: somebody was quicker, and the request is not what it was.
Awaitable<std::optional<proxy::CommandDesk::Answer>> Commands::try_to_run(RequestId request,
                                                                          std::shared_ptr<Waiter> waiter) {
    auto claiming = claim_once(request);
    const auto claimed = co_await std::move(claiming);
    if (claimed && !waiter->withdrawn) co_return let_run(claimed->after.request);
    if (claimed) {
        background_.spawn(unfinished_.withdraw_unrun(request, *waiter->withdrawn));
        co_return refusal_of_withdrawn(*waiter->withdrawn);
    }
    const auto found = co_await parts_.store.find_request(request);
    if (found && found->request.status != RequestStatus::approved &&
        found->request.status != RequestStatus::executed)
        co_return std::nullopt;
    // Where the answer of the store was lost it may count as run; nobody else runs it.
    background_.spawn(unfinished_.withdraw_unrun(request, claimed.error().message));
    co_return refusal_for(claimed.error());
}

Awaitable<void> Commands::withdraw(RequestId request, std::string why) {
    const Visits::Visit visit{visits_};
    if (const auto found = waiting_.find(request); found != waiting_.end()) {
        found->second->withdrawn = why;
        found->second->changed.notify();
    }
    auto withdrawing = unfinished_.withdraw(std::move(request), std::move(why));
    co_await std::move(withdrawing);
}

Awaitable<void> Commands::ran(RequestId request, policy::CommandResult result) {
    const Visits::Visit visit{visits_};
    auto keeping = unfinished_.keep_result(std::move(request), std::move(result));
    co_await std::move(keeping);
}

Awaitable<Result<store::ChangedRequest>> Commands::claim(RequestId request) {
    unfinished_.script_begins(request);
    auto claiming = claim_once(request);
    auto claimed = co_await std::move(claiming);
    if (!claimed) unfinished_.script_not_claimed(request, claimed.error());
    co_return claimed;
}

Awaitable<Result<store::ChangedRequest>> Commands::claim_once(RequestId request) {
    const Visits::Visit visit{visits_};
    if (stopping_) co_return closed();
    co_return co_await parts_.desk.run_command(std::move(request));
}

Awaitable<void> Commands::run() {
    while (!stopping_) {
        const bool written = co_await unfinished_.work();
        const bool looked = co_await look_for_scripts();
        if (stopping_) co_return;
        if (!written || !looked) {
            co_await awake_.wait_for(retry_pause);
        } else if (const auto next = unfinished_.next_look()) {
            co_await awake_.wait_for(*next);
        } else {
            co_await awake_.wait();
        }
    }
}

// True unless the store did not answer: then again.
Awaitable<bool> Commands::look_for_scripts() {
    if (!script_may_run_) co_return true;
    const ChangedRequests wanted = std::exchange(scripts_, std::set<RequestId>{});
    const auto scripts = co_await approved_scripts(wanted);
    if (!scripts) {
        log::warning("command.scripts_not_found", {{"error", scripts.error().message}});
        scripts_.reset();
        co_return false;
    }
    const RulebookPtr judging = rulebook();
    for (const policy::Request& script : *scripts) {
        if (!stopping_ && judging->config().find_resource(script.resource) != nullptr)
            script_may_run_(script);
    }
    co_return true;
}

Awaitable<Result<std::vector<policy::Request>>> Commands::approved_scripts(ChangedRequests among) {
    std::vector<policy::Request> found;
    if (among) {
        for (const RequestId& id : *among) {
            auto one = co_await parts_.store.find_request(id);
            if (one && is_approved_script(one->request)) found.push_back(std::move(one->request));
            if (!one && one.error().code != ErrorCode::not_found) co_return one.error();
        }
        co_return found;
    }
    store::RequestFilter filter;
    filter.statuses = {RequestStatus::approved};
    filter.matches = is_approved_script;
    store::Page page;
    page.limit = store::largest_request_page;
    for (;;) {
        auto listed = co_await parts_.store.list_requests(filter, page);
        if (!listed) co_return listed.error();
        for (store::RequestRecord& record : listed->requests)
            found.push_back(std::move(record.request));
        if (!listed->next) co_return found;
        page.cursor = std::move(*listed->next);
    }
}

void Commands::stop() {
    stopping_ = true;
    for (const auto& [request, waiter] : waiting_) {
        if (waiter->withdrawn) continue;
        waiter->withdrawn = shutting_down;
        waiter->changed.notify();
        background_.spawn(unfinished_.withdraw(request, shutting_down));
    }
    awake_.notify();
}

Awaitable<void> Commands::finish() {
    while (visits_->count > 0)
        co_await visits_->over.wait();
    co_await background_.join();
    co_await unfinished_.finish();
}

}  // namespace curfew::workflow

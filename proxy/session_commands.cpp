#include "proxy/session_commands.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <exception>
#include <variant>

#include "base/log.hpp"
#include "proxy/command_texts.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;

namespace {

constexpr const char* client_cancelled = "its client cancelled the statement";
constexpr const char* session_over = "its client left, or its session ended, before it was decided";

// Of one that was to run, and of which PostgreSQL has seen nothing.
policy::CommandResult not_handed_over(WallInstant now) {
    policy::CommandResult result;
    result.outcome = policy::CommandResult::Outcome::failed;
    result.message = "it was approved as its client left or cancelled it: PostgreSQL has not seen it";
    result.ended_at = now;
    return result;
}

asio::awaitable<Result<CommandDesk::Waiting>> ask_desk(CommandDesk& desk, std::string user,
                                                       std::string resource, policy::Command command) {
    try {
        co_return co_await desk.ask(std::move(user), std::move(resource), std::move(command));
    } catch (const std::exception& failure) {
        log::error("command.ask_failed", {{"error", failure.what()}});
    }
    co_return Error{ErrorCode::internal, "Curfew's log says what went wrong."};
}

asio::awaitable<CommandDesk::Answer> decision_of(CommandDesk& desk, RequestId request) {
    try {
        co_return co_await desk.decided(request);
    } catch (const std::exception& failure) {
        log::error("command.decision_failed", {{"request", request.text()}, {"error", failure.what()}});
    }
    co_return CommandDesk::Answer{false, "What was decided could not be heard.", "Ask again."};
}

}  // namespace

// One command. Each member belongs to one of the two threads.
struct SessionCommands::Asked {
    // The session's.
    std::optional<Result<CommandDesk::Waiting>> waiting;
    std::optional<CommandDesk::Answer> answer;
    bool given_up = false;  // nobody waits for the answer any more
    // The desk's.
    std::optional<RequestId> request;
    bool withdrawn = false;
    bool over = false;
};

// What the desk does for a session.
struct SessionCommands::Errands {
    CommandDesk& desk;
    const Clock& clock;
    const std::shared_ptr<WayBack> way_back;
    std::size_t under_way = 0;  // the session's
};

// --- At the desk
// --------------------------------------------------------------------------------------------

asio::awaitable<void> SessionCommands::errand(asio::awaitable<void> task, std::shared_ptr<Errands> errands) {
    try {
        co_await std::move(task);
    } catch (const std::exception& failure) {
        log::error("command.errand_failed", {{"error", failure.what()}});
    }
    errands->way_back->bring([errands] { --errands->under_way; });
}

void SessionCommands::send_out(const std::shared_ptr<Errands>& errands, asio::awaitable<void> task) {
    ++errands->under_way;
    asio::co_spawn(errands->desk.executor(), errand(std::move(task), errands), asio::detached);
}

asio::awaitable<void> SessionCommands::see_through(std::shared_ptr<Asked> asked,
                                                   std::shared_ptr<Errands> errands, std::string user,
                                                   std::string resource, policy::Command command) {
    CommandDesk& desk = errands->desk;
    const auto waiting = co_await ask_desk(desk, std::move(user), std::move(resource), std::move(command));
    if (waiting) asked->request = waiting->request;
    const bool heard = errands->way_back->bring([asked, waiting] { asked->waiting = waiting; });
    if (!waiting) co_return;
    if (!heard) asked->withdrawn = true;
    if (asked->withdrawn) co_await desk.withdraw(*asked->request, session_over);
    // A decision may have been taken all the same.
    CommandDesk::Answer answer = co_await decision_of(desk, *asked->request);
    asked->over = true;
    const bool to_run = answer.run;
    const bool taken = errands->way_back->bring([asked, errands, answer = std::move(answer)]() mutable {
        take_answer(asked, errands, std::move(answer));
    });
    if (!taken && to_run) co_await desk.ran(*asked->request, not_handed_over(errands->clock.wall_now()));
}

asio::awaitable<void> SessionCommands::withdraw(std::shared_ptr<Asked> asked,
                                                std::shared_ptr<Errands> errands, std::string why) {
    if (asked->over || std::exchange(asked->withdrawn, true)) co_return;
    // Where it is being asked for, that is seen to as soon as it has been.
    if (asked->request) co_await errands->desk.withdraw(*asked->request, std::move(why));
}

// --- The session
// --------------------------------------------------------------------------------------------

SessionCommands::SessionCommands(Means means, Who who, const postgres::StartupMessage& startup)
    : means_{std::move(means)},
      who_{std::move(who)},
      settings_{startup},
      wake_{std::make_shared<Event>(means_.executor)},
      errands_{new Errands{means_.desk, means_.clock, std::make_shared<WayBack>(means_.executor, wake_)}} {}

SessionCommands::~SessionCommands() {
    errands_->way_back->close();
}

std::optional<std::string> SessionCommands::banner() const {
    const auto allowed = means_.desk.allowed_statements(who_.user, who_.grant.resource);
    if (!allowed) return std::nullopt;
    return command_banner(who_.grant, *allowed);
}

asio::awaitable<CommandJudge::Verdict> SessionCommands::judge(postgres::HeldUnit unit) {
    const auto allowed = means_.desk.allowed_statements(who_.user, who_.grant.resource);
    if (!allowed) co_return refuse(commands_no_more(who_.grant), "no_rule");
    UnitReading reading = read_unit(unit, *allowed, settings_);
    if (auto* hidden = std::get_if<UnitReading::Unshowable>(&reading.way)) {
        co_return refuse(unshowable(hidden->sqlstate, std::move(hidden->why), std::move(hidden->hint)),
                         "unshowable");
    }
    Verdict verdict;
    if (auto* asking = std::get_if<UnitReading::Ask>(&reading.way)) {
        // Nobody would hear the decision. What needs none may be the last that a client sent before it left.
        if (interrupted_) co_return refuse(command_cancelled(std::nullopt), "nobody_waits");
        policy::Command command =
            command_of(std::move(unit), settings_, who_.database, who_.session, std::move(asking->why));
        if (size_of(command) > policy::longest_command) co_return refuse(too_long(), "too_long");
        verdict = co_await have_approved(std::move(command));
        if (verdict.pass) settings_.ran(reading.statements, reading.understood);
    } else {
        means_.metrics.command(metrics::CommandOutcome::free);
        verdict.pass = true;
    }
    verdict.changes_prepared = verdict.pass && reading.changes_prepared;
    co_return verdict;
}

asio::awaitable<CommandJudge::Verdict> SessionCommands::have_approved(policy::Command command) {
    const auto asked = std::make_shared<Asked>();
    log::info("command.asked", {{"session", who_.session.text()},
                                {"user", who_.user},
                                {"resource", who_.grant.resource},
                                {"form", to_string(command.form)},
                                {"statements", command.statements.size()}});
    holding_ = true;
    cancelled_ = false;
    means_.metrics.commands_waiting_changed(+1);
    send_out(errands_, see_through(asked, errands_, who_.user, who_.grant.resource, std::move(command)));
    while (!asked->waiting && !given_up())
        co_await wake_->wait();
    if (!given_up() && *asked->waiting) {
        now_waits_for((*asked->waiting)->request);
        means_.tell_client(waiting_for_approval(**asked->waiting, means_.clock.wall_now()));
    }
    while (waiting_for_ && !asked->answer && !given_up())
        co_await wake_->wait();
    means_.metrics.commands_waiting_changed(-1);
    holding_ = false;
    Verdict verdict = conclude(asked);
    now_waits_for(std::nullopt);
    co_return verdict;
}

CommandJudge::Verdict SessionCommands::conclude(const std::shared_ptr<Asked>& asked) {
    if (given_up()) return give_up(asked);
    if (!*asked->waiting) return refuse(cannot_be_asked(asked->waiting->error()), "cannot_be_asked");
    if (!asked->answer->run) return refuse(not_approved(*waiting_for_, *asked->answer), "not_approved");
    means_.metrics.command(metrics::CommandOutcome::approved);
    log::info("command.passed", {{"session", who_.session.text()}, {"request", waiting_for_->text()}});
    means_.tell_client(approved(*waiting_for_, asked->answer->approved_by));
    running_ = waiting_for_;
    return {true, false, {}};
}

// It may be decided at this very moment: then it is as if it had failed.
CommandJudge::Verdict SessionCommands::give_up(const std::shared_ptr<Asked>& asked) {
    asked->given_up = true;
    if (asked->answer) {
        take_answer(asked, errands_, std::move(*asked->answer));
    } else {
        send_out(errands_, withdraw(asked, errands_, interrupted_ ? session_over : client_cancelled));
    }
    means_.metrics.command(metrics::CommandOutcome::withdrawn);
    log::info("command.withdrawn", {{"session", who_.session.text()},
                                    {"request", waiting_for_ ? waiting_for_->text() : std::string{}},
                                    {"cancelled", !interrupted_}});
    return {false, false, command_cancelled(waiting_for_)};
}

void SessionCommands::take_answer(const std::shared_ptr<Asked>& asked,
                                  const std::shared_ptr<Errands>& errands, CommandDesk::Answer answer) {
    const bool lost = asked->given_up && answer.run;
    asked->answer = std::move(answer);
    if (!lost) return;
    policy::CommandResult result = not_handed_over(errands->clock.wall_now());
    send_out(errands, errands->desk.ran((*asked->waiting)->request, std::move(result)));
}

CommandJudge::Verdict SessionCommands::refuse(std::string error, std::string_view why) {
    means_.metrics.command(metrics::CommandOutcome::refused);
    log::info("command.refused", {{"session", who_.session.text()},
                                  {"request", waiting_for_ ? waiting_for_->text() : std::string{}},
                                  {"reason", why}});
    return {false, false, std::move(error)};
}

void SessionCommands::now_waits_for(std::optional<RequestId> request) {
    if (waiting_for_ == request) return;
    waiting_for_ = std::move(request);
    means_.changed();
}

void SessionCommands::interrupt() {
    interrupted_ = true;
    wake_->notify();
}

bool SessionCommands::cancel() {
    if (!holding_) return false;
    cancelled_ = true;
    wake_->notify();
    return true;
}

void SessionCommands::ran(postgres::UnitOutcome outcome) {
    for (const auto& [name, value] : outcome.parameters)
        settings_.reported(name, value);
    const auto request = std::exchange(running_, std::nullopt);
    if (!request) return;
    policy::CommandResult result = result_of(std::move(outcome), means_.clock.wall_now());
    log::info("command.ran", {{"session", who_.session.text()},
                              {"request", request->text()},
                              {"outcome", to_string(result.outcome)},
                              {"sqlstate", result.sqlstate}});
    send_out(errands_, means_.desk.ran(*request, std::move(result)));
}

asio::awaitable<void> SessionCommands::settle(Duration at_most) {
    const BootInstant until = means_.clock.boot_now() + at_most;
    while (errands_->under_way > 0 && means_.clock.boot_now() < until)
        co_await wake_->wait_for(until - means_.clock.boot_now());
}

}  // namespace curfew::proxy

// A session whose commands are approved one by one: how somebody comes to have it, and how it ends.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "base/log.hpp"
#include "proxy/command_desk.hpp"
#include "proxy/command_texts.hpp"
#include "proxy/session.hpp"
#include "proxy/way_back.hpp"
#include "proxy/worker.hpp"

namespace curfew::proxy {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// What came of its commands is told the desk for so long after a session's end, and withdrawn what is left.
constexpr Duration longest_settling = 5s;

using GrantAnswer = std::optional<Result<GrantId>>;

// On the desk's executor; outlives the session where that does not wait any more.
Awaitable<void> ask_for_grant(CommandDesk& desk, std::string user, std::string resource,
                              std::shared_ptr<WayBack> way_back, std::shared_ptr<GrantAnswer> answer) {
    Result<GrantId> given = Error{ErrorCode::internal, "Curfew's log says what went wrong."};
    try {
        given = co_await desk.let_in(std::move(user), std::move(resource));
    } catch (const std::exception& failure) {
        log::error("command.let_in_failed", {{"error", failure.what()}});
    }
    way_back->bring([answer, given = std::move(given)]() mutable { answer->emplace(std::move(given)); });
}

}  // namespace

// Replication is no series of statements that anybody could approve; and who came by a grant's own credential
// came by that grant.
bool Session::may_come_by_command(policy::Refusal refusal) const {
    const bool not_covered = refusal == policy::Refusal::no_grant || refusal == policy::Refusal::not_yet;
    return not_covered && node_.command_desk != nullptr && !came_by_ &&
           startup_.replication == postgres::Replication::none &&
           node_.command_desk->allowed_statements(startup_.user, route_.resource).has_value();
}

Awaitable<Unless> Session::come_by_command() {
    CommandDesk& desk = *node_.command_desk;
    const auto way_back = std::make_shared<WayBack>(worker_.executor(), wake_);
    const auto answer = std::make_shared<GrantAnswer>();
    asio::co_spawn(desk.executor(), ask_for_grant(desk, startup_.user, route_.resource, way_back, answer),
                   asio::detached);
    while (!*answer && !is_over())
        co_await wake_->wait();
    way_back->close();
    if (is_over()) {
        Dropped dropped{"interrupted", {}};
        co_return Failure{std::move(dropped)};
    }
    const Result<GrantId>& given = **answer;
    if (!given) co_return Failure{not_let_in_by_command(given.error(), startup_.user, route_.resource)};
    Unless closed = door_is_closed();
    if (closed) co_return closed;
    co_return take_in(decide());
}

Unless Session::begin_commands(const Begun& begun) {
    if (grant_->use != policy::GrantUse::commands) return std::nullopt;
    SessionCommands::Means means{worker_.executor(),
                                 *node_.command_desk,
                                 node_.clock,
                                 *resource_->metrics,
                                 [this](std::string_view message) { tell_client(message); },
                                 [this] { node_.changed(); }};
    SessionCommands::Who who{id_, startup_.user, route_.database, *grant_};
    commands_ = std::make_unique<SessionCommands>(std::move(means), std::move(who), startup_);
    if (!begun.client_encoding.empty()) commands_->reported("client_encoding", begun.client_encoding);
    if (!begun.standard_conforming_strings.empty())
        commands_->reported("standard_conforming_strings", begun.standard_conforming_strings);
    if (commands_->banner()) return std::nullopt;
    const Error no_rule{ErrorCode::forbidden, "the right to ask was lost while the session was set up"};
    return Failure{not_let_in_by_command(no_rule, startup_.user, route_.resource)};
}

// From the first byte on that its client sends.
void Session::have_commands_judged() {
    relay_->judge_commands(*commands_, postgres::CommandGate{});
}

Awaitable<void> Session::settle_commands() {
    commands_->interrupt();
    co_await commands_->settle(longest_settling);
}

}  // namespace curfew::proxy

#include "api/fleet_sessions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"

namespace curfew::api {
namespace {

using namespace std::chrono_literals;

// A node that lives and hears the store ends a session within milliseconds.
constexpr Duration patience_with_nodes = 3s;
// Where no event tells it.
constexpr Duration look_again_within = 500ms;

proxy::SessionView elsewhere(const store::LiveSession& session) {
    const store::SessionRecord& record = session.record;
    proxy::SessionView view;
    view.id = record.id;
    view.grant = record.grant;
    view.user = record.user;
    view.resource = record.resource;
    view.database = record.database;
    view.node = record.node;
    view.is_elsewhere = true;
    view.client_address = record.client_address;
    view.application_name = record.application_name;
    view.phase =
        record.state == store::SessionState::live ? proxy::SessionPhase::live : proxy::SessionPhase::ending;
    view.recording = record.facts.recording.value_or(policy::RecordingMode::off);
    view.backend_pid = record.backend.pid;
    view.started_at = record.started_at;
    view.remaining = session.remaining;
    view.cause = record.cause;
    return view;
}

}  // namespace

Awaitable<std::vector<proxy::SessionView>> FleetSessions::list() {
    auto asking = node_.sessions();
    auto sessions = co_await std::move(asking);
    for (proxy::SessionView& session : sessions)
        session.node = own_;
    const auto others = co_await store_.live_sessions();
    if (!others) {
        log::debug("sessions.of_others_not_known", {{"error", others.error().message}});
        co_return sessions;
    }
    for (const store::LiveSession& session : *others) {
        if (session.record.node != own_) sessions.push_back(elsewhere(session));
    }
    co_return sessions;
}

Awaitable<Result<KillOutcome>> FleetSessions::kill(SessionId id, Actor actor) {
    auto killing = node_.kill(id, actor);
    const Result<void> killed = co_await std::move(killing);
    if (killed) {
        KillOutcome done;
        done.node = own_;
        co_return done;
    }
    if (killed.error().code != ErrorCode::not_found) co_return killed.error();
    auto elsewhere = kill_elsewhere(std::move(id), std::move(actor), killed.error());
    auto outcome = co_await std::move(elsewhere);
    co_return outcome;
}

Awaitable<Result<KillOutcome>> FleetSessions::kill_elsewhere(SessionId id, Actor actor, Error not_here) {
    const auto session = co_await store_.find_session(id);
    if (!session && session.error().code == ErrorCode::not_found) co_return not_here;
    if (!session) co_return session.error();
    // Of this node's own, the store has heard less than the node.
    if (session->state == store::SessionState::ended || session->node == own_) co_return not_here;
    auto asking = store_.ask_to_end_session(id, std::move(actor));
    const auto asked = co_await std::move(asking);
    if (!asked) co_return asked.error();
    auto awaiting = await_end(std::move(id), asked->node);
    auto outcome = co_await std::move(awaiting);
    co_return outcome;
}

Awaitable<Result<KillOutcome>> FleetSessions::await_end(SessionId id, std::string node) {
    KillOutcome outcome;
    outcome.node = node;
    const BootInstant give_up = clock_.boot_now() + patience_with_nodes;
    for (;;) {
        const Changes seen = feed_.now();
        const auto session = co_await store_.find_session(id);
        if (!session) co_return session.error();
        if (session->state != store::SessionState::live) co_return outcome;
        const Duration left = give_up - clock_.boot_now();
        if (left <= Duration::zero()) break;
        co_await feed_.wait(seen, std::min(left, look_again_within));
    }
    outcome.heard = false;
    outcome.problem = fmt::format(
        "node '{}' has not answered within {} s; the session ends once that node hears of it, or is gone and "
        "another one sees to what it left: curfew nodes shows when it was heard last",
        printable(node), std::chrono::duration_cast<std::chrono::seconds>(patience_with_nodes).count());
    co_return outcome;
}

}  // namespace curfew::api

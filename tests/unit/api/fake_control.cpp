#include "fake_control.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <utility>

#include "base/duration.hpp"
#include "policy/offline_grant.hpp"

namespace curfew::test {

using proxy::Awaitable;

std::optional<Error> FakeControl::called(std::string what) {
    calls.push_back(std::move(what));
    if (std::exchange(throw_next, false)) throw std::runtime_error("a secret detail of the inside");
    return fail_with;
}

Awaitable<Result<store::GrantCountdown>> FakeControl::grant(store::NewGrant wanted) {
    if (auto error = called("grant by " + wanted.given_by)) co_return *error;
    if (wanted.resource != "prod" && wanted.resource != "test") {
        co_return Error{ErrorCode::invalid,
                        "There is no resource '" + wanted.resource + "'; configured: prod, test"};
    }
    auto given = co_await store->add_grant(std::move(wanted));
    changed();
    co_return given;
}

Awaitable<Result<store::GrantCountdown>> FakeControl::revoke(GrantId id, Actor actor, std::string reason) {
    if (auto error = called("revoke " + id.text() + " by " + actor.name + ": " + reason)) co_return *error;
    auto revoked = co_await store->revoke_grant(std::move(id), std::move(actor), std::move(reason));
    if (!revoked) co_return revoked;
    grants_changed({*revoked});
    co_return revoked;
}

void FakeControl::grants_changed(const std::vector<store::GrantCountdown>& grants) {
    for (const auto& countdown : grants) {
        if (!countdown.grant.revoked) continue;
        for (auto& session : live) {
            if (session.grant != countdown.grant.id) continue;
            session.phase = proxy::SessionPhase::ending;
            session.cause = policy::EndCause::grant_revoked;
        }
    }
    changed();
}

Awaitable<Result<store::GrantCountdown>> FakeControl::extend(GrantId id, Duration by, Actor actor) {
    if (auto error = called("extend " + id.text() + " by " + actor.name + ": " + format_duration(by))) {
        co_return *error;
    }
    auto extended = co_await store->extend_grant(id, by, std::move(actor));
    if (!extended) co_return extended;
    for (auto& session : live) {
        if (session.grant == id) session.remaining += by;
    }
    changed();
    co_return extended;
}

Awaitable<std::vector<proxy::SessionView>> FakeControl::sessions() {
    (void)called("sessions");
    co_return live;
}

Awaitable<Result<void>> FakeControl::kill(SessionId id, Actor actor) {
    if (auto error = called("kill " + id.text() + " by " + actor.name)) co_return *error;
    for (auto& session : live) {
        if (session.id != id) continue;
        session.phase = proxy::SessionPhase::ending;
        session.cause = policy::EndCause::session_killed;
        changed();
        co_return Result<void>{};
    }
    co_return Error{ErrorCode::not_found, "There is no live session '" + id.text() + "'"};
}

Awaitable<proxy::NodeStatus> FakeControl::status() {
    (void)called("status");
    co_return node_status;
}

Awaitable<Result<proxy::Diagnosis>> FakeControl::diagnose(std::string resource) {
    if (auto error = called("diagnose " + resource)) co_return *error;
    proxy::Diagnosis diagnosis;
    diagnosis.resource = resource;
    diagnosis.server_version = "15.3";
    diagnosis.findings = findings;
    co_return diagnosis;
}

Awaitable<Result<void>> FakeControl::reload(std::string actor) {
    if (auto error = called("reload by " + actor)) co_return *error;
    co_return Result<void>{};
}

Awaitable<std::uint64_t> FakeControl::wait_for_change(std::uint64_t seen) {
    if (changes_ != seen) co_return changes_;
    boost::asio::steady_timer until{co_await boost::asio::this_coro::executor, longest_wait};
    const auto place = waits_.insert(waits_.end(), &until);
    const auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);
    co_await until.async_wait(as_result);
    waits_.erase(place);
    co_return changes_;
}

Awaitable<proxy::OfflineStatus> FakeControl::offline_grants() {
    (void)called("offline grants");
    co_return offline_status;
}

Awaitable<Result<proxy::OfflineTaken>> FakeControl::take_offline_grant(std::string text, std::string actor,
                                                                       proxy::OfflineTrial trial) {
    const bool only_look = trial == proxy::OfflineTrial::only_look;
    if (auto error = called((only_look ? "look at offline grant by " : "take offline grant by ") + actor))
        co_return *error;
    const auto document = policy::parse_offline_document(text);
    if (!document) co_return document.error();
    proxy::OfflineTaken taken = offline_taken;
    taken.grant.document = document->grant.id;
    co_return taken;
}

Awaitable<Result<store::GrantCountdown>> FakeControl::revoke_offline_grant(GrantId id, std::string actor,
                                                                           std::string reason) {
    if (!offline_grant || offline_grant->grant.id != id)
        co_return Error{ErrorCode::not_found, "There is no such grant here"};
    offline_grant->grant.revoked = {WallInstant{}, std::move(actor), std::move(reason)};
    co_return *offline_grant;
}

void FakeControl::changed() {
    ++changes_;
    for (auto* wait : waits_)
        wait->cancel();
}

}  // namespace curfew::test

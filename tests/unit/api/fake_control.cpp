#include "fake_control.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <utility>

#include "base/duration.hpp"

namespace curfew::test {

using proxy::Awaitable;

store::GrantCountdown FakeControl::countdown(const policy::Grant& grant) const {
    return {grant, grant.window.starts_at - clock_.wall_now(), grant.window.ends_at - clock_.wall_now()};
}

policy::Grant* FakeControl::find(const GrantId& id) {
    const auto found = std::find_if(all_grants.begin(), all_grants.end(),
                                    [&](const policy::Grant& grant) { return grant.id == id; });
    return found == all_grants.end() ? nullptr : &*found;
}

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
    const auto now = clock_.wall_now();
    const auto ms = [](Duration duration) { return std::chrono::floor<WallInstant::duration>(duration); };
    policy::Grant grant;
    grant.id = GrantId::generate();
    grant.subject = wanted.subject;
    grant.resource = wanted.resource;
    grant.window = {now + ms(wanted.starts_in), now + ms(wanted.starts_in) + ms(wanted.length)};
    grant.allow_replication = wanted.allow_replication;
    grant.reason = wanted.reason;
    grant.given_by = wanted.given_by;
    grant.given_at = now;
    all_grants.push_back(grant);
    changed();
    co_return countdown(grant);
}

Awaitable<Result<store::GrantCountdown>> FakeControl::revoke(GrantId id, std::string actor,
                                                             std::string reason) {
    if (auto error = called("revoke " + id.text() + " by " + actor + ": " + reason)) co_return *error;
    policy::Grant* grant = find(id);
    if (grant == nullptr) co_return Error{ErrorCode::not_found, "There is no grant '" + id.text() + "'"};
    if (grant->revoked) {
        co_return Error{ErrorCode::conflict, "Grant '" + id.text() + "' was revoked already"};
    }
    grant->revoked = {clock_.wall_now(), actor, reason};
    for (auto& session : live) {
        if (session.grant != id) continue;
        session.phase = proxy::SessionPhase::ending;
        session.cause = policy::EndCause::grant_revoked;
    }
    changed();
    co_return countdown(*grant);
}

Awaitable<Result<store::GrantCountdown>> FakeControl::extend(GrantId id, Duration by, std::string actor) {
    if (auto error = called("extend " + id.text() + " by " + actor + ": " + format_duration(by))) {
        co_return *error;
    }
    policy::Grant* grant = find(id);
    if (grant == nullptr) co_return Error{ErrorCode::not_found, "There is no grant '" + id.text() + "'"};
    if (grant->revoked || grant->window.ends_at <= clock_.wall_now()) {
        co_return Error{ErrorCode::conflict, "Grant '" + id.text() + "' is over; give a new one"};
    }
    grant->window.ends_at += std::chrono::floor<WallInstant::duration>(by);
    for (auto& session : live) {
        if (session.grant == id) session.remaining += by;
    }
    changed();
    co_return countdown(*grant);
}

Awaitable<Result<std::vector<store::GrantCountdown>>> FakeControl::grants(bool include_over) {
    if (auto error = called(include_over ? "grants all" : "grants")) co_return *error;
    std::vector<store::GrantCountdown> list;
    for (const auto& grant : all_grants) {
        const auto one = countdown(grant);
        const auto state = one.state();
        const bool over = state == policy::GrantState::ended || state == policy::GrantState::revoked;
        if (include_over || !over) list.push_back(one);
    }
    co_return list;
}

Awaitable<std::vector<proxy::SessionView>> FakeControl::sessions() {
    (void)called("sessions");
    co_return live;
}

Awaitable<Result<std::vector<store::SessionRecord>>> FakeControl::past_sessions(std::size_t limit) {
    if (auto error = called("past_sessions " + std::to_string(limit))) co_return *error;
    co_return std::vector<store::SessionRecord>{
        past.begin(), past.begin() + static_cast<std::ptrdiff_t>(std::min(limit, past.size()))};
}

Awaitable<Result<void>> FakeControl::kill(SessionId id, std::string actor) {
    if (auto error = called("kill " + id.text() + " by " + actor)) co_return *error;
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

void FakeControl::changed() {
    ++changes_;
    for (auto* wait : waits_)
        wait->cancel();
}

}  // namespace curfew::test

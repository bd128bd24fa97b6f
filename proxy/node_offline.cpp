// What a node does on the word of approvers while no store answers.
#include <utility>

#include "base/log.hpp"
#include "proxy/node_impl.hpp"

namespace curfew::proxy {

Awaitable<Result<OfflineTaken>> Node::Impl::take_offline(std::string text, std::string actor,
                                                         OfflineTrial trial) {
    const auto hold = co_await changing.hold();
    Result<OfflineGrants::Taken> taken =
        Error{ErrorCode::conflict,
              "the store answers, so nothing signed offline is taken: ask for access as usual, or break the "
              "glass"};
    const bool only_look = trial == OfflineTrial::only_look;
    if (draining || !started) {
        taken = Error{ErrorCode::unavailable, "this node is starting or shutting down"};
    } else if (only_look || !store_healthy) {
        taken = offline.take(text, actor, trial, *setup);
    }
    if (!taken) {
        if (!only_look) offline.refused(actor, taken.error());
        co_return taken.error();
    }
    if (only_look) {
        if (store_healthy) {
            taken->told.remarks.emplace_back(
                "the store answers: while it does, nothing that was signed offline is taken");
        }
        co_return std::move(taken->told);
    }
    book.add_offline(std::move(taken->live));
    co_await publish(clock.boot_now());
    co_return std::move(taken->told);
}

Awaitable<Result<store::GrantCountdown>> Node::Impl::revoke_offline(GrantId id, std::string actor,
                                                                    std::string reason) {
    const auto hold = co_await changing.hold();
    auto revoked = offline.revoke(id, actor, reason);
    if (!revoked) co_return revoked;
    book.remove(id);
    co_await publish(clock.boot_now());
    co_return revoked;
}

Awaitable<Result<void>> Node::Impl::start_offline_session(store::SessionRecord session) {
    if (store_healthy && offline.is_entered(session.grant)) {
        store::SessionRecord copy = session;
        const Result<void> told = co_await store.session_started(std::move(copy));
        if (told || told.error().code != ErrorCode::unavailable) co_return told;
    }
    co_return offline.session_started(std::move(session));
}

Awaitable<Result<void>> Node::Impl::enter_offline() {
    bool any = false;
    std::function<void(const store::GrantCountdown&)> entered = [this,
                                                                 &any](const store::GrantCountdown& grant) {
        book.entered(grant);
        any = true;
    };
    const auto in_use = setup;
    auto entering = offline.enter(store, in_use, std::move(entered));
    Result<void> done = co_await std::move(entering);
    if (any && options.request_entered) options.request_entered();
    co_return done;
}

Awaitable<void> Node::Impl::watch_inbox() {
    OfflineInbox::Take take = [this](std::string text, std::string name) {
        return take_offline(std::move(text), "file " + name, OfflineTrial::take);
    };
    const std::string directory = config->offline_grants->directory;  // as long as this runs
    auto watching = inbox.run(directory, std::move(take));
    const Result<void> watched = co_await std::move(watching);
    if (!watched) {
        log::error("offline_grant.not_watching",
                   {{"directory", directory}, {"error", watched.error().message}});
    }
}

Awaitable<OfflineStatus> Node::offline_grants() {
    const auto impl = impl_;
    co_return impl->offline.status(*impl->config, impl->store_healthy);
}

Awaitable<Result<OfflineTaken>> Node::take_offline_grant(std::string text, std::string actor,
                                                         OfflineTrial trial) {
    return impl_->take_offline(std::move(text), std::move(actor), trial);
}

Awaitable<Result<store::GrantCountdown>> Node::revoke_offline_grant(GrantId id, std::string actor,
                                                                    std::string reason) {
    return impl_->revoke_offline(std::move(id), std::move(actor), std::move(reason));
}

}  // namespace curfew::proxy

#include "api/remote_node.hpp"

namespace curfew::api {
namespace {

// A coroutine, so that `question` is put on the thread that runs it, and not on the one that makes it.
template <class T, class Question>
Awaitable<T> put(proxy::Control& control, Question question) {
    Awaitable<T> answering = question(control);
    T answer = co_await std::move(answering);
    co_return answer;
}

}  // namespace

Awaitable<Result<store::GrantCountdown>> RemoteNode::grant(store::NewGrant grant) {
    auto question = [grant = std::move(grant)](proxy::Control& control) { return control.grant(grant); };
    return proxy::run_on(executor_, put<Result<store::GrantCountdown>>(control_, std::move(question)));
}

Awaitable<Result<store::GrantCountdown>> RemoteNode::extend(GrantId id, Duration by, Actor actor) {
    auto question = [id = std::move(id), by, actor = std::move(actor)](proxy::Control& control) {
        return control.extend(id, by, actor);
    };
    return proxy::run_on(executor_, put<Result<store::GrantCountdown>>(control_, std::move(question)));
}

Awaitable<std::vector<proxy::SessionView>> RemoteNode::sessions() {
    auto question = [](proxy::Control& control) { return control.sessions(); };
    return proxy::run_on(executor_, put<std::vector<proxy::SessionView>>(control_, std::move(question)));
}

Awaitable<Result<void>> RemoteNode::kill(SessionId id, Actor actor) {
    auto question = [id = std::move(id), actor = std::move(actor)](proxy::Control& control) {
        return control.kill(id, actor);
    };
    return proxy::run_on(executor_, put<Result<void>>(control_, std::move(question)));
}

Awaitable<proxy::NodeStatus> RemoteNode::status() {
    auto question = [](proxy::Control& control) { return control.status(); };
    return proxy::run_on(executor_, put<proxy::NodeStatus>(control_, std::move(question)));
}

Awaitable<Result<proxy::Diagnosis>> RemoteNode::diagnose(std::string resource) {
    auto question = [resource = std::move(resource)](proxy::Control& control) {
        return control.diagnose(resource);
    };
    return proxy::run_on(executor_, put<Result<proxy::Diagnosis>>(control_, std::move(question)));
}

Awaitable<Result<void>> RemoteNode::reload(std::string actor) {
    auto question = [actor = std::move(actor)](proxy::Control& control) { return control.reload(actor); };
    return proxy::run_on(executor_, put<Result<void>>(control_, std::move(question)));
}

Awaitable<proxy::OfflineStatus> RemoteNode::offline_grants() {
    auto question = [](proxy::Control& control) { return control.offline_grants(); };
    return proxy::run_on(executor_, put<proxy::OfflineStatus>(control_, std::move(question)));
}

Awaitable<Result<proxy::OfflineTaken>> RemoteNode::take_offline_grant(std::string text, std::string actor,
                                                                      proxy::OfflineTrial trial) {
    auto question = [text = std::move(text), actor = std::move(actor), trial](proxy::Control& control) {
        return control.take_offline_grant(text, actor, trial);
    };
    return proxy::run_on(executor_, put<Result<proxy::OfflineTaken>>(control_, std::move(question)));
}

Awaitable<Result<store::GrantCountdown>> RemoteNode::revoke_offline_grant(GrantId id, std::string actor,
                                                                          std::string reason) {
    auto question = [id = std::move(id), actor = std::move(actor), reason = std::move(reason)](
                        proxy::Control& control) { return control.revoke_offline_grant(id, actor, reason); };
    return proxy::run_on(executor_, put<Result<store::GrantCountdown>>(control_, std::move(question)));
}

}  // namespace curfew::api

#include "api/remote_workflow.hpp"

#include "proxy/run_on.hpp"

namespace curfew::api {
namespace {

// A coroutine, so that `question` is put on the thread that runs it, and not on the one that makes it.
template <class T, class Asked, class Question>
Awaitable<T> put(Asked& asked, Question question) {
    Awaitable<T> answering = question(asked);
    T answer = co_await std::move(answering);
    co_return answer;
}

// The same for what is answered at once.
template <class T, class Asked, class Question>
Awaitable<T> read(Asked& asked, Question question) {
    co_return question(asked);
}

Awaitable<Result<workflow::CommandAccess>> let_in(proxy::CommandDesk& commands, workflow::Desk& desk,
                                                  Actor user, std::string resource) {
    auto letting = commands.let_in(user.name, std::move(resource));
    const auto grant = co_await std::move(letting);
    if (!grant) co_return grant.error();
    auto opening = desk.open_command_access(*grant, std::move(user));
    auto access = co_await std::move(opening);
    co_return access;
}

}  // namespace

workflow::Person person_of(const identity::Principal& principal) {
    return {principal.user.empty() ? principal.recorded_as : principal.user, principal.is_administrator,
            principal.claimed_groups, principal.from};
}

Awaitable<RemoteWorkflow::RequestAnswer> RemoteWorkflow::submit(std::string resource, policy::Wish wish,
                                                                policy::GroupNames claimed_groups,
                                                                std::string from) {
    auto question = [resource = std::move(resource), wish = std::move(wish),
                     claimed_groups = std::move(claimed_groups), from = std::move(from)](
                        workflow::Desk& desk) { return desk.submit(resource, wish, claimed_groups, from); };
    return proxy::run_on(executor_, put<RequestAnswer>(desk_, std::move(question)));
}

Awaitable<RemoteWorkflow::RequestAnswer> RemoteWorkflow::review(policy::RequestId id,
                                                                policy::event::Reviewed review,
                                                                policy::GroupNames claimed_groups,
                                                                std::string from) {
    auto question = [id = std::move(id), review = std::move(review),
                     claimed_groups = std::move(claimed_groups), from = std::move(from)](
                        workflow::Desk& desk) { return desk.review(id, review, claimed_groups, from); };
    return proxy::run_on(executor_, put<RequestAnswer>(desk_, std::move(question)));
}

Awaitable<RemoteWorkflow::RequestAnswer> RemoteWorkflow::revoke(policy::RequestId id, workflow::Person by,
                                                                std::string comment) {
    auto question = [id = std::move(id), by = std::move(by), comment = std::move(comment)](
                        workflow::Desk& desk) { return desk.revoke(id, by, comment); };
    return proxy::run_on(executor_, put<RequestAnswer>(desk_, std::move(question)));
}

Awaitable<Result<store::GrantCountdown>> RemoteWorkflow::revoke_grant(GrantId id, workflow::Person by,
                                                                      std::string reason) {
    auto question = [id = std::move(id), by = std::move(by), reason = std::move(reason)](
                        workflow::Desk& desk) { return desk.revoke_grant(id, by, reason); };
    return proxy::run_on(executor_, put<Result<store::GrantCountdown>>(desk_, std::move(question)));
}

Awaitable<RemoteWorkflow::RequestAnswer> RemoteWorkflow::find(policy::RequestId id, workflow::Person viewer) {
    auto question = [id = std::move(id), viewer = std::move(viewer)](workflow::Desk& desk) {
        return desk.find(id, viewer);
    };
    return proxy::run_on(executor_, put<RequestAnswer>(desk_, std::move(question)));
}

Awaitable<Result<workflow::RequestViews>> RemoteWorkflow::list(workflow::RequestQuery query, store::Page page,
                                                               workflow::Person viewer) {
    auto question = [query = std::move(query), page = std::move(page), viewer = std::move(viewer)](
                        workflow::Desk& desk) { return desk.list(query, page, viewer); };
    return proxy::run_on(executor_, put<Result<workflow::RequestViews>>(desk_, std::move(question)));
}

Awaitable<Result<workflow::GrantCredential>> RemoteWorkflow::issue_credential(policy::RequestId id,
                                                                              Actor requester) {
    auto question = [id = std::move(id), requester = std::move(requester)](workflow::Desk& desk) {
        return desk.issue_credential(id, requester);
    };
    return proxy::run_on(executor_, put<Result<workflow::GrantCredential>>(desk_, std::move(question)));
}

Awaitable<Result<workflow::CommandAccess>> RemoteWorkflow::open_command_access(Actor user,
                                                                               std::string resource) {
    if (commands_ == nullptr) co_return Error{ErrorCode::forbidden, "Nobody connects here by command"};
    auto question = [commands = commands_, user, resource = std::move(resource)](workflow::Desk& desk) {
        return let_in(*commands, desk, user, resource);
    };
    using Answer = Result<workflow::CommandAccess>;
    auto asking = proxy::run_on(executor_, put<Answer>(desk_, std::move(question)));
    Answer answer = co_await std::move(asking);
    co_return answer;
}

Awaitable<workflow::RulebookPtr> RemoteWorkflow::rulebook() {
    auto question = [](const workflow::Registry& registry) { return registry.rulebook(); };
    return proxy::run_on(executor_, read<workflow::RulebookPtr>(registry_, std::move(question)));
}

Awaitable<std::vector<workflow::ObjectView>> RemoteWorkflow::objects(config::ObjectKind kind) {
    auto question = [kind](const workflow::Registry& registry) { return registry.list(kind); };
    return proxy::run_on(executor_, read<std::vector<workflow::ObjectView>>(registry_, std::move(question)));
}

Awaitable<std::optional<workflow::ObjectView>> RemoteWorkflow::find_object(config::ObjectName name) {
    auto question = [name = std::move(name)](const workflow::Registry& registry) {
        return registry.find(name);
    };
    return proxy::run_on(executor_,
                         read<std::optional<workflow::ObjectView>>(registry_, std::move(question)));
}

Awaitable<Result<workflow::ObjectView>> RemoteWorkflow::put_object(config::ObjectName name,
                                                                   std::string document,
                                                                   std::optional<std::uint64_t> expected,
                                                                   Actor by) {
    auto question = [name = std::move(name), document = std::move(document), expected, by = std::move(by)](
                        workflow::Registry& registry) { return registry.put(name, document, expected, by); };
    return proxy::run_on(executor_, put<Result<workflow::ObjectView>>(registry_, std::move(question)));
}

Awaitable<Result<workflow::ObjectView>> RemoteWorkflow::replace_object(config::ObjectName name,
                                                                       std::string document,
                                                                       std::optional<std::uint64_t> expected,
                                                                       Actor by) {
    auto question = [name = std::move(name), document = std::move(document), expected,
                     by = std::move(by)](workflow::Registry& registry) {
        return registry.replace(name, document, expected, by);
    };
    return proxy::run_on(executor_, put<Result<workflow::ObjectView>>(registry_, std::move(question)));
}

Awaitable<Result<void>> RemoteWorkflow::remove_object(config::ObjectName name,
                                                      std::optional<std::uint64_t> expected, Actor by) {
    auto question = [name = std::move(name), expected, by = std::move(by)](workflow::Registry& registry) {
        return registry.remove(name, expected, by);
    };
    return proxy::run_on(executor_, put<Result<void>>(registry_, std::move(question)));
}

}  // namespace curfew::api

// The desk and the registry, as the API's thread reaches them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/http_types.hpp"
#include "base/actor.hpp"
#include "base/result.hpp"
#include "identity/principal.hpp"
#include "proxy/command_desk.hpp"
#include "workflow/desk.hpp"
#include "workflow/registry.hpp"

namespace curfew::api {

// Asks workflow::Desk and workflow::Registry on the control thread, and resumes on the caller's. Each
// function does what theirs of that name does; cancellation does not reach it. Both must outlive what is
// asked.
class RemoteWorkflow {
public:
    // `executor`: the control thread's.
    // `commands`: nullptr where nobody's commands are approved one by one.
    RemoteWorkflow(boost::asio::any_io_executor executor, workflow::Desk& desk, workflow::Registry& registry,
                   proxy::CommandDesk* commands)
        : executor_{std::move(executor)}, desk_{desk}, registry_{registry}, commands_{commands} {}

    using RequestAnswer = Result<workflow::RequestView>;
    Awaitable<RequestAnswer> submit(std::string resource, policy::Wish wish,
                                    policy::GroupNames claimed_groups, std::string from);
    Awaitable<RequestAnswer> review(policy::RequestId id, policy::event::Reviewed review,
                                    policy::GroupNames claimed_groups, std::string from);
    Awaitable<RequestAnswer> revoke(policy::RequestId id, workflow::Person by, std::string comment);
    Awaitable<Result<store::GrantCountdown>> revoke_grant(GrantId id, workflow::Person by,
                                                          std::string reason);
    Awaitable<RequestAnswer> find(policy::RequestId id, workflow::Person viewer);
    Awaitable<Result<workflow::RequestViews>> list(workflow::RequestQuery query, store::Page page,
                                                   workflow::Person viewer);
    Awaitable<Result<workflow::GrantCredential>> issue_credential(policy::RequestId id, Actor requester);

    // Lets them connect to have their commands approved one by one, and gives them a secret for it, as
    // Desk::open_command_access does. forbidden: no rule lets them ask for commands there.
    Awaitable<Result<workflow::CommandAccess>> open_command_access(Actor user, std::string resource);

    // What everything is judged by at this moment: immutable, to be read here.
    Awaitable<workflow::RulebookPtr> rulebook();

    Awaitable<std::vector<workflow::ObjectView>> objects(config::ObjectKind kind);
    Awaitable<std::optional<workflow::ObjectView>> find_object(config::ObjectName name);
    Awaitable<Result<workflow::ObjectView>> put_object(config::ObjectName name, std::string document,
                                                       std::optional<std::uint64_t> expected, Actor by);
    Awaitable<Result<workflow::ObjectView>> replace_object(config::ObjectName name, std::string document,
                                                           std::optional<std::uint64_t> expected, Actor by);
    Awaitable<Result<void>> remove_object(config::ObjectName name, std::optional<std::uint64_t> expected,
                                          Actor by);

private:
    boost::asio::any_io_executor executor_;
    workflow::Desk& desk_;
    workflow::Registry& registry_;
    proxy::CommandDesk* commands_;
};

// Who asks, as the desk knows people.
workflow::Person person_of(const identity::Principal& principal);

}  // namespace curfew::api

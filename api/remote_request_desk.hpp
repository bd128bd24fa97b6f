// The desk, as people who act in Slack reach it: the same as those of the page.
#pragma once

#include "api/remote_workflow.hpp"
#include "notify/slack/request_desk.hpp"

namespace curfew::api {

class RemoteRequestDesk final : public notify::slack::RequestDesk {
public:
    // Outlives it.
    explicit RemoteRequestDesk(RemoteWorkflow& workflow) : workflow_{workflow} {}

    Awaitable<Answer> find(RequestId id, identity::Principal viewer) override;
    Awaitable<Answer> review(RequestId id, policy::event::Reviewed review, identity::Principal by) override;
    Awaitable<Answer> revoke(RequestId id, identity::Principal by, std::string comment) override;
    Awaitable<Result<workflow::RequestViews>> list(workflow::RequestQuery query, std::size_t most,
                                                   identity::Principal viewer) override;

private:
    RemoteWorkflow& workflow_;
};

}  // namespace curfew::api

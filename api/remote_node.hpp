// The node, as the API's threads reach it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "api/http_types.hpp"
#include "base/actor.hpp"
#include "base/result.hpp"
#include "proxy/control.hpp"
#include "proxy/run_on.hpp"
#include "store/store.hpp"

namespace curfew::api {

// Asks proxy::Control on the control thread, and resumes on the caller's. Each function does what Control's
// of that name does; cancellation does not reach it. `control` must outlive what is asked.
class RemoteNode {
public:
    // `executor`: the control thread's.
    RemoteNode(boost::asio::any_io_executor executor, proxy::Control& control)
        : executor_{std::move(executor)}, control_{control} {}

    Awaitable<Result<store::GrantCountdown>> grant(store::NewGrant grant);
    Awaitable<Result<store::GrantCountdown>> extend(GrantId id, Duration by, Actor actor);
    Awaitable<std::vector<proxy::SessionView>> sessions();
    Awaitable<Result<void>> kill(SessionId id, Actor actor);
    Awaitable<proxy::NodeStatus> status();
    Awaitable<Result<proxy::Diagnosis>> diagnose(std::string resource);
    Awaitable<Result<void>> reload(std::string actor);
    Awaitable<proxy::OfflineStatus> offline_grants();
    Awaitable<Result<proxy::OfflineTaken>> take_offline_grant(std::string text, std::string actor,
                                                              proxy::OfflineTrial trial);
    Awaitable<Result<store::GrantCountdown>> revoke_offline_grant(GrantId id, std::string actor,
                                                                  std::string reason);

private:
    boost::asio::any_io_executor executor_;
    proxy::Control& control_;
};

}  // namespace curfew::api

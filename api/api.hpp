// The API: every operation that is served, and the way of a request to its operation. docs/api.md and
// openapi.yaml describe it to its users.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>
#include <vector>

#include "api/api_parts.hpp"
#include "api/change_feed.hpp"
#include "api/fleet_sessions.hpp"
#include "api/gate.hpp"
#include "api/http_types.hpp"
#include "api/idempotency.hpp"
#include "api/live_sessions.hpp"
#include "api/operations.hpp"
#include "api/page.hpp"
#include "api/recording_shelf.hpp"
#include "api/remote_node.hpp"
#include "api/remote_request_desk.hpp"
#include "api/remote_workflow.hpp"
#include "api/request_feed.hpp"
#include "api/router.hpp"
#include "config/notifiers.hpp"
#include "notify/slack/reception.hpp"

namespace curfew::api {

struct ApiSettings {
    std::string node;                         // this one's name
    std::string public_url;                   // as config::Api's
    std::string people_address;               // where people reach it, for links; empty: nowhere
    Authenticate authenticate;                // absent: only the Unix socket's peers can prove who they are
    IdentifyLocal identify_local;             // absent: those are administrators, and no users of Curfew
    DisplayName display_name;                 // absent: nobody has one
    notify::slack::KnownPeople known_people;  // absent functions: nobody in Slack is anybody here
    std::vector<config::Notifier> notifiers;  // at the beginning; use_notifiers() tells of others
    EventTiming events;
    RecordingPlace recordings;  // absent storage: there are none here
    Page page;                  // as it was built in, unless another is given
};

// Belongs to the thread of `executor`. `parts` outlive it, and it must outlive the requests that it answers.
class Api {
public:
    Api(const boost::asio::any_io_executor& executor, const boost::asio::any_io_executor& control_executor,
        const ApiParts& parts, ApiSettings settings);

    void start();
    // To be awaited once no request is under way any more.
    Awaitable<void> stop();
    // Who is told from now on; those in Slack may call and be connected to.
    void use_notifiers(const std::vector<config::Notifier>& notifiers) { slack_.use(notifiers); }

    Awaitable<Reply> handle(Request request, Peer peer);

    // What it serves, below api_prefix.
    std::vector<Route> routes() const { return router_.routes(); }

private:
    Awaitable<Reply> respond(Request request, Peer peer);

    const Gate gate_;
    const Page page_;
    const Idempotency idempotency_;
    RemoteNode node_;
    RemoteWorkflow workflow_;
    ChangeFeed feed_;
    FleetSessions fleet_;
    LiveSessions sessions_;
    RequestFeed request_feed_;
    RemoteRequestDesk request_desk_;
    RecordingShelf recordings_;
    const std::vector<config::Notifier> first_notifiers_;
    notify::slack::Reception slack_;
    Router router_;
};

}  // namespace curfew::api

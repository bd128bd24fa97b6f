// What the operations of the API have in common, and the functions that add them to a router. What these are
// given must outlive the router.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/client_events.hpp"
#include "api/fleet_sessions.hpp"
#include "api/gate.hpp"
#include "api/http_types.hpp"
#include "api/remote_node.hpp"
#include "api/remote_workflow.hpp"
#include "api/router.hpp"
#include "audit/signing_key.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace curfew::notify::slack {
class Reception;
}

namespace curfew::api {

inline constexpr std::string_view api_prefix = "/api/v1";

class RecordingShelf;  // recording_shelf.hpp
struct SignInParts;    // sign_in_answers.hpp

Response json_response(http::status status, const boost::json::object& body);

// A change that somebody asked for was made: `admin.grant_revoked` …
void log_done(std::string_view event, const std::string& actor, std::string_view target,
              std::string_view detail = "");
// It was not: logs `admin.refused`, and is the answer.
Response refused(std::string_view what, const std::string& actor, std::string_view target,
                 const Error& error);

// What somebody is told of a request that there is not, or that they may not see.
Error no_such_request(std::string_view id);
// Why who comes by the Unix socket, and is no user of Curfew, may not do what one has to be somebody for:
// only users `what`. nullopt: they are a user.
std::optional<Error> why_nobody(const Principal& principal, std::string_view what);

// Where people reach this server, as far as it knows.
struct PublicPlaces {
    std::string public_url;      // what the configuration says; may be empty
    std::string people_address;  // what links begin with; empty: there can be none
};

void add_request_operations(Router& router, RemoteWorkflow& workflow, PublicPlaces places);
// What people log in with, by a request or to have their commands approved one by one.
void add_credential_operations(Router& router, RemoteWorkflow& workflow, RemoteNode& node,
                               PublicPlaces places);
// The catalogue, and the explanation of rules.
void add_catalogue_operations(Router& router, RemoteWorkflow& workflow, RemoteNode& node,
                              PublicPlaces places);
void add_grant_operations(Router& router, RemoteNode& node, RemoteWorkflow& workflow,
                          store::GrantStore& store);
void add_session_operations(Router& router, FleetSessions& fleet, const Clock& clock);
// What was: past sessions, the timeline, the audit trail.
void add_history_operations(Router& router, store::Store& store);
// What recordings are read with.
struct RecordingParts {
    RecordingShelf& shelf;
    store::Store& store;
    const Gate& gate;  // who follows is asked for again while they follow
    const Clock& clock;
    boost::asio::any_io_executor executor;
    std::string own;  // this node's name
    Duration longest_silence{};
};
void add_recording_operations(Router& router, const RecordingParts& parts);
// Who had what and what it was used for, and what somebody can do without having asked.
void add_access_review_operations(Router& router, RemoteWorkflow& workflow, RemoteNode& node,
                                  store::Store& store);
// `store`: which nodes there are.
void add_node_operations(Router& router, RemoteNode& node, store::NodeStore& store);
// What auditors' documents are signed with.
struct AuditParts {
    store::Store& store;
    const Clock& clock;
    const audit::SigningKey* key;  // nullptr: there is none
    std::string node;
};
void add_audit_operations(Router& router, const AuditParts& parts);
// Notifications on their way, for administrators.
void add_notification_operations(Router& router, store::DeliveryStore& store);
// Grants that approvers signed while no store answers.
void add_offline_operations(Router& router, RemoteNode& node);
// Gives the name that people read of a user; empty: there is none.
using DisplayName = std::function<std::string(std::string_view user)>;
// Signing in and out, one's own password, and links to choose one by.
void add_sign_in_operations(Router& router, const SignInParts& parts);
void add_provider_operations(Router& router, const SignInParts& parts);
// Personal access tokens. `clock`: for what is asked for now.
void add_token_operations(Router& router, RemoteWorkflow& workflow, store::PeopleStore& people,
                          const Clock& clock);
// Users, groups, resources and rules: list, create, get, replace, remove.
void add_object_operations(Router& router, RemoteWorkflow& workflow, store::PeopleStore& people);
// One's own accounts in a chat.
void add_chat_account_operations(Router& router, store::Store& store, const Clock& clock);
// What Slack calls. `reception` outlives the router's use.
void add_slack_operations(Router& router, notify::slack::Reception& reception);
// What needs nothing but who asks, and the document. `display_name` may be empty.
void add_own_operations(Router& router, DisplayName display_name);
// `gate`: who is watching is asked for again while they watch.
void add_event_operations(Router& router, const EventSources& sources, const Gate& gate, const Clock& clock);

}  // namespace curfew::api

// What the operations of the API have in common, and the functions that add them to a router. What these are
// given must outlive the router.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "api/client_events.hpp"
#include "api/fleet_sessions.hpp"
#include "api/gate.hpp"
#include "api/http_types.hpp"
#include "api/remote_node.hpp"
#include "api/remote_workflow.hpp"
#include "api/router.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace curfew::api {

inline constexpr std::string_view api_prefix = "/api/v1";

struct SignInParts;  // sign_in_answers.hpp

Response json_response(http::status status, const boost::json::object& body);

// A change that somebody asked for was made: `admin.grant_revoked` …
void log_done(std::string_view event, const std::string& actor, std::string_view target,
              std::string_view detail = "");
// It was not: logs `admin.refused`, and is the answer.
Response refused(std::string_view what, const std::string& actor, std::string_view target,
                 const Error& error);

// Where people reach this server, as far as it knows.
struct PublicPlaces {
    std::string public_url;      // what the configuration says; may be empty
    std::string people_address;  // what links begin with; empty: there can be none
};

void add_request_operations(Router& router, RemoteWorkflow& workflow, RemoteNode& node, PublicPlaces places);
// The catalogue, and the explanation of rules.
void add_catalogue_operations(Router& router, RemoteWorkflow& workflow, RemoteNode& node,
                              PublicPlaces places);
void add_grant_operations(Router& router, RemoteNode& node, RemoteWorkflow& workflow,
                          store::GrantStore& store);
void add_session_operations(Router& router, FleetSessions& fleet, store::SessionStore& store,
                            const Clock& clock);
// `store`: which nodes there are.
void add_node_operations(Router& router, RemoteNode& node, store::NodeStore& store);
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
// What needs nothing but who asks, and the document. `display_name` may be empty.
void add_own_operations(Router& router, DisplayName display_name);
// `gate`: who is watching is asked for again while they watch.
void add_event_operations(Router& router, const EventSources& sources, const Gate& gate, const Clock& clock);

}  // namespace curfew::api

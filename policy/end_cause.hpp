// Why a session ends.
#pragma once

#include <optional>
#include <string_view>

namespace curfew::policy {

enum class EndCause {
    // The right to be there ended: these are torn down.
    grant_expired,     // its deadline came
    grant_revoked,     // somebody revoked the grant
    session_killed,    // an administrator killed this one session; the grant stands
    user_removed,      // the user left the configuration, or the group that the grant is for
    resource_removed,  // the resource left the configuration
    store_lost,  // revocations could not be heard: for store.max_staleness, or at all (on_store_loss: end)
    recording_failed,  // what is done in it could not be written down any more (recordings.on_failure: end)
    node_stopping,     // curfewd shuts down and drain_timeout passed
    node_crashed,      // found still live in the store by the next start
    // It ended by itself.
    client_closed,
    server_closed,
    failed,  // an I/O or protocol error on either side
};

// The word for it in the store, the log and metrics (`grant_expired`).
std::string_view to_string(EndCause cause);
std::optional<EndCause> parse_end_cause(std::string_view text);

// True where the session did not end by itself but was ended.
bool is_enforced(EndCause cause);

}  // namespace curfew::policy

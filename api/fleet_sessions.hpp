// The live sessions of all nodes that share the store, as this one's API shows them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/change_feed.hpp"
#include "api/http_types.hpp"
#include "api/remote_node.hpp"
#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "proxy/control.hpp"
#include "store/sessions.hpp"

namespace curfew::api {

// What became of the wish to end a session.
struct KillOutcome {
    std::string node;     // which has it
    bool heard = true;    // it is ending, or over; else its node has not said so yet
    std::string problem;  // for people; empty where it was heard
};

// Belongs to one thread; what it is given must outlive it.
class FleetSessions {
public:
    // `own`: this node's name.
    FleetSessions(RemoteNode& node, store::SessionStore& store, ChangeFeed& feed, const Clock& clock,
                  std::string own)
        : node_{node}, store_{store}, feed_{feed}, clock_{clock}, own_{std::move(own)} {}

    // This node's as they stand, and the others' as the store has them. Where that does not answer, this
    // node's alone.
    Awaitable<std::vector<proxy::SessionView>> list();

    // Ends the session on whatever node it is. Of another node's it is awaited for a few seconds that it
    // begins to end. not_found: there is none. unavailable: the store does not answer.
    Awaitable<Result<KillOutcome>> kill(SessionId id, Actor actor);

private:
    Awaitable<Result<KillOutcome>> kill_elsewhere(SessionId id, Actor actor, Error not_here);
    Awaitable<Result<KillOutcome>> await_end(SessionId id, std::string node);

    RemoteNode& node_;
    store::SessionStore& store_;
    ChangeFeed& feed_;
    const Clock& clock_;
    const std::string own_;
};

}  // namespace curfew::api

// What the desk needs of the node that acts on what was decided.
#pragma once

#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "store/awaitable.hpp"
#include "store/grants.hpp"

namespace curfew::workflow {

template <class T>
using Awaitable = store::Awaitable<T>;

// Awaited on the control thread.
class Enforcement {
public:
    virtual ~Enforcement() = default;

    // These grants were given, extended or revoked, as the store has them now. Returns once every session
    // that lost its right was told to end, and every deadline that moved has.
    virtual Awaitable<void> grants_changed(std::vector<store::GrantCountdown> grants) = 0;
    // What was told of grants may not be so any more: all that the store has are read, and take its place.
    // Returns as grants_changed does. unavailable: they could not be.
    virtual Awaitable<Result<void>> read_grants_anew() = 0;
    // Somebody wants this session to end, wherever it is. Nothing happens where it is not here.
    virtual Awaitable<void> session_kill_asked(SessionId id, std::string by) = 0;
    // Sessions of some node began or ended.
    virtual void sessions_changed() = 0;
    // Runs under this configuration from here on, or says why it cannot and goes on as before. Sessions whose
    // right it removes are told to end before this returns.
    virtual Awaitable<Result<void>> use(config::Config config) = 0;
};

}  // namespace curfew::workflow

// What a client is told of the command that it waited for. Pure.
#pragma once

#include <string>

#include "base/result.hpp"
#include "policy/request.hpp"
#include "proxy/command_desk.hpp"

namespace curfew::workflow {

// Of a request that will not be APPROVED any more: by whom, why, and what to do next.
proxy::CommandDesk::Answer refusal_of(const policy::Request& request);
// The store did not take it that the command runs, or could not be asked: nothing runs then.
proxy::CommandDesk::Answer refusal_for(const Error& error);
// Nobody waits for it any more: `why`.
proxy::CommandDesk::Answer refusal_of_withdrawn(const std::string& why);

}  // namespace curfew::workflow

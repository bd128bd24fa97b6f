// A preview that somebody is to see who decides.
#pragma once

#include <string>

#include "policy/command.hpp"
#include "policy/preview.hpp"

namespace curfew::workflow {

struct PreviewWanted {
    policy::PreviewMode mode = policy::PreviewMode::explain;  // not off
    std::string user;                                         // who asks; canonical name
    std::string resource;
    policy::Command command;
};

}  // namespace curfew::workflow

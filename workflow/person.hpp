// Who asks something of the desk.
#pragma once

#include <string>

#include "base/actor.hpp"
#include "policy/rule.hpp"

namespace curfew::workflow {

struct Person {
    std::string name;  // any of the person's names; of somebody who is no user, what they are recorded as
    // An administrator whatever the groups say: the operating system let them in as one.
    bool is_administrator = false;
    // What the sign-in provider claims of them at this moment, as far as it counts, whatever it said last:
    // they act as a member of these groups beside the configuration's, and of no others.
    policy::GroupNames claimed_groups = {};
    std::string from = {};  // as Actor's

    Actor actor() const { return {name, from}; }
};

}  // namespace curfew::workflow

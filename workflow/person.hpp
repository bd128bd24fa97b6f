// Who asks something of the desk.
#pragma once

#include <string>

namespace curfew::workflow {

struct Person {
    std::string name;  // any of the person's names; of somebody who is no user, what they are recorded as
    // An administrator whatever the groups say: the operating system let them in as one.
    bool is_administrator = false;
};

}  // namespace curfew::workflow

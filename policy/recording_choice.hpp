// How much of a session is to be written down.
#pragma once

#include "policy/grant.hpp"
#include "policy/recording_mode.hpp"
#include "policy/terms.hpp"

namespace curfew::policy {

// Of the resource's own choice and of those of the rules that the grant was approved under, the one that
// writes down most. Where one of these rules is there no more, or it is not known which they were, all rules
// that cover the resource count. Of a grant for commands, all rules for commands that cover it do. A
// grant that was given by hand has none. `target`: the grant's resource.
RecordingMode recording_of(const Grant& grant, RecordingMode of_resource, const Target& target,
                           const Rules& rules);

}  // namespace curfew::policy

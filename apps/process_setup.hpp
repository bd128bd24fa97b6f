// What curfewd changes about its own process before it does anything else.
#pragma once

namespace curfew::apps {

// No file that it creates is open to others (umask 077); no secret can reach a core dump or a debugger of the
// same user (not dumpable, RLIMIT_CORE 0); as many descriptors as the hard limit allows; a peer that is gone
// is an error of a write, not a SIGPIPE. Call before any thread exists. What the system refuses is logged at
// level debug and does not stop anything.
void set_up_process();

}  // namespace curfew::apps

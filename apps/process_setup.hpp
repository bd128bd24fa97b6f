// What curfewd changes about its own process before it does anything else.
#pragma once

namespace curfew::apps {

// No file that it creates is open to others (umask 077); no secret can reach a core dump or a debugger of the
// same user (not dumpable, RLIMIT_CORE 0); as many descriptors as the hard limit allows; a peer that is gone
// is an error of a write, not a SIGPIPE; libpq is told nothing by the environment. Call before any thread
// exists. What the system refuses is logged at level debug and does not stop anything.
void set_up_process();

// Keeps what asks a process to stop (SIGTERM, SIGINT, SIGHUP) waiting on this thread and those that it
// starts, while nobody is there to hear it and something would be left behind.
void hold_stop_signals();
void release_stop_signals();

}  // namespace curfew::apps

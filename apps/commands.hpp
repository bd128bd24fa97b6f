// curfewd's command line.
#pragma once

namespace curfew::apps {

// Returns the exit code: 0 done, 1 failed, 2 wrong usage. Never throws.
int run(int argc, const char* const* argv);

}  // namespace curfew::apps

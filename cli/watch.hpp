// `curfew sessions --watch`: the live list, counted down where it is shown.
#pragma once

#include <string>
#include <vector>

#include "cli/output.hpp"
#include "cli/session_row.hpp"

namespace curfew::cli {

// On a terminal: a screen that is drawn anew at each change and each second, and given back as it was on
// Ctrl-C, SIGTERM and errors; while curfewd is away it counts on and tries again. Elsewhere: one line a
// change, or with
// --json one JSON document a change; ends where the stream ends. Ctrl-C and SIGTERM end it with ExitCode::ok.
ExitCode watch_sessions(const Context& context);

// One picture of the watch: what is drawn at `now` on a terminal of that size. `trouble`: why the list may be
// old; empty while connected.
std::string draw_watch(const std::vector<SessionRow>& rows, const std::string& trouble, BootInstant now,
                       const std::string& time_of_day, const Terminal& terminal);

// `1:29:59`, `04:05`, `-00:02`: to the second, so that it is seen to move.
std::string format_countdown(Duration left);

// How much of `total` is left, as a bar of `width` characters.
std::string bar(Duration left, Duration total, std::size_t width, bool utf8);

}  // namespace curfew::cli

// `curfew replay`: what was done in a session, at the pace at which it was, or at once.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "cli/output.hpp"
#include "recording/entry.hpp"

namespace curfew::cli {

struct ReplayOptions {
    std::string session;  // empty: `file`
    std::string file;
    double speed = 1;
    bool speed_given = false;
    Duration max_pause = std::chrono::seconds{2};
    bool no_wait = false;
    bool follow = false;
    std::string format;  // of an export: asciicast, sql, ndjson, file; empty: none
    std::string output;  // a file for that; empty: standard output
};

// Ends with ExitCode::failed where what was read turned out to be changed or damaged.
ExitCode replay(const Context& context, const ReplayOptions& options);

// How long to wait between two entries.
Duration pause_between(recording::Offset before, recording::Offset now, double speed, Duration at_most);

}  // namespace curfew::cli

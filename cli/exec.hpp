// `curfew exec`: one script, approved as it stands and run once, without a live session.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/output.hpp"

namespace curfew::cli {

struct ExecOptions {
    std::string resource;
    std::optional<std::string> sql;  // the script itself
    std::string file;                // else where it stands; empty or `-`: standard input
    std::string database;            // empty: the resource's default
    std::string length;              // how long it may run; empty: what the rules say
    std::string reason;
    bool wait = true;
};

// The script as it would be run: `text` without a byte-order mark, as psql takes it. usage: nothing to run,
// not UTF-8, a NUL byte in it, or longer than anybody is asked to read. `source`: `The script`, a file's
// name.
Outcome<std::string> checked_script(std::string_view text, std::string_view source);

// Asks, waits until it was run, and prints what came of it. command_failed: PostgreSQL reported an error;
// outcome_unknown: nobody saw its end; not_approved: it came to nothing.
ExitCode execute(const Context& context, const ExecOptions& options);

}  // namespace curfew::cli

// What every command shares: where it prints, and how it says things.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "cli/api_client.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal.hpp"

namespace curfew::cli {

struct Context {
    ApiClient client;
    Terminal terminal;      // standard output
    Terminal err_terminal;  // standard error
    bool json = false;      // print what the API sends, as it sends it
    std::ostream& out;
    std::ostream& err;
};

// One thing that there is to know of something, in a line of its own: `  since      2026-11-24 …`.
void print_fact(const Context& context, std::string_view name, std::string_view value);

// `a, b`; `none` where there are none.
std::string joined(const std::vector<std::string>& values, std::string_view none = "none");

// Tells a person what went wrong, on standard error, and gives the code to exit with.
ExitCode report(const Context& context, const Failure& failure);

// What is left, in its two largest units: `1h59m`, `4m05s`, `45s`; `-3s` while overstaying.
std::string format_left(Duration left);
// How pressing that is: green, yellow below five minutes, red below one.
Style style_of_left(Duration left);

// An instant in a table, in the reader's zone. On a terminal only as much of it as is needed: the time of day
// today, the day and the minute otherwise. Elsewhere all of it, as format_local writes it.
std::string format_instant(const Terminal& terminal, const std::optional<WallInstant>& instant,
                           WallInstant now);

// `812 B`, `3.4 MB`: powers of 1000.
std::string format_bytes(std::uint64_t bytes);

}  // namespace curfew::cli

// A few lines at the bottom of a terminal that change in place while something is waited for.
#pragma once

#include <chrono>
#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/terminal.hpp"

namespace curfew::cli {

struct StatusLine {
    std::string text;
    Style style = Style::plain;

    bool operator==(const StatusLine&) const = default;
};

// What turns in front of the first line: another character each tick.
std::string spinner_frame(std::size_t tick, bool utf8);
inline constexpr std::chrono::milliseconds spinner_tick{120};

// The escapes that draw `lines` where `before` lines were drawn the last time: each cut at the terminal's
// width, so that none takes two rows; the cursor stays on the last.
std::string draw_status(const std::vector<StatusLine>& lines, std::size_t before, const Terminal& terminal);

// Draws on a terminal. Elsewhere it says the lines that are new, each once. Wiped, or left complete, when it
// goes.
class StatusBlock {
public:
    StatusBlock(std::ostream& out, const Terminal& terminal) : out_{out}, terminal_{terminal} {}
    ~StatusBlock() { clear(); }
    StatusBlock(const StatusBlock&) = delete;
    StatusBlock& operator=(const StatusBlock&) = delete;

    // `lines`, behind a spinner on a terminal. `countdown`: shown behind the first on a terminal only, where
    // it may change each second.
    void show(std::vector<StatusLine> lines, const std::string& countdown = "");
    void clear();

private:
    std::ostream& out_;
    const Terminal& terminal_;
    std::size_t drawn_ = 0;
    std::size_t tick_ = 0;
    std::vector<StatusLine> said_;
};

}  // namespace curfew::cli

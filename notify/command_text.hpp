// A command, and what came of it, as text in a message. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "policy/command.hpp"

namespace curfew::notify {

// What would run, so that nothing of it is hidden: SQL as printable_code has it, below each statement its
// values (`$1 = 5`, `$2 = NULL`, `$3 = \x00ff (binary)`), and an empty line between statements.
struct CommandText {
    std::string text;
    bool is_whole = true;  // false: only the beginning is there. Nobody decides by that
};
// At most `most` bytes and `most_lines` lines, cut at a line's end, or within the first line at a
// character's.
CommandText text_of(const policy::Command& command, std::size_t most, std::size_t most_lines);

// The first lines of what PostgreSQL said, printable, with an ellipsis where more follows. In bytes.
std::string lines_of(std::string_view text, std::size_t most);

// `a script`, `a command`.
std::string kind_of(const policy::Command& command);

// On one line: `succeeded: UPDATE 1, INSERT 0 2`, `failed: 23505: duplicate key …`.
std::string text_of(const policy::CommandResult& result);

}  // namespace curfew::notify

// What stands in a recording, for people: on one line each, without anything that could act on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "recording/entry.hpp"

namespace curfew::recording {

// `'O''Brien'`, `NULL`, `\x0102` (binary, in hexadecimal digits), `(redacted)`; long ones are cut after
// `limit` bytes, with an ellipsis.
std::string text_of(const Value& value, std::size_t limit = 1000);

// `$1 = '42', $2 = NULL`; empty if there are none.
std::string text_of_parameters(const std::vector<Value>& parameters);

// `750 us`, `3.2 ms`, `12.5 s`.
std::string text_of_time(Offset took);

// `ERROR 42P01: relation "x" does not exist`, with detail and hint where there are any.
std::string text_of(const entry::Failed& failed);

// `INSERT 0 1`, `SELECT 3 (3 rows, 2 of them recorded)`.
std::string text_of(const entry::Completed& completed, policy::RecordingMode mode);

// The lines of `text`, each printable, tabs as blanks. A last line that is empty is none.
std::vector<std::string> printable_lines_of(std::string_view text);

}  // namespace curfew::recording

// Statements told apart by PostgreSQL's own parser (libpg_query), never by looking at their text.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sql/statement.hpp"

namespace curfew::sql {

// The parser calls itself for each level of nesting, and a level is two bytes at least: longer texts could
// use up a thread's stack.
inline constexpr std::size_t longest_parsed = 8 * 1024;

// The statements of a simple Query, or the one of a Parse, in their order; none: there is nothing but space
// and comments. The server must read strings as the parser does: standard_conforming_strings on, and UTF-8 or
// another encoding in which no byte of a longer character is ASCII. invalid: longer than longest_parsed, not
// UTF-8, nested some hundred levels deep, or no SQL, and where. Thread-safe.
Result<std::vector<Statement>> parse(std::string_view text);

}  // namespace curfew::sql

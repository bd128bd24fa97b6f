// A command that is asked for, in words: what would run, as whoever decides about it has to see it.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output.hpp"

namespace curfew::cli {

// Whether it asks for a command; otherwise it is for access.
bool is_for_command(const boost::json::value& request);

// Whether that is a script, which needs no session.
bool is_script(const boost::json::value& request);

// `a command`, `a script`, `a function call`.
std::string command_kind(const boost::json::value& request);

// Text of others, line by line, each behind a bar: nothing in it passes for a line of Curfew's. Lines that
// the terminal is too narrow for go on behind another bar.
std::vector<std::string> barred_lines(std::string_view text, const Terminal& terminal);

// A value of a statement: `$1 = '5'`, `$2 = NULL`, `$3 = \x00ff (binary)`.
std::string parameter_text(std::size_t number, const boost::json::value& parameter);

// All of what would run: where, for whom, why it needs approval, and each statement with its values.
void print_command(const Context& context, const boost::json::value& request);

// The statements in one line, for a column; empty where it asks for no command.
std::string command_in_one_line(const boost::json::value& request);

// Of those requests that ask for a command and are PENDING: how each begins, and where to see the rest.
void print_waiting_commands(const Context& context, const boost::json::array& requests);

}  // namespace curfew::cli

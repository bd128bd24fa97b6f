// What came of a command that was run.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

// Of a request's `command_result`: `succeeded`, `failed: 42P01: relation "x" does not exist`; empty where
// there is none.
std::string outcome_text(const boost::json::value& result);

// Prints what it answered as psql would: rows and tags on standard output; notices, the error, and what is
// not known or not kept, on standard error.
void print_output(const Context& context, const boost::json::value& result);

}  // namespace curfew::cli

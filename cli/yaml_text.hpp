// The configuration file's form: YAML, for what administrators read, edit and keep.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "cli/exit_code.hpp"

namespace curfew::cli {

// Block style, two blanks a level; short lists of words in one line. parse_yaml reads it back as it was.
std::string to_yaml(const boost::json::object& document);

// What `text` says, every scalar as text but for those settings that are numbers or yes and no. usage: it is
// no YAML, or nothing that a configuration file could hold.
Outcome<boost::json::value> parse_yaml(std::string_view text);

}  // namespace curfew::cli

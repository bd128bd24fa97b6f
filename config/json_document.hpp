// JSON as the same plain data that YAML gives, for the same readers.
#pragma once

#include <string_view>
#include <variant>

#include "config/document.hpp"

namespace curfew::config {

// Reads one JSON text within the bounds of parse_document. Nothing in it has a place. Of keys given twice the
// last counts.
std::variant<DocumentNode, Problem> parse_json_document(std::string_view text);

}  // namespace curfew::config

// A YAML document as plain data: every value with its place, nothing lost and nothing interpreted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/problem.hpp"

namespace curfew::config {

// yaml-cpp's own Node drops duplicate keys and forgets what was quoted; both matter here.
struct DocumentNode {
    enum class Kind { nothing, text, list, map };
    struct Entry;

    Kind kind = Kind::nothing;
    Place place;
    std::string text;                 // Kind::text
    bool quoted = false;              // Kind::text: `"5432"` is text, not a number
    std::vector<DocumentNode> items;  // Kind::list
    std::vector<Entry> entries;       // Kind::map, in the order of the file, duplicates included
};

struct DocumentNode::Entry {
    std::string key;
    Place place;  // of the key
    DocumentNode value;
};

// Bounds on what is read before anything in it is believed.
inline constexpr std::size_t largest_file = std::size_t{1} << 20U;  // bytes
inline constexpr int deepest_nesting = 16;
inline constexpr std::size_t most_values =
    100'000;  // after aliases have been replaced by what they stand for

// Reads one document. UTF-8 only; anchors and aliases are followed, tags and merge keys are not part of this
// format. An empty document is Kind::nothing. The Problem's file is left empty.
std::variant<DocumentNode, Problem> parse_document(std::string_view text);

}  // namespace curfew::config

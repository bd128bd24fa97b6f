#include "config/json_document.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string>

namespace curfew::config {
namespace {

namespace json = boost::json;

DocumentNode text_node(std::string text, bool quoted) {
    DocumentNode node;
    node.kind = DocumentNode::Kind::text;
    node.text = std::move(text);
    node.quoted = quoted;
    return node;
}

DocumentNode to_node(const json::value& value) {
    if (value.is_string()) return text_node(std::string{value.get_string()}, true);
    DocumentNode node;
    if (value.is_array()) {
        node.kind = DocumentNode::Kind::list;
        for (const auto& item : value.get_array())
            node.items.push_back(to_node(item));
    } else if (value.is_object()) {
        node.kind = DocumentNode::Kind::map;
        for (const auto& member : value.get_object())
            node.entries.push_back({std::string{member.key()}, {}, to_node(member.value())});
    } else if (!value.is_null()) {
        return text_node(json::serialize(value), false);
    }
    return node;
}

}  // namespace

std::variant<DocumentNode, Problem> parse_json_document(std::string_view text) {
    if (text.size() > largest_file) {
        return Problem{{}, 0, 0, {}, fmt::format("is larger than {} bytes", largest_file)};
    }
    json::parse_options options;
    options.max_depth = deepest_nesting;
    json::error_code error;
    const auto value = json::parse(text, error, {}, options);
    if (error) return Problem{{}, 0, 0, {}, "not valid JSON: " + error.message()};
    return to_node(value);
}

}  // namespace curfew::config

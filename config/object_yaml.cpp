#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "config/objects.hpp"

namespace curfew::config {
namespace {

namespace json = boost::json;

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view inside = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./@-";

// What YAML, of whichever version, takes for something else than text.
bool is_word_of_yaml(std::string_view text) {
    constexpr std::array<std::string_view, 9> not_plain{"true", "false", "null", "yes", "no",
                                                        "on",   "off",   "y",    "n"};
    std::string lower{text};
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::find(not_plain.begin(), not_plain.end(), lower) != not_plain.end();
}

// `8h`, `1h30m`: nothing that YAML takes for a number.
bool is_duration(std::string_view text) {
    return text.size() > 1 && text.front() >= '0' && text.front() <= '9' &&
           text.find_first_not_of("0123456789dhms") == std::string_view::npos &&
           text.find_first_of("hms") != std::string_view::npos;
}

// Plain where nobody can misread it, else in double quotes, whose escapes are those of JSON.
std::string scalar(std::string_view text) {
    const bool plain = !text.empty() &&
                       (letters.find(text.front()) != std::string_view::npos || text.front() == '/') &&
                       text.find_first_not_of(inside) == std::string_view::npos && !is_word_of_yaml(text);
    if (plain || is_duration(text)) return std::string{text};
    return json::serialize(json::string_view{text.data(), text.size()});
}

std::string scalar(const json::value& value) {
    if (value.is_string()) return scalar(std::string_view{value.get_string()});
    return json::serialize(value);
}

// On one line: `[a, b]`, of scalars.
std::string list(const json::array& array) {
    std::string text = "[";
    for (const auto& item : array)
        text += (text.size() > 1 ? ", " : "") + scalar(item);
    return text + "]";
}

void write_map(const json::object& object, std::size_t indent, std::string& text) {
    for (const auto& member : object) {
        text += std::string(indent, ' ') + scalar(std::string_view{member.key()}) + ":";
        const json::value& value = member.value();
        if (value.is_object() && !value.get_object().empty()) {
            text += "\n";
            write_map(value.get_object(), indent + 2, text);
        } else if (value.is_object()) {
            text += " {}\n";
        } else {
            text += " " + (value.is_array() ? list(value.get_array()) : scalar(value)) + "\n";
        }
    }
}

}  // namespace

std::string to_yaml(const std::vector<Object>& objects) {
    json::object sections;
    for (const auto kind : {ObjectKind::user, ObjectKind::group, ObjectKind::resource, ObjectKind::rule}) {
        json::object section;
        for (const auto& object : objects) {
            const auto name = name_of(object);
            if (name.kind == kind) section[name.name] = to_json(object);
        }
        if (!section.empty()) sections[section_of(kind)] = std::move(section);
    }
    std::string text;
    write_map(sections, 0, text);
    return text;
}

}  // namespace curfew::config

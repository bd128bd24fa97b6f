#include "cli/yaml_text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <cstdint>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_text = 1'048'576;
constexpr int deepest = 16;
constexpr std::size_t most_nodes = 200'000;
constexpr std::array numbers{"port", "min_approvals"};
constexpr std::array flags{"require_all_groups", "reason_required"};

bool is_plain_word(std::string_view text) {
    static constexpr std::array<std::string_view, 10> taken{"true", "false", "yes", "no", "on",
                                                            "off",  "null",  "y",   "n",  "~"};
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto inside = [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/' ||
               c == '@';
    };
    if (parse_duration(text)) return true;  // `4h` is no number
    if (text.empty() || text.size() > 60 || !(letter(text.front()) || text.front() == '/')) return false;
    if (!std::all_of(text.begin(), text.end(), inside)) return false;
    std::string lower{text};
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::find(taken.begin(), taken.end(), lower) == taken.end();
}

// JSON's strings are YAML's in double quotes.
std::string scalar(const json::value& value) {
    if (value.is_string() && is_plain_word(value.get_string())) return std::string{value.get_string()};
    return json::serialize(value);
}

bool is_scalar(const json::value& value) {
    return !value.is_object() && !value.is_array();
}

void write_members(std::string& out, const json::object& object, std::size_t indent);

void write_array(std::string& out, const json::array& array, std::size_t indent) {
    if (std::all_of(array.begin(), array.end(), is_scalar)) {
        std::string line;
        for (const auto& item : array)
            line += (line.empty() ? "" : ", ") + scalar(item);
        out += " [" + line + "]\n";
        return;
    }
    out += '\n';
    for (const auto& item : array)
        out += std::string(indent + 2, ' ') + "- " + json::serialize(item) + "\n";
}

void write_members(std::string& out, const json::object& object, std::size_t indent) {
    for (const auto& [name, value] : object) {
        out += std::string(indent, ' ') + scalar(json::string{name}) + ":";
        if (value.is_object() && value.get_object().empty()) {
            out += " {}\n";
        } else if (value.is_object()) {
            out += '\n';
            write_members(out, value.get_object(), indent + 2);
        } else if (value.is_array()) {
            write_array(out, value.get_array(), indent);
        } else {
            out += " " + scalar(value) + "\n";
        }
    }
}

class Reader {
public:
    json::value read(const YAML::Node& node, std::string_view key, int depth) {
        // An alias to an alias to an alias can stand for more than fits into memory.
        if (++nodes_ > most_nodes || depth > deepest)
            throw YAML::Exception(node.Mark(), "there is too much in it");
        if (node.IsMap()) return read_map(node, depth);
        if (node.IsSequence()) {
            json::array array;
            for (const auto& item : node)
                array.push_back(read(item, "", depth + 1));
            return array;
        }
        if (!node.IsScalar()) return nullptr;
        return read_scalar(node.Scalar(), key);
    }

private:
    json::object read_map(const YAML::Node& node, int depth) {
        json::object object;
        for (const auto& member : node) {
            const auto name = member.first.as<std::string>();
            if (object.contains(name)) {
                throw YAML::Exception(member.first.Mark(), "'" + printable(name) + "' stands there twice");
            }
            object[name] = read(member.second, name, depth + 1);
        }
        return object;
    }

    static json::value read_scalar(const std::string& text, std::string_view key) {
        if (std::find(numbers.begin(), numbers.end(), key) != numbers.end()) {
            std::int64_t number = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (error == std::errc{} && end == text.data() + text.size()) return number;
        }
        if (std::find(flags.begin(), flags.end(), key) != flags.end()) {
            if (text == "true" || text == "false") return text == "true";
        }
        return json::value(text);
    }

    std::size_t nodes_ = 0;
};

}  // namespace

std::string to_yaml(const json::object& document) {
    std::string out;
    write_members(out, document, 0);
    return out;
}

Outcome<json::value> parse_yaml(std::string_view text) {
    if (text.size() > longest_text) return Failure{ExitCode::usage, "The file is larger than 1 MiB"};
    try {
        return Reader{}.read(YAML::Load(std::string{text}), "", 0);
    } catch (const YAML::Exception& error) {
        return Failure{ExitCode::usage,
                       fmt::format("Line {}: {}", error.mark.line + 1, printable(error.msg))};
    }
}

}  // namespace curfew::cli

#include "config/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/byte_size.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"
#include "config/suggestion.hpp"

namespace curfew::config {
namespace {

std::string describe(const DocumentNode& node) {
    switch (node.kind) {
        case DocumentNode::Kind::nothing:
            return "nothing";
        case DocumentNode::Kind::text:
            return fmt::format("'{}'", printable(node.text, 80));
        case DocumentNode::Kind::list:
            return "a list";
        case DocumentNode::Kind::map:
            return "a mapping";
    }
    return "nothing";
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

std::string child(const std::string& parent, std::string_view key) {
    return parent.empty() ? std::string{key} : fmt::format("{}.{}", parent, key);
}

}  // namespace

Value::Value(Context& context, const DocumentNode& node, std::string key, Place place)
    : context_{&context}, node_{&node}, key_{std::move(key)}, place_{place} {
    context_->report.remember(key_, place_);
}

void Value::problem(std::string message) const {
    context_->report.add(place_, key_, std::move(message));
}

void Value::name_problem(std::string message) const {
    context_->report.add(place_, context_->live ? "name" : key_, std::move(message));
}

void Value::expected(std::string_view what) const {
    problem(fmt::format("expected {}, found {}", what, describe(*node_)));
}

std::optional<std::string> Value::text(std::size_t most, std::string_view what) const {
    if (node_->kind != DocumentNode::Kind::text || node_->text.empty()) {
        expected(what);
        return std::nullopt;
    }
    if (node_->text.size() > most) {
        problem(fmt::format("expected {} of at most {} bytes, found {}", what, most, node_->text.size()));
        return std::nullopt;
    }
    if (std::any_of(node_->text.begin(), node_->text.end(), is_control)) {
        problem(fmt::format("expected {} on one line, found a control character in it", what));
        return std::nullopt;
    }
    return node_->text;
}

std::optional<std::uint64_t> Value::number(std::uint64_t least, std::uint64_t most) const {
    const std::string& text = node_->text;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = node_->kind == DocumentNode::Kind::text && !node_->quoted && !text.empty() &&
                           error == std::errc{} && end == text.data() + text.size();
    if (!is_number || number < least || number > most) {
        expected(fmt::format("a number from {} to {}{}", least, most,
                             node_->quoted ? ", written without quotes" : ""));
        return std::nullopt;
    }
    return number;
}

std::optional<bool> Value::flag() const {
    if (node_->kind == DocumentNode::Kind::text && !node_->quoted) {
        if (node_->text == "true") return true;
        if (node_->text == "false") return false;
    }
    expected("true or false");
    return std::nullopt;
}

std::optional<std::size_t> Value::word(std::span<const std::string_view> words) const {
    const auto found = std::find(words.begin(), words.end(), node_->text);
    if (node_->kind == DocumentNode::Kind::text && found != words.end()) {
        return static_cast<std::size_t>(found - words.begin());
    }
    expected(fmt::format("one of {}", fmt::join(words, ", ")));
    return std::nullopt;
}

std::optional<std::uint64_t> Value::byte_size(std::uint64_t least, std::uint64_t most) const {
    if (node_->kind == DocumentNode::Kind::text) {
        const auto size = parse_byte_size(node_->text);
        if (size && *size >= least && *size <= most) return *size;
    }
    expected(
        fmt::format("a size from {} to {} (64KiB, 1MiB)", format_byte_size(least), format_byte_size(most)));
    return std::nullopt;
}

std::optional<Duration> Value::duration(Duration least, Duration most) const {
    if (node_->kind != DocumentNode::Kind::text) {
        expected("a duration such as 30s, 10m or 1h30m");
        return std::nullopt;
    }
    const auto parsed = parse_duration(node_->text);
    if (!parsed) {
        problem(printable(parsed.error().message));
        return std::nullopt;
    }
    if (*parsed < least || *parsed > most) {
        expected(fmt::format("a duration from {} to {}", format_duration(least), format_duration(most)));
        return std::nullopt;
    }
    return *parsed;
}

std::optional<std::vector<Value>> Value::list() const {
    if (node_->kind != DocumentNode::Kind::list) {
        expected("a list");
        return std::nullopt;
    }
    std::vector<Value> items;
    for (const DocumentNode& item : node_->items) {
        items.emplace_back(*context_, item, fmt::format("{}[{}]", key_, items.size()), item.place);
    }
    return items;
}

std::optional<Value::Members> Value::members() const {
    if (node_->kind != DocumentNode::Kind::map && !is_nothing()) {
        expected("a mapping");
        return std::nullopt;
    }
    Members members;
    std::map<std::string_view, int> first_lines;
    for (const auto& entry : node_->entries) {
        Value value{*context_, entry.value, child(key_, entry.key), entry.place};
        const auto [first, is_new] = first_lines.try_emplace(entry.key, entry.place.line);
        if (is_new) {
            members.emplace_back(entry.key, std::move(value));
        } else {
            value.problem(fmt::format("is given twice; the first is on line {}", first->second));
        }
    }
    return members;
}

Section::Section(const Value& value, const KnownSection& known)
    : value_{value}, readable_{value.node().kind == DocumentNode::Kind::map || value.is_nothing()} {
    if (readable_) {
        check_keys(known);
    } else {
        // What was found is not quoted: a secret may stand here by mistake (`role: name:password`).
        value_.problem(fmt::format("expected a mapping, found {}",
                                   value.node().kind == DocumentNode::Kind::list ? "a list" : "text"));
    }
}

void Section::check_keys(const KnownSection& known) const {
    std::map<std::string_view, int> first_lines;
    for (const auto& entry : value_.node().entries) {
        const Value value{value_.context(), entry.value, child(value_.key(), entry.key), entry.place};
        const auto [first, is_new] = first_lines.try_emplace(entry.key, entry.place.line);
        if (!is_new) {
            value.problem(fmt::format("is given twice; the first is on line {}", first->second));
        } else if (std::find(known.keys.begin(), known.keys.end(), entry.key) == known.keys.end()) {
            const auto guess = did_you_mean(entry.key, known.keys);
            value.problem(guess.empty()
                              ? fmt::format("unknown key; known here: {}", fmt::join(known.keys, ", "))
                              : "unknown key" + guess);
        }
    }
}

std::optional<Value> Section::find(std::string_view key) const {
    for (const auto& entry : value_.node().entries) {
        if (entry.key == key) {
            return Value{value_.context(), entry.value, child(value_.key(), key), entry.place};
        }
    }
    return std::nullopt;
}

std::optional<Value> Section::require(std::string_view key) const {
    auto value = find(key);
    if (!value && readable_) value_.problem(fmt::format("the key '{}' is missing", key));
    return value;
}

}  // namespace curfew::config

#include "recording/texts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace curfew::recording {
namespace {

std::string with_blanks_for_tabs(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char byte : text) {
        if (byte == '\t')
            result += "    ";
        else
            result += byte;
    }
    return result;
}

std::string quoted_for_people(const Value& value, std::size_t limit) {
    std::string doubled;
    for (const char byte : std::string_view{value.bytes}.substr(0, limit)) {
        if (byte == '\'') doubled += '\'';
        doubled += byte;
    }
    return "'" + printable(doubled, doubled.size()) + "'";
}

std::string hexadecimal(const Value& value, std::size_t limit) {
    std::string digits = "\\x";
    for (const char byte : std::string_view{value.bytes}.substr(0, limit))
        digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    return digits;
}

}  // namespace

std::string text_of(const Value& value, std::size_t limit) {
    if (value.form == Value::Form::null) return "NULL";
    if (value.form == Value::Form::redacted) return "(redacted)";
    std::string text =
        value.form == Value::Form::binary ? hexadecimal(value, limit) : quoted_for_people(value, limit);
    if (value.bytes.size() > limit || value.size > value.bytes.size())
        text += fmt::format("… ({} bytes)", value.size);
    return text;
}

std::string text_of_parameters(const std::vector<Value>& parameters) {
    std::string text;
    for (std::size_t index = 0; index < parameters.size(); ++index)
        text += fmt::format("{}${} = {}", index == 0 ? "" : ", ", index + 1, text_of(parameters[index]));
    return text;
}

std::string text_of_time(Offset took) {
    const auto microseconds = static_cast<double>(took.count());
    if (microseconds < 1000) return fmt::format("{} us", took.count());
    if (microseconds < 1'000'000) return fmt::format("{:.1f} ms", microseconds / 1000);
    return fmt::format("{:.1f} s", microseconds / 1'000'000);
}

std::string text_of(const entry::Failed& failed) {
    std::string text = fmt::format("{} {}: {}", failed.severity, failed.sqlstate, failed.message);
    if (!failed.detail.empty()) text += "; detail: " + failed.detail;
    if (!failed.hint.empty()) text += "; hint: " + failed.hint;
    return printable(text, 4000);
}

std::string text_of(const entry::Completed& completed, policy::RecordingMode mode) {
    std::string text = completed.tag.empty() ? "an empty query" : printable(completed.tag);
    if (completed.suspended) text = "suspended, with more rows to come";
    if (completed.rows == 0) return text;
    text += fmt::format(" ({} {}", completed.rows, completed.rows == 1 ? "row" : "rows");
    const bool some_missing = mode == policy::RecordingMode::full && completed.rows_kept < completed.rows;
    if (some_missing) text += fmt::format(", {} of them recorded", completed.rows_kept);
    return text + ")";
}

std::vector<std::string> printable_lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(text.size(), end == std::string_view::npos ? text.size() : end + 1));
        if (line.ends_with('\r')) line.remove_suffix(1);
        const std::string plain = with_blanks_for_tabs(line);
        lines.push_back(printable(plain, plain.size()));
    }
    return lines;
}

}  // namespace curfew::recording

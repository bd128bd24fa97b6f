#include "execution/script_answer.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace curfew::execution {
namespace {

constexpr std::size_t longest_tag = 200;
constexpr std::size_t longest_message = 2000;

std::string as_utf8(std::string_view text) {
    return is_utf8(text) ? std::string{text} : printable_lines(text, text.size());
}

// `line 3, column 8` of a position in characters from 1.
std::string place_in(std::string_view script, int position) {
    int line = 1;
    int column = 0;
    int character = 0;
    for (const char byte : script) {
        const bool begins_character = (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
        if (!begins_character) continue;
        ++column;
        if (++character == position) break;
        if (byte == '\n') {
            ++line;
            column = 0;
        }
    }
    return fmt::format("line {}, column {}", line, column);
}

}  // namespace

bool ScriptAnswer::take(std::size_t bytes) {
    if (result_.cut || kept_ + bytes > policy::CommandResult::longest_output) {
        result_.cut = true;
        return false;
    }
    kept_ += bytes;
    return true;
}

policy::CommandResult::Part& ScriptAnswer::present() {
    if (!std::exchange(part_began_, true)) part_is_kept_ = take(statement_cost);
    return part_;
}

void ScriptAnswer::columns(std::span<const std::string_view> names) {
    policy::CommandResult::Part& part = present();
    std::size_t cost = 0;
    for (const std::string_view name : names)
        cost += name.size() + value_cost;
    if (!take(cost)) return;
    for (const std::string_view name : names)
        part.columns.push_back(as_utf8(name));
}

void ScriptAnswer::row(std::span<const Value> values) {
    policy::CommandResult::Part& part = present();
    ++part.rows_in_all;
    std::size_t cost = value_cost;
    for (const Value& value : values)
        cost += value_cost + (value ? value->size() : 0);
    if (!take(cost)) return;
    auto& kept = part.rows.emplace_back();
    kept.reserve(values.size());
    for (const Value& value : values)
        kept.push_back(value ? std::optional{as_utf8(*value)} : std::nullopt);
}

// A line is shown as a row of one column.
void ScriptAnswer::copied(std::string_view data) {
    policy::CommandResult::Part& part = present();
    ++part.rows_in_all;
    if (data.ends_with('\n')) data.remove_suffix(1);
    if (!take(data.size() + 2 * value_cost)) return;
    if (part.columns.empty()) part.columns.emplace_back("COPY");
    part.rows.push_back({as_utf8(data)});
}

void ScriptAnswer::completed(std::string_view tag) {
    policy::CommandResult::Part& part = present();
    part.tag = printable(tag, longest_tag);
    if (part_is_kept_) result_.parts.push_back(std::move(part));
    part_ = {};
    part_began_ = false;
}

void ScriptAnswer::failed(const pq::ScriptError& error) {
    if (part_began_ && part_is_kept_) result_.parts.push_back(std::move(part_));
    part_ = {};
    part_began_ = false;
    backend_ended_ = error.severity != "ERROR";
    result_.sqlstate = error.sqlstate;
    result_.message = describe(error);
}

void ScriptAnswer::noticed(std::string_view severity, std::string_view message) {
    if (!take(severity.size() + message.size() + 2 * value_cost)) return;
    result_.notices.push_back(fmt::format("{}:  {}", severity, as_utf8(message)));
}

std::string ScriptAnswer::describe(const pq::ScriptError& error) const {
    std::string text = printable_lines(error.message, longest_message);
    if (error.position > 0) text += fmt::format(" ({})", place_in(script_, error.position));
    if (!error.detail.empty()) text += "\nDETAIL:  " + printable_lines(error.detail, longest_message);
    if (!error.hint.empty()) text += "\nHINT:  " + printable_lines(error.hint, longest_message);
    return text;
}

policy::CommandResult ScriptAnswer::when_over(WallInstant now) && {
    using Outcome = policy::CommandResult::Outcome;
    result_.outcome = result_.sqlstate.empty() ? Outcome::succeeded : Outcome::failed;
    result_.ended_at = now;
    return std::move(result_);
}

policy::CommandResult ScriptAnswer::when_lost(std::string_view why, WallInstant now) && {
    // After an error nothing of a script is run any more.
    if (!result_.sqlstate.empty() && !backend_ended_) return std::move(*this).when_over(now);
    if (part_began_ && part_is_kept_) result_.parts.push_back(std::move(part_));
    result_.outcome = policy::CommandResult::Outcome::unknown;
    const std::string cause = result_.message.empty() ? std::string{why} : std::move(result_.message);
    result_.message =
        cause +
        "\nThe script's end was not seen. What it had not committed was undone; whether its last "
        "COMMIT was done is not known.";
    result_.ended_at = now;
    return std::move(result_);
}

}  // namespace curfew::execution

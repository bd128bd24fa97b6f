#include "notify/command_text.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/text.hpp"

namespace curfew::notify {
namespace {

constexpr std::size_t longest_message = 500;
constexpr std::size_t longest_tag = 60;
constexpr std::size_t most_tags = 10;

// Takes lines as long as there is room for them.
class Lines {
public:
    Lines(std::size_t most, std::size_t most_lines) : most_{most}, lines_left_{most_lines} {}

    void add(std::string_view line) {
        if (!text_.is_whole) return;
        const std::size_t size = line.size() + (is_first_ ? 0 : 1);
        if (lines_left_ == 0 || text_.text.size() + size > most_) {
            text_.is_whole = false;
            if (is_first_) text_.text = beginning(line);
            return;
        }
        if (!is_first_) text_.text += '\n';
        is_first_ = false;
        text_.text += line;
        --lines_left_;
    }
    void add_all(std::string_view text) {
        while (true) {
            const auto end = text.find('\n');
            add(text.substr(0, end));
            if (end == std::string_view::npos) return;
            text.remove_prefix(end + 1);
        }
    }
    bool is_full() const { return !text_.is_whole; }
    CommandText text() && { return std::move(text_); }

private:
    std::string beginning(std::string_view line) const {
        std::size_t end = most_;
        while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U)
            --end;
        return std::string{line.substr(0, end)};
    }

    const std::size_t most_;
    std::size_t lines_left_;
    bool is_first_ = true;
    CommandText text_;
};

std::string value_of(const policy::Command::Parameter& parameter, std::size_t most) {
    if (!parameter.value) return "NULL";
    // What is longer than all that there is room for need not be looked at.
    std::string text = printable_code(std::string_view{*parameter.value}.substr(0, most + 1));
    return parameter.binary ? text + " (binary)" : text;
}

}  // namespace

CommandText text_of(const policy::Command& command, std::size_t most, std::size_t most_lines) {
    Lines lines{most, most_lines};
    bool is_first = true;
    for (const policy::Command::Statement& statement : command.statements) {
        if (lines.is_full()) break;
        if (!is_first) lines.add({});
        is_first = false;
        lines.add_all(printable_code(std::string_view{statement.sql}.substr(0, most + 1)));
        for (std::size_t i = 0; i < statement.parameters.size() && !lines.is_full(); ++i)
            lines.add_all(fmt::format("${} = {}", i + 1, value_of(statement.parameters[i], most)));
    }
    CommandText text = std::move(lines).text();
    text.is_whole = text.is_whole && !command.brief;
    return text;
}

std::string lines_of(std::string_view text, std::size_t most) {
    constexpr std::string_view more = "\n…";
    Lines lines{most - more.size(), most};
    lines.add_all(printable_code(text.substr(0, most + 1)));
    CommandText begun = std::move(lines).text();
    return begun.is_whole ? begun.text : begun.text.append(more);
}

std::string kind_of(const policy::Command& command) {
    return command.form == policy::CommandForm::script ? "a script" : "a command";
}

std::string text_of(const policy::CommandResult& result) {
    std::string text{to_string(result.outcome)};
    if (result.outcome == policy::CommandResult::Outcome::succeeded) {
        std::size_t count = 0;
        for (const policy::CommandResult::Part& part : result.parts) {
            if (part.tag.empty()) continue;
            if (count == most_tags) return text + ", …";
            text += (count == 0 ? ": " : ", ") + printable(part.tag, longest_tag);
            ++count;
        }
        return text;
    }
    if (!result.sqlstate.empty()) text += ": " + printable(result.sqlstate, longest_tag);
    if (!result.message.empty()) text += ": " + printable(result.message, longest_message);
    return text;
}

}  // namespace curfew::notify

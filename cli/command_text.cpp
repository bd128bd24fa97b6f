#include "cli/command_text.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <ostream>

#include "base/counted.hpp"
#include "base/text.hpp"
#include "cli/json_access.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view line_bar = "  | ";
constexpr std::string_view rest_bar = "  : ";
constexpr std::size_t tab_stop = 8;
constexpr std::size_t narrowest = 20;      // a terminal that tells of less is not believed
constexpr std::size_t lines_in_lists = 5;  // of a command

const json::value& command_of(const json::value& request) {
    return member_of(request, "command");
}

// All of it, however long.
std::string_view whole_text(const json::value& object, std::string_view name) {
    const auto& member = member_of(object, name);
    return member.is_string() ? std::string_view{member.get_string()} : std::string_view{};
}

std::size_t width_of(std::string_view character) {
    return character == "\t" ? tab_stop : 1;
}

// The bytes of the first character.
std::size_t character_size(std::string_view text) {
    std::size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
        ++size;
    return size;
}

// As much of `line` as `width` columns take; one character at least.
std::string_view beginning_of(std::string_view line, std::size_t width) {
    std::size_t end = 0;
    std::size_t taken = 0;
    while (end < line.size()) {
        const auto size = character_size(line.substr(end));
        taken += width_of(line.substr(end, size));
        if (taken > width && end > 0) break;
        end += size;
    }
    return line.substr(0, end);
}

void add_line(std::string_view line, std::size_t width, std::vector<std::string>& lines) {
    auto mark = line_bar;
    do {
        const auto piece = beginning_of(line, width);
        lines.push_back(std::string{mark}.append(piece));
        line.remove_prefix(piece.size());
        mark = rest_bar;
    } while (!line.empty());
}

void print_barred(const Context& context, std::string_view text) {
    for (const auto& line : barred_lines(text, context.terminal))
        context.out << line << '\n';
}

std::string form_text(const json::value& command) {
    const auto form = text_of(command, "form");
    const auto session = text_of(command, "session");
    const std::string waits =
        session.empty() ? "" : fmt::format(" of session {}, which waits for it", session);
    if (form == "query") return "a query" + waits;
    if (form == "extended") return "statements with their values" + waits;
    if (form == "function") return "a function call" + waits;
    return form == "script" ? "a script, run by Curfew itself" : form + waits;
}

void print_parameters(const Context& context, const json::value& statement) {
    const auto& parameters = list_of(statement, "parameters");
    if (parameters.empty()) return;
    print_fact(context, "values",
               parameters.size() == 1 ? "$1" : fmt::format("$1 to ${}", parameters.size()));
    for (std::size_t i = 0; i < parameters.size(); ++i)
        print_barred(context, parameter_text(i + 1, parameters[i]));
}

void print_statements(const Context& context, const json::value& command) {
    const auto& statements = list_of(command, "statements");
    const bool function = text_of(command, "form") == "function";
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const auto which = statements.size() > 1 ? fmt::format("{} of {}", i + 1, statements.size())
                           : function            ? std::string{"by its object id"}
                                                 : std::string{"all of it"};
        print_fact(context, function ? "function" : "SQL", which);
        print_barred(context, whole_text(statements[i], "sql"));
        print_parameters(context, statements[i]);
    }
}

// For those who decide alone: to others, and in lists, there is none.
void print_preview(const Context& context, const json::value& command) {
    const auto& preview = member_of(command, "preview");
    if (preview.is_null()) return;
    const bool was_run = text_of(preview, "mode") == "dry_run";
    fmt::print(context.out, "  What PostgreSQL would do ({}):\n",
               was_run ? "dry run, rolled back" : "EXPLAIN");
    if (const auto text = whole_text(preview, "text"); !text.empty()) print_barred(context, text);
    if (flag_of(preview, "failed"))
        fmt::print(context.out, "  {}\n",
                   context.terminal.styled(Style::yellow, "Not all of that could be shown."));
}

// The statements one below the other, as far as they are there.
std::string text_of_all(const json::value& command) {
    std::string text;
    for (const auto& statement : list_of(command, "statements")) {
        if (!text.empty()) text += '\n';
        text += whole_text(statement, "sql");
    }
    return text;
}

// Of a list, which leaves out the end of what is long.
bool is_cut(const json::value& command) {
    return flag_of(command, "cut");
}

std::size_t count_of_values(const json::value& command) {
    std::size_t count = 0;
    for (const auto& statement : list_of(command, "statements"))
        count += list_of(statement, "parameters").size();
    return count;
}

// What the beginning of a command leaves out; empty: nothing.
std::string left_out(const json::value& command, std::size_t lines) {
    std::string text;
    if (is_cut(command)) {
        text = "more";
    } else if (lines > lines_in_lists) {
        text = counted(lines - lines_in_lists, "more line");
    }
    if (const auto values = count_of_values(command); values > 0)
        text += (text.empty() ? "" : ", and ") + counted(values, "value");
    return text;
}

void print_beginning(const Context& context, const json::value& request) {
    const auto& command = command_of(request);
    const auto id = text_of(request, "id");
    fmt::print(context.out, "\n{} would run on {}, database {}:\n", context.terminal.styled(Style::bold, id),
               text_of(request, "resource"), text_of(command, "database"));
    const auto lines = barred_lines(text_of_all(command), context.terminal);
    for (std::size_t i = 0; i < std::min(lines.size(), lines_in_lists); ++i)
        context.out << lines[i] << '\n';
    if (const auto rest = left_out(command, lines.size()); !rest.empty())
        fmt::print(context.out, "  {}: curfew show {} prints all\n", rest, id);
}

}  // namespace

bool is_for_command(const json::value& request) {
    return text_of(request, "type") == "command";
}

bool is_script(const json::value& request) {
    return text_of(command_of(request), "form") == "script";
}

std::string command_kind(const json::value& request) {
    if (is_script(request)) return "a script";
    return text_of(command_of(request), "form") == "function" ? "a function call" : "a command";
}

std::vector<std::string> barred_lines(std::string_view text, const Terminal& terminal) {
    const auto shown = printable_code(text);
    const auto columns = std::max(terminal.columns, narrowest);
    // The last column stays free: some terminals wrap as soon as it is written to.
    const auto width = terminal.is_terminal ? columns - line_bar.size() - 1 : std::string_view::npos;
    std::vector<std::string> lines;
    std::string_view rest = shown;
    while (true) {
        const auto end = rest.find('\n');
        add_line(rest.substr(0, end), width, lines);
        if (end == std::string_view::npos || end + 1 == rest.size()) return lines;
        rest.remove_prefix(end + 1);
    }
}

std::string parameter_text(std::size_t number, const json::value& parameter) {
    const auto& value = member_of(parameter, "value");
    if (!value.is_string()) return fmt::format("${} = NULL", number);
    const std::string_view text{value.get_string()};
    if (flag_of(parameter, "binary")) return fmt::format("${} = {} (binary)", number, text);
    std::string quoted;
    for (const char c : text)
        quoted.append(c == '\'' ? 2 : 1, c);
    return fmt::format("${} = '{}'", number, quoted);
}

void print_command(const Context& context, const json::value& request) {
    const auto& command = command_of(request);
    if (command.is_null()) return;
    print_fact(context, "form", form_text(command));
    print_fact(context, "database", text_of(command, "database"));
    const auto why = text_of(command, "why_asked");
    print_fact(context, "asked for", why.empty() ? "all of it needs approval" : why);
    print_statements(context, command);
    print_preview(context, command);
}

std::string command_in_one_line(const json::value& request) {
    const auto& command = command_of(request);
    if (command.is_null()) return {};
    const auto text = text_of_all(command);
    std::string line;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!blank) {
            line += c;
        } else if (!line.empty() && !line.ends_with(' ')) {
            line += ' ';
        }
    }
    while (line.ends_with(' '))
        line.pop_back();
    return printable_code(line) + (is_cut(command) ? "…" : "");
}

void print_waiting_commands(const Context& context, const json::array& requests) {
    for (const auto& request : requests) {
        const bool waits = text_of(request, "status") == "PENDING";
        if (waits && !command_of(request).is_null()) print_beginning(context, request);
    }
}

}  // namespace curfew::cli

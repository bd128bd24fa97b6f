#include "cli/command_result.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <array>
#include <limits>
#include <ostream>
#include <string_view>
#include <vector>

#include "base/counted.hpp"
#include "base/text.hpp"
#include "cli/json_access.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

constexpr auto all_of_it = std::numeric_limits<std::size_t>::max();

struct Line {
    std::vector<std::string> cells;
    std::vector<bool> nulls;
};

Line line_of(const json::value& row, std::size_t columns) {
    Line line{std::vector<std::string>(columns), std::vector<bool>(columns)};
    if (!row.is_array()) return line;
    const auto& values = row.get_array();
    for (std::size_t i = 0; i < std::min(columns, values.size()); ++i) {
        line.nulls[i] = !values[i].is_string();
        line.cells[i] = line.nulls[i] ? "NULL" : printable(values[i].get_string(), all_of_it);
    }
    return line;
}

void print_line(const Context& context, const Line& line, const std::vector<std::size_t>& widths,
                Style style) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const bool last = i + 1 == widths.size();
        context.out << (i == 0 ? " " : " | ")
                    << context.terminal.styled(line.nulls[i] ? Style::dim : style, line.cells[i]);
        if (!last) context.out << std::string(widths[i] - display_width(line.cells[i]), ' ');
    }
    context.out << '\n';
}

void print_rule(const Context& context, const std::vector<std::size_t>& widths) {
    for (std::size_t i = 0; i < widths.size(); ++i)
        context.out << (i == 0 ? "" : "+") << std::string(widths[i] + 2, '-');
    context.out << '\n';
}

void print_rows(const Context& context, const json::value& part) {
    const auto& columns = list_of(part, "columns");
    const auto& rows = list_of(part, "rows");
    std::vector<Line> lines{line_of(member_of(part, "columns"), columns.size())};
    for (const auto& row : rows)
        lines.push_back(line_of(row, columns.size()));
    std::vector<std::size_t> widths(columns.size());
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < widths.size(); ++i)
            widths[i] = std::max(widths[i], display_width(line.cells[i]));
    }
    print_line(context, lines.front(), widths, Style::bold);
    print_rule(context, widths);
    for (std::size_t i = 1; i < lines.size(); ++i)
        print_line(context, lines[i], widths, Style::plain);
    const auto in_all = static_cast<std::uint64_t>(number_of(part, "rows_in_all"));
    if (in_all > rows.size()) {
        fmt::print(context.out, "({} of {}; the others are not kept)\n\n", rows.size(),
                   counted(in_all, "row"));
    } else {
        fmt::print(context.out, "({})\n\n", counted(rows.size(), "row"));
    }
}

// Whether psql prints the tag behind rows: of what changed something.
bool tells_of_a_change(std::string_view tag) {
    static constexpr std::array<std::string_view, 4> changes{"INSERT", "UPDATE", "DELETE", "MERGE"};
    return std::any_of(changes.begin(), changes.end(),
                       [tag](std::string_view word) { return tag.starts_with(word); });
}

void print_part(const Context& context, const json::value& part) {
    const auto tag = text_of(part, "tag");
    const bool rows = !list_of(part, "columns").empty();
    if (rows) print_rows(context, part);
    if (!tag.empty() && (!rows || tells_of_a_change(tag))) context.out << tag << '\n';
}

std::string error_text(const json::value& result) {
    const auto code = text_of(result, "sqlstate");
    return code.empty() ? lines_of(result, "message") : code + ": " + lines_of(result, "message");
}

}  // namespace

std::string outcome_text(const json::value& result) {
    const auto outcome = text_of(result, "outcome");
    if (outcome == "failed") return "failed: " + error_text(result);
    if (outcome != "unknown") return outcome;
    const auto why = lines_of(result, "message");
    return "not known: it was handed to PostgreSQL, and its end was not seen" +
           (why.empty() ? "" : ": " + why);
}

void print_output(const Context& context, const json::value& result) {
    for (const auto& notice : list_of(result, "notices")) {
        if (notice.is_string()) context.err << printable_lines(notice.get_string(), all_of_it) << '\n';
    }
    for (const auto& part : list_of(result, "parts"))
        print_part(context, part);
    context.out << std::flush;
    const auto outcome = text_of(result, "outcome");
    if (outcome == "failed") fmt::print(context.err, "ERROR:  {}\n", error_text(result));
    if (outcome == "unknown") fmt::print(context.err, "curfew: the outcome is {}\n", outcome_text(result));
    if (flag_of(result, "cut")) context.err << "curfew: there was more output than is kept\n";
}

}  // namespace curfew::cli

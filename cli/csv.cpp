#include "cli/csv.hpp"

#include <algorithm>

namespace curfew::cli {
namespace {

bool looks_like_formula(std::string_view field) {
    constexpr std::string_view first{"=+-@\t\r"};
    return !field.empty() && first.find(field.front()) != std::string_view::npos;
}

bool is_number(std::string_view field) {
    return !field.empty() &&
           std::all_of(field.begin(), field.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void append_field(std::string& line, std::string_view field) {
    if (is_number(field)) {
        line += field;
        return;
    }
    line += '"';
    if (looks_like_formula(field)) line += '\'';
    for (const char c : field) {
        if (c == '"') line += '"';
        line += c;
    }
    line += '"';
}

}  // namespace

std::string csv_line(const std::vector<std::string>& fields) {
    std::string line;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i > 0) line += ',';
        append_field(line, fields[i]);
    }
    return line + "\r\n";
}

}  // namespace curfew::cli

// Comma-separated values (RFC 4180), for spreadsheets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace curfew::cli {

// One line with its CRLF. A field that a spreadsheet would take for a formula (it begins with = + - @, a tab
// or a carriage return) is given a ' in front, since others than the reader chose what it says.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace curfew::cli

// Finds passwords that stand in SQL.
#pragma once

#include <string_view>
#include <vector>

#include "recording/text_ranges.hpp"

namespace curfew::recording {

// Appends where in `sql` passwords stand: what follows a word that ends in `password` as a literal of any
// kind, as in CREATE ROLE … PASSWORD '…', OPTIONS (password '…') and SET x.password = '…'; and within
// literals, what follows `password=` in connection strings, the password of a URI, and statements that a
// function or DO makes. A literal without an end, such as one that was cut, reaches to the end. Finds too
// much rather than too little.
void find_passwords(std::string_view sql, std::vector<TextRange>& found);

}  // namespace curfew::recording

// Values in PostgreSQL's binary form, for people. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace curfew::proxy {

// As PostgreSQL itself would write it; nullopt where `type` (an object id) is none of the plain types whose
// form is known, or the value none of that type.
std::optional<std::string> text_of_binary(std::string_view value, std::uint32_t type);

// `\x` and two hexadecimal digits for each byte, as PostgreSQL writes bytea.
std::string hex_of(std::string_view bytes);

}  // namespace curfew::proxy

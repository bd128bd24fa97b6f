// What the texts of decisions have in common.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <utility>

#include "base/result.hpp"

namespace curfew::policy {

// How much of a name is shown: all of one that PostgreSQL would take (NAMEDATALEN - 1 bytes).
inline constexpr std::size_t longest_shown = 63;

template <class... Args>
Error make_error(ErrorCode code, fmt::format_string<Args...> text, Args&&... args) {
    return {code, fmt::format(text, std::forward<Args>(args)...)};
}

}  // namespace curfew::policy

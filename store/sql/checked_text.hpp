// What texts that come from outside may be, so that either database can hold them.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"

namespace curfew::store {

// invalid: `text` is empty, longer than `longest` bytes, no UTF-8, or has a NUL. `what` begins the sentence
// that says so.
Result<void> check_text(std::string_view what, std::string_view text, std::size_t longest);

}  // namespace curfew::store

// Pages of lists that are newest first, by the order in which rows were added.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "store/page.hpp"

namespace curfew::store {

// `seq` of a row.
using RowPlace = std::int64_t;

// Before which row the page begins. invalid: a cursor that is none, or a limit that is not 1 to `largest`.
Result<RowPlace> begin_of(const Page& page, std::size_t largest);
// The cursor of the page after a row.
std::string cursor_after(RowPlace place);

}  // namespace curfew::store

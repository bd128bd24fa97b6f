// Pages of lists that are newest first, by the order in which rows were added.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/page.hpp"

namespace curfew::store {

// `seq` of a row.
using RowPlace = std::int64_t;

// The last instant that a store can hold: for lists that no end was asked of.
inline constexpr WallInstant latest_instant{std::chrono::milliseconds{9'223'372'036'854}};

// Before which row the page begins. invalid: a cursor that is none, or a limit that is not 1 to `largest`.
Result<RowPlace> begin_of(const Page& page, std::size_t largest);
// The cursor of the page after a row.
std::string cursor_after(RowPlace place);

}  // namespace curfew::store

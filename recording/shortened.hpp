// Entries that are longer than a recording may keep.
#pragma once

#include <cstddef>

#include "recording/entry.hpp"

namespace curfew::recording {

// With `room` bytes of its statement, or of its values together; each says how long it was. Entries without
// either stay as they are.
Entry shortened(const Entry& entry, std::size_t room);

}  // namespace curfew::recording

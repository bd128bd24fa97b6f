// The audit trail of a store in a file, read by whoever verifies it: curfewd may run meanwhile.
#pragma once

#include <filesystem>
#include <functional>

#include "base/result.hpp"
#include "store/events.hpp"

namespace curfew::store {

// Gives every event to `found`, by number, as it stands in the file. The file is opened for reading alone and
// stays as it is. Errors: not_found: there is no such file; unavailable: it cannot be read, or is no store.
Result<void> read_trail(const std::filesystem::path& path,
                        const std::function<void(ListedEvent event)>& found);

}  // namespace curfew::store

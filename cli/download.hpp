// An answer that is as long as it is: handed on piece by piece, and never held as a whole.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/exit_code.hpp"
#include "cli/server.hpp"

namespace curfew::cli {

// Takes a piece; false ends it, with success: who takes it has enough, or has noted why it cannot go on.
using TakePiece = std::function<bool(std::string_view piece)>;

// GET of `target` below the API's beginning. Fails where the answer is no success, breaks off before its end,
// or stands still for half a minute.
Outcome<void> download(const Server& server, const std::string& target, const std::string& accept,
                       const TakePiece& take);

}  // namespace curfew::cli

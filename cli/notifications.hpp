// `curfew notifications`.
#pragma once

#include <string>

#include "cli/output.hpp"

namespace curfew::cli {

struct NotificationChoice {
    bool all = false;      // those that arrived, or were made moot, as well
    std::string notifier;  // empty: of every one
    std::string subject;   // empty: about anything
};

ExitCode list_notifications(const Context& context, const NotificationChoice& choice);
ExitCode retry_notification(const Context& context, const std::string& id);

}  // namespace curfew::cli

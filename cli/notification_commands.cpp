#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>

#include "cli/invocation.hpp"
#include "cli/notifications.hpp"

namespace curfew::cli {

void declare_notification_commands(CLI::App& app, Invocation& invocation) {
    struct Arguments {
        NotificationChoice choice;
        std::string id;
    };
    auto arguments = std::make_shared<Arguments>();
    auto* notifications = app.add_subcommand(
        "notifications", "List notifications that have not arrived: that wait, or were given up, and why");
    notifications->group(administration_group);
    notifications->require_subcommand(0, 1);
    notifications->add_flag("--all", arguments->choice.all, "Those that arrived, or were made moot, as well");
    notifications->add_option("--notifier", arguments->choice.notifier, "Those of this notifier alone");
    notifications->add_option("--about", arguments->choice.subject,
                              "Those about this request or grant alone");
    auto* retry = notifications->add_subcommand("retry", "Have one tried again that was given up");
    retry->add_option("NOTIFICATION", arguments->id, "Its identifier (d-…)")->required();
    notifications->callback([arguments, retry, &invocation] {
        invocation.command = [arguments, again = retry->parsed()](const Context& context) {
            return again ? retry_notification(context, arguments->id)
                         : list_notifications(context, arguments->choice);
        };
    });
}

}  // namespace curfew::cli

#include "cli/notifications.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json/value.hpp>
#include <ostream>

#include "base/clock.hpp"
#include "cli/json_access.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

// The rest is looked up by what narrows the list.
constexpr std::size_t most_listed = 1'000;

Style style_of_state_of_notification(const std::string& state) {
    if (state == "given_up") return Style::red;
    if (state == "delivered") return Style::green;
    return state == "superseded" ? Style::dim : Style::yellow;
}

std::string target_of(const NotificationChoice& choice) {
    std::string target = fmt::format("/notifications?all={}", choice.all);
    if (!choice.notifier.empty()) target += "&notifier=" + query_value(choice.notifier);
    if (!choice.subject.empty()) target += "&subject=" + query_value(choice.subject);
    return target;
}

}  // namespace

ExitCode list_notifications(const Context& context, const NotificationChoice& choice) {
    const auto answer = context.client.get_all(target_of(choice), most_listed);
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto now = SystemClock{}.wall_now();
    Table table{{"NOTIFICATION", "STATE", "NOTIFIER", "TO", "NOTICE", "ABOUT", "WANTED", "NEXT ATTEMPT",
                 "ATTEMPTS", "PROBLEM"}};
    for (const auto& one : list_of(answer->document, "items")) {
        const auto state = text_of(one, "state");
        const auto next = instant_of(one, "next_attempt_at");
        table.add({{text_of(one, "id"), Style::bold},
                   {state, style_of_state_of_notification(state)},
                   text_of(one, "notifier"),
                   text_of(one, "recipient"),
                   text_of(one, "kind"),
                   text_of(one, "subject"),
                   format_instant(context.terminal, instant_of(one, "wanted_at"), now),
                   next ? format_instant(context.terminal, next, now) : std::string{},
                   std::to_string(number_of(one, "attempts")),
                   text_of(one, "problem")});
    }
    if (table.empty() && context.terminal.is_terminal) {
        context.out << (choice.all ? "There are no notifications.\n"
                                   : "Nothing waits, and nothing was given up.\n");
        return ExitCode::ok;
    }
    context.out << table.render(context.terminal);
    return ExitCode::ok;
}

ExitCode retry_notification(const Context& context, const std::string& id) {
    const auto answer = context.client.post(fmt::format("/notifications/{}/retry", path_segment(id)));
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    const auto& one = answer->document;
    fmt::print(context.out, "{} is tried again: {} to {} by {}\n", text_of(one, "id"), text_of(one, "kind"),
               text_of(one, "recipient"), text_of(one, "notifier"));
    return ExitCode::ok;
}

}  // namespace curfew::cli

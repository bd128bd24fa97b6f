#include "cli/node.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json/object.hpp>
#include <chrono>
#include <ostream>
#include <string_view>

#include "base/time_text.hpp"
#include "cli/json_access.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

std::string since_text(WallInstant since) {
    return fmt::format("{}, {} ago", format_local(since), format_left(SystemClock{}.wall_now() - since));
}

// Those that are up in one line, and each that is down in its own: a session that could not be ended for
// certain is not begun.
void print_admin_logins(const Context& context, const boost::json::value& status) {
    std::vector<std::string> up;
    for (const auto& login : list_of(status, "admin_logins")) {
        if (flag_of(login, "up")) up.push_back(text_of(login, "resource"));
    }
    if (!up.empty()) print_fact(context, "admin", "connected to " + joined(up));
    for (const auto& login : list_of(status, "admin_logins")) {
        if (flag_of(login, "up")) continue;
        const auto since = instant_of(login, "since");
        const auto problem = text_of(login, "problem");
        const auto down =
            fmt::format("not connected to {}{}; nobody new gets in there", text_of(login, "resource"),
                        since ? " since " + since_text(*since) : std::string{});
        print_fact(context, "admin",
                   context.terminal.styled(Style::yellow, down) + (problem.empty() ? "" : ": " + problem));
    }
}

}  // namespace

ExitCode show_status(const Context& context) {
    const auto answer = context.client.get("/status");
    if (!answer) return report(context, answer.error());
    const auto& status = answer->document;
    const bool ready = flag_of(status, "ready");
    const auto result = ready ? ExitCode::ok : ExitCode::failed;
    if (context.json) {
        context.out << answer->text;
        return result;
    }
    fmt::print(context.out, "curfewd {} on {}: {}\n", text_of(status, "version"), text_of(status, "node"),
               ready ? context.terminal.styled(Style::green, "ready")
                     : context.terminal.styled(Style::red, "not ready"));
    for (const auto& reason : texts_of(status, "not_ready_because"))
        print_fact(context, "because", reason);
    if (const auto since = instant_of(status, "started_at")) {
        print_fact(context, "since", since_text(*since));
    }
    print_fact(context, "sessions", std::to_string(number_of(status, "sessions")));
    if (const auto unconfirmed = number_of(status, "unconfirmed_backends"); unconfirmed > 0) {
        print_fact(
            context, "backends",
            context.terminal.styled(Style::yellow, fmt::format("{} not known to be gone yet", unconfirmed)));
    }
    print_fact(context, "listeners", joined(texts_of(status, "listeners")));
    print_fact(context, "resources", joined(texts_of(status, "resources")));
    print_admin_logins(context, status);
    if (const auto file = text_of(status, "config_file"); !file.empty()) print_fact(context, "config", file);
    return result;
}

ExitCode list_nodes(const Context& context) {
    const auto answer = context.client.get_all("/nodes");
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
        return ExitCode::ok;
    }
    Table table{{"NODE", "STATE", "VERSION", "ADDRESS", "RESOURCES", "SESSIONS", "SEEN"}};
    for (const auto& node : list_of(answer->document, "items")) {
        const auto state = text_of(node, "state");
        const std::chrono::seconds ago{number_of(node, "seen_seconds_ago")};
        table.add({{text_of(node, "node"), Style::bold},
                   {state, state == "up" ? Style::green : Style::red},
                   text_of(node, "version"),
                   text_of(node, "address"),
                   joined(texts_of(node, "resources")),
                   std::to_string(number_of(node, "sessions")),
                   format_left(ago) + " ago"});
    }
    context.out << table.render(context.terminal);
    return ExitCode::ok;
}

ExitCode reload(const Context& context) {
    const auto answer = context.client.post("/reload", {});
    if (!answer) {
        auto failure = answer.error();
        // The command line was right; it is the configuration that is not.
        if (failure.code == ExitCode::usage) failure.code = ExitCode::failed;
        return report(context, failure);
    }
    context.out << (context.json ? answer->text : "The configuration was read again and is in use.\n");
    return ExitCode::ok;
}

}  // namespace curfew::cli

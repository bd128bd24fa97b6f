#include "apps/dev_screen.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apps/dev_options.hpp"
#include "base/duration.hpp"
#include "base/time_text.hpp"

namespace curfew::apps {
namespace {

using cli::Style;

constexpr std::string_view plain_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/:@%+";

// A value in a libpq connection string.
std::string conninfo_value(std::string_view value) {
    if (!value.empty() && value.find_first_not_of(plain_characters) == std::string_view::npos) {
        return std::string{value};
    }
    std::string quoted = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + "'";
}

// One word of a shell's command line. Double quotes read better where nothing in them is special.
std::string shell_word(std::string_view text) {
    if (!text.empty() && text.find_first_not_of(plain_characters) == std::string_view::npos) {
        return std::string{text};
    }
    if (text.find_first_of("\"$`\\!") == std::string_view::npos) return fmt::format("\"{}\"", text);
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return quoted + "'";
}

// Where to connect to, on this machine, what listens on `host`.
std::string reachable(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    if (host == "::") return "::1";
    return host;
}

std::string grant_line(const store::GrantCountdown& given, const cli::Terminal& terminal) {
    const bool everyone = given.grant.subject.kind == policy::Subject::Kind::everyone;
    const std::string whom = everyone ? "everyone" : policy::to_string(given.grant.subject);
    return fmt::format("  {}  {} until {} ({})\n", terminal.styled(Style::cyan, given.grant.id.text()), whom,
                       terminal.styled(Style::bold, format_local(given.grant.window.ends_at)),
                       format_duration(std::chrono::round<std::chrono::seconds>(given.remaining)));
}

std::vector<std::string> users_of(const DevScreen& screen) {
    std::vector<std::string> users;
    for (const auto& given : screen.grants) {
        const auto& subject = given.grant.subject;
        const std::string& user = subject.kind == policy::Subject::Kind::user ? subject.name : screen.user;
        if (std::find(users.begin(), users.end(), user) == users.end()) users.push_back(user);
    }
    if (users.empty()) users.push_back(screen.user);
    return users;
}

std::string commands(const DevScreen& screen) {
    const auto curfew =
        fmt::format("  {} --socket {}", shell_word(screen.curfew), shell_word(screen.admin_socket));
    const std::string grant = screen.grants.empty() ? "GRANT" : screen.grants.front().grant.id.text();
    const std::string user = users_of(screen).front();
    std::string text = fmt::format("{} sessions --watch\n", curfew);
    text += fmt::format("{} grant {} {} --for 30m\n", curfew, shell_word(user), dev_resource);
    text += fmt::format("{} extend {} --by 30m\n", curfew, grant);
    text += fmt::format("{} revoke {}\n", curfew, grant);
    return text;
}

std::string limits_of_dev_mode(const DevScreen& screen) {
    std::string text =
        "  - Nothing is kept: grants and records go when this ends.\n"
        "  - Clients connect without TLS.\n";
    if (screen.admin_user) return text;
    return text +
           "  - Without --admin-user a backend is cancelled, not terminated: a statement that catches the\n"
           "    cancel goes on, and a crash of curfewd leaves backends running.\n";
}

}  // namespace

std::string psql_command(const config::Endpoint& listen, std::string_view user) {
    const auto conninfo = fmt::format("host={} port={} dbname=postgres user={}", reachable(listen.host),
                                      listen.port, conninfo_value(user));
    // A space is in it in any case, so that it comes out quoted.
    return "psql " + shell_word(conninfo);
}

std::string render(const DevScreen& screen, const cli::Terminal& terminal) {
    const auto heading = [&](std::string_view text) {
        return "\n" + terminal.styled(Style::bold, text) + "\n";
    };
    std::string text = terminal.styled(
        Style::bold, fmt::format("curfewd dev: {} in front of {}", config::to_string(screen.listen),
                                 config::to_string(screen.upstream)));
    text += "\n" + heading("Connect (any database)");
    for (const std::string& user : users_of(screen))
        text += "  " + terminal.styled(Style::green, psql_command(screen.listen, user)) + "\n";

    text += heading("Grants");
    for (const auto& given : screen.grants)
        text += grant_line(given, terminal);
    if (screen.grants.empty()) {
        text += "  None yet, so nobody is let in. Give one as below, or with --grant USER:DURATION.\n";
    }

    text += heading("Watch, give, extend and revoke") + commands(screen);
    text +=
        heading("Metrics") +
        fmt::format("  http://{}/metrics\n",
                    config::to_string(config::Endpoint{reachable(screen.metrics.host), screen.metrics.port}));
    text += "\n" + terminal.styled(Style::yellow, "This is for trying Curfew out, not for work") + "\n" +
            limits_of_dev_mode(screen);
    return text + "\nCtrl-C ends every session and stops; a second one does so at once.\n\n";
}

}  // namespace curfew::apps

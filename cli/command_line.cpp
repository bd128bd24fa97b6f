#include "cli/command_line.hpp"

#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <exception>
#include <iostream>
#include <string_view>

#include "base/duration.hpp"
#include "cli/exit_code.hpp"
#include "cli/invocation.hpp"
#include "cli/saved_servers.hpp"

namespace curfew::cli {
namespace {

// As a list where it is not one of the library's own.
constexpr std::array<std::string_view, 4> kind_words{"user", "group", "resource", "rule"};
constexpr std::array<std::string_view, 5> verbs{"list", "show", "create", "edit", "delete"};

template <class Words>
bool is_one_of(const Words& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

struct GlobalOptions {
    bool json = false;
    bool no_color = false;
};

void declare_global_options(CLI::App& app, GlobalOptions& options, ServerChoice& choice) {
    app.add_option("--server", choice.server, "The server to talk to (https://…)  [env: CURFEW_SERVER]");
    app.add_option("--socket", choice.socket,
                   "curfewd's administrative socket instead, on its own machine  [env: CURFEW_SOCKET]");
    app.add_option("--ca-file", choice.ca_file, "Trust the CAs in this file (PEM)  [env: CURFEW_CA_FILE]");
    app.add_flag("--json", options.json, "Print what curfewd answers, as JSON in UTC");
    app.add_flag("--no-color", options.no_color, "No colour, even on a terminal");
    app.set_version_flag("--version", "curfew " CURFEW_VERSION);
}

ExitCode carry_out(const Invocation& invocation, const GlobalOptions& options) {
    Server server;
    if (invocation.needs == Invocation::Needs::server) {
        auto chosen = choose_server(invocation.choice, SavedServers::default_directory());
        if (!chosen) {
            std::cerr << "curfew: " << chosen.error().message << '\n';
            return chosen.error().code;
        }
        server = std::move(*chosen);
    }
    const Context context{ApiClient{std::move(server)},
                          look_at_terminal(!options.no_color),
                          look_at_terminal(!options.no_color, STDERR_FILENO),
                          options.json,
                          std::cout,
                          std::cerr};
    const auto code = invocation.command(context);
    if (!std::cout.flush()) {
        std::cerr << "curfew: cannot write to standard output\n";
        return ExitCode::failed;
    }
    return code;
}

}  // namespace

CLI::Validator is_duration() {
    const auto check = [](std::string& text) {
        const auto duration = parse_duration(text);
        return duration ? std::string{} : duration.error().message;
    };
    return CLI::Validator{check, "DURATION"};
}

void put_verb_first(std::vector<std::string>& arguments) {
    const auto admin = std::find(arguments.begin(), arguments.end(), "admin");
    if (arguments.end() - admin < 3) return;
    const auto kind = admin + 1;
    const auto verb = admin + 2;
    if (is_one_of(kind_words, *kind) && is_one_of(verbs, *verb)) std::iter_swap(kind, verb);
}

void declare_all(CLI::App& app, Invocation& invocation) {
    app.require_subcommand(1);
    // So that `curfew grants --json` is as good as `curfew --json grants`.
    app.fallthrough();
    app.footer(
        "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 its state does not allow this, 5 "
        "curfewd\n"
        "cannot be reached, 6 not permitted, 7 not signed in, 8 not approved, 9 access ended; `connect` "
        "gives\n"
        "psql's own. More: man curfew");
    declare_access_commands(app, invocation);
    declare_review_commands(app, invocation);
    declare_offline_commands(app, invocation);
    declare_grant_commands(app, invocation);
    declare_session_commands(app, invocation);
    declare_recording_commands(app, invocation);
    declare_receipt_commands(app, invocation);
    declare_sign_in_commands(app, invocation);
    declare_admin_commands(app, invocation);
    declare_node_commands(app, invocation);
    declare_notification_commands(app, invocation);
    declare_audit_commands(app, invocation);
    declare_report_command(app, invocation);
    declare_completion_command(app, invocation);
}

int run(int argc, const char* const* argv) {
    try {
        CLI::App app{"Ask for, give, watch and end time-boxed access to PostgreSQL.", "curfew"};
        GlobalOptions options;
        Invocation invocation;
        declare_global_options(app, options, invocation.choice);
        declare_all(app, invocation);
        std::vector<std::string> arguments{argv + std::min(argc, 1), argv + argc};
        put_verb_first(arguments);
        std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
        try {
            app.parse(std::move(arguments));
        } catch (const CLI::ParseError& error) {
            // --help and --version come this way too; they are no mistakes.
            return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
        }
        return static_cast<int>(carry_out(invocation, options));
    } catch (const std::exception& error) {
        std::cerr << "curfew: " << error.what() << '\n';
        return static_cast<int>(ExitCode::failed);
    }
}

}  // namespace curfew::cli

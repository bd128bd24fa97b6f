#include "cli/command_line.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <exception>
#include <functional>
#include <iostream>
#include <string>

#include "base/duration.hpp"
#include "cli/exit_code.hpp"
#include "cli/grants.hpp"
#include "cli/node.hpp"
#include "cli/output.hpp"
#include "cli/sessions.hpp"
#include "cli/terminal.hpp"
#include "cli/verifier.hpp"
#include "cli/watch.hpp"
#include "protocol/postgres/scram_verifier.hpp"

namespace curfew::cli {
namespace {

constexpr const char* default_socket = "/run/curfew/admin.sock";

struct Arguments {
    std::string socket = default_socket;
    bool json = false;
    bool no_color = false;

    GrantOptions grant;
    std::string subject;
    std::string group;
    std::string id;
    std::string by;
    std::string reason;
    bool all = false;
    bool watch = false;
    bool past = false;
    int iterations = postgres::default_scram_iterations;
};

using Command = std::function<ExitCode(const Context&)>;

CLI::Validator is_duration() {
    const auto check = [](std::string& text) {
        const auto duration = parse_duration(text);
        return duration ? std::string{} : duration.error().message;
    };
    return CLI::Validator{check, "DURATION"};
}

// What `grant SUBJECT RESOURCE` and `grant --group NAME RESOURCE` come to.
GrantOptions grant_options(const Arguments& arguments) {
    GrantOptions options = arguments.grant;
    if (arguments.group.empty()) {
        if (options.resource.empty()) {
            throw CLI::ValidationError("grant",
                                       "takes whom the grant is for and the resource: "
                                       "curfew grant alice prod --for 2h");
        }
        options.subject = arguments.subject;
    } else {
        if (!options.resource.empty()) {
            throw CLI::ValidationError("grant", "takes either SUBJECT or --group NAME, not both");
        }
        options.resource = arguments.subject;  // the only name that was given
        options.subject = "group:" + arguments.group;
    }
    return options;
}

void declare_grants(CLI::App& app, Arguments& arguments, Command& command) {
    auto* grant = app.add_subcommand("grant", "Give somebody access to a resource for a time");
    grant->add_option("SUBJECT", arguments.subject, "A user, group:NAME, or * for everyone")->required();
    grant->add_option("RESOURCE", arguments.grant.resource, "The resource, as the configuration names it");
    grant->add_option("--group", arguments.group, "Instead of SUBJECT: the members of this group");
    grant->add_option("--for", arguments.grant.length, "How long: 30m, 2h, 1h30m, 24h")
        ->required()
        ->check(is_duration());
    grant->add_option("--in", arguments.grant.starts_in, "How long from now it begins; at once if not given")
        ->check(is_duration());
    grant->add_option("--reason", arguments.grant.reason, "Why: kept with the grant");
    grant->add_flag("--replication", arguments.grant.replication, "Allow replication connections as well");
    grant->callback([&] {
        const auto options = grant_options(arguments);
        command = [options](const Context& context) { return give_grant(context, options); };
    });

    auto* revoke = app.add_subcommand("revoke", "End a grant, and every session under it, now");
    revoke->add_option("GRANT", arguments.id, "Its identifier (g-…), from `curfew grants`")->required();
    revoke->add_option("--reason", arguments.reason, "Why: kept with the grant");
    revoke->callback([&] {
        command = [&](const Context& context) {
            return revoke_grant(context, arguments.id, arguments.reason);
        };
    });

    auto* extend =
        app.add_subcommand("extend", "Move the end of a grant, and of its sessions, into the future");
    extend->add_option("GRANT", arguments.id, "Its identifier (g-…), from `curfew grants`")->required();
    extend->add_option("--by", arguments.by, "By how much: 30m, 2h")->required()->check(is_duration());
    extend->callback([&] {
        command = [&](const Context& context) { return extend_grant(context, arguments.id, arguments.by); };
    });

    auto* grants = app.add_subcommand("grants", "List grants that are active or to come");
    grants->add_flag("--all", arguments.all, "Those that are over as well");
    grants->callback(
        [&] { command = [&](const Context& context) { return list_grants(context, arguments.all); }; });
}

void declare_sessions(CLI::App& app, Arguments& arguments, Command& command) {
    auto* sessions = app.add_subcommand("sessions", "List live sessions");
    auto* watch = sessions->add_flag("--watch,-w", arguments.watch, "Stay, and count down");
    sessions->add_flag("--past", arguments.past, "The latest that were recorded, and how they ended")
        ->excludes(watch);
    sessions->callback([&] {
        command = arguments.watch ? watch_sessions : arguments.past ? list_past_sessions : list_sessions;
    });

    auto* kill = app.add_subcommand("kill", "End one session now; its grant stands");
    kill->add_option("SESSION", arguments.id, "Its identifier (s-…), from `curfew sessions`")->required();
    kill->callback(
        [&] { command = [&](const Context& context) { return kill_session(context, arguments.id); }; });
}

void declare_node(CLI::App& app, Arguments& arguments, Command& command) {
    app.add_subcommand("status", "Show whether curfewd takes sessions, and if not, why")->callback([&] {
        command = show_status;
    });
    app.add_subcommand("reload", "Have curfewd read its configuration again")->callback([&] {
        command = reload;
    });
    auto* verifier = app.add_subcommand(
        "verifier", "Turn a password into the SCRAM verifier that users.NAME.scram_verifier takes");
    verifier->add_option("--iterations", arguments.iterations, "The cost of a guess")
        ->check(CLI::Range(postgres::default_scram_iterations, 10'000'000))
        ->capture_default_str();
    verifier->callback([&] {
        command = [&](const Context& context) { return make_verifier(context, arguments.iterations); };
    });
}

void declare(CLI::App& app, Arguments& arguments, Command& command) {
    app.add_option("--socket", arguments.socket, "curfewd's administrative socket")
        ->envname("CURFEW_SOCKET")
        ->capture_default_str();
    app.add_flag("--json", arguments.json, "Print what curfewd answers, as JSON in UTC");
    app.add_flag("--no-color", arguments.no_color, "No colour, even on a terminal");
    app.set_version_flag("--version", "curfew " CURFEW_VERSION);
    app.require_subcommand(1);
    // So that `curfew grants --json` is as good as `curfew --json grants`.
    app.fallthrough();
    app.footer(
        "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no such grant or session, 4 its state does not "
        "allow\n"
        "this, 5 curfewd cannot be reached, 6 not permitted. More: man curfew");
    declare_grants(app, arguments, command);
    declare_sessions(app, arguments, command);
    declare_node(app, arguments, command);
}

}  // namespace

int run(int argc, const char* const* argv) {
    try {
        CLI::App app{"Give, watch and end time-boxed access to PostgreSQL."};
        Arguments arguments;
        Command command;
        declare(app, arguments, command);
        try {
            app.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            // --help and --version come this way too; they are no mistakes.
            return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
        }
        const Context context{ApiClient{arguments.socket}, look_at_terminal(!arguments.no_color),
                              arguments.json, std::cout, std::cerr};
        const auto code = command(context);
        if (!std::cout.flush()) {
            std::cerr << "curfew: cannot write to standard output\n";
            return static_cast<int>(ExitCode::failed);
        }
        return static_cast<int>(code);
    } catch (const std::exception& error) {
        std::cerr << "curfew: " << error.what() << '\n';
        return static_cast<int>(ExitCode::failed);
    }
}

}  // namespace curfew::cli

#include "apps/commands.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/check_config.hpp"
#include "apps/dev_mode.hpp"
#include "apps/dev_options.hpp"
#include "apps/process_setup.hpp"
#include "apps/run_node.hpp"
#include "apps/version.hpp"
#include "config/values.hpp"

namespace curfew::apps {
namespace {

constexpr int done = 0;
constexpr int failed = 1;
constexpr int wrong_usage = 2;

using Command = std::function<int()>;

struct Arguments {
    std::string config_file;
    std::string checked_file;
    std::string upstream;
    std::string listen = config::to_string(DevOptions{}.listen);
    std::string metrics = config::to_string(DevOptions{}.metrics);
    std::vector<std::string> grants;
    std::string admin_user;
};

// What `parse` says of the text; nothing if it can be read.
template <class Parse>
CLI::Validator readable_by(Parse parse, const std::string& form) {
    const auto check = [parse](std::string& text) {
        const auto parsed = parse(text);
        return parsed ? std::string{} : parsed.error().message;
    };
    return CLI::Validator{check, form};
}

CLI::Validator is_role_name() {
    return CLI::Validator{[](std::string& text) { return config::wrong_name(text).value_or(""); }, "USER"};
}

int finish(const Result<void>& outcome) {
    if (outcome) return done;
    std::cerr << "curfewd: " << outcome.error().message << '\n';
    return failed;
}

std::optional<std::string> variable(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets it
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

// Where libpq's own programs look for passwords.
std::optional<std::string> password_file() {
    if (auto named = variable("PGPASSFILE")) return named;
    if (const auto home = variable("HOME")) return *home + "/.pgpass";
    return std::nullopt;
}

DevOptions dev_options(const Arguments& arguments) {
    DevOptions options;
    options.upstream = parse_upstream(arguments.upstream).value();
    options.listen = parse_listen_address(arguments.listen).value();
    options.metrics = parse_listen_address(arguments.metrics).value();
    for (const std::string& grant : arguments.grants)
        options.grants.push_back(parse_dev_grant(grant).value());
    if (!arguments.admin_user.empty()) {
        options.admin_user = arguments.admin_user;
        if (auto password = variable("PGPASSWORD")) options.admin_password = Secret{std::move(*password)};
        options.admin_password_file = password_file();
    }
    return options;
}

void declare_run(CLI::App& app, Arguments& arguments, Command& command) {
    auto* run = app.add_subcommand("run", "Run a node until SIGTERM; SIGHUP reads the configuration again");
    run->add_option("--config", arguments.config_file, "The configuration file")->required();
    run->callback([&] { command = [&] { return finish(run_node(arguments.config_file, std::cerr)); }; });
}

void declare_check(CLI::App& app, Arguments& arguments, Command& command) {
    auto* check = app.add_subcommand(
        "check", "List everything that is wrong with a configuration, secrets and certificates included");
    check->add_option("FILE", arguments.checked_file, "The configuration file")->required();
    check->callback([&] {
        command = [&] { return check_config(arguments.checked_file, std::cout, std::cerr) ? done : failed; };
    });
}

void declare_dev(CLI::App& app, Arguments& arguments, Command& command) {
    auto* dev = app.add_subcommand(
        "dev", "Try Curfew out in front of a PostgreSQL that is there already; nothing is kept");
    dev->add_option("--upstream", arguments.upstream, "The PostgreSQL to stand in front of")
        ->required()
        ->check(readable_by(parse_upstream, "HOST:PORT|/SOCKET/DIRECTORY[:PORT]"));
    dev->add_option("--listen", arguments.listen, "Where clients connect")
        ->check(readable_by(parse_listen_address, "ADDRESS:PORT"))
        ->capture_default_str();
    dev->add_option("--grant", arguments.grants,
                    "Give access at the start: alice:1h, or '*:1h' for everyone; may be repeated")
        ->allow_extra_args(false)
        ->check(readable_by(parse_dev_grant, "USER:DURATION"));
    dev->add_option("--metrics", arguments.metrics,
                    "Where /metrics, /healthz and /readyz are served; port 0 is any that is free")
        ->check(readable_by(parse_listen_address, "ADDRESS:PORT"))
        ->capture_default_str();
    dev->add_option("--admin-user", arguments.admin_user,
                    "A role that may end backends (pg_signal_backend, pg_read_all_stats); its password comes "
                    "from ~/.pgpass or PGPASSWORD")
        ->check(is_role_name());
    dev->callback([&] { command = [&] { return finish(run_dev_mode(dev_options(arguments))); }; });
}

void declare(CLI::App& app, Arguments& arguments, Command& command) {
    app.set_version_flag("--version", version_line());
    app.require_subcommand(1);
    app.footer("Exit codes: 0 done, 1 failed, 2 wrong usage. More: man curfewd");
    declare_run(app, arguments, command);
    declare_check(app, arguments, command);
    declare_dev(app, arguments, command);
}

}  // namespace

int run(int argc, const char* const* argv) {
    try {
        set_up_process();
        CLI::App app{"Admit people to PostgreSQL for as long as a grant lasts, and not a second longer."};
        Arguments arguments;
        Command command;
        declare(app, arguments, command);
        try {
            app.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            // --help and --version come this way too; they are no mistakes.
            return app.exit(error) == 0 ? done : wrong_usage;
        }
        const int code = command();
        if (!std::cout.flush() && code == done) {
            std::cerr << "curfewd: cannot write to standard output\n";
            return failed;
        }
        return code;
    } catch (const std::exception& error) {
        std::cerr << "curfewd: " << error.what() << '\n';
        return failed;
    }
}

}  // namespace curfew::apps

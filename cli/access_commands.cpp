#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/connect.hpp"
#include "cli/exec.hpp"
#include "cli/explain.hpp"
#include "cli/invocation.hpp"
#include "cli/requests.hpp"

namespace curfew::cli {
namespace {

void declare_forwarding(CLI::App& connect, ConnectOptions& options, CLI::Option& print) {
    connect
        .add_option("--local-port", options.local_port,
                    "Let other programs of yours in at this port of 127.0.0.1, without a password; 0: any")
        ->excludes(&print);
    connect
        .add_option("--local-socket", options.local_socket,
                    "The same at a Unix socket in this directory, which is made and yours alone")
        ->excludes(&print);
}

void declare_connect(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<ConnectOptions>();
    auto* connect = app.add_subcommand(
        "connect",
        "Ask for access, wait for the approval, and run psql; at once where there is access already");
    connect->group(access_group);
    connect->add_option("RESOURCE", options->access.resource, "What to connect to")->required();
    auto* length = connect
                       ->add_option("--duration,--for", options->access.length,
                                    "For how long; as the rules say if left out")
                       ->check(is_duration());
    connect->add_option("--reason", options->access.reason, "Why: reviewers read it, and it is kept");
    auto* glass = connect->add_flag("--break-glass", options->access.break_glass,
                                    "In an emergency: at once, and reviewed afterwards");
    connect
        ->add_flag("--by-command", options->access.by_command,
                   "At once and without a window: each command waits for approval; so anyway where the rules "
                   "let you ask for nothing else")
        ->excludes(length)
        ->excludes(glass);
    auto* print =
        connect
            ->add_flag(
                "--print{uri}", options->print,
                "Print a URI instead (--print=pgpass: a line for ~/.pgpass; --print=service: a service file)")
            ->check(CLI::IsMember({"uri", "pgpass", "service"}));
    connect->add_option("--host", options->host,
                        "Curfew's proxy, where you log in with a password of your own");
    connect->add_option("--port", options->port, "Its port; 6432 if left out");
    declare_forwarding(*connect, *options, *print);
    connect->add_option("PSQL_ARGUMENT", options->psql_arguments, "Behind --: for psql");
    connect->callback([options, &invocation] {
        if (options->is_for_others() && !options->psql_arguments.empty()) {
            throw CLI::ValidationError("--local-port", "runs no psql that arguments could be for");
        }
        invocation.command = [options](const Context& context) { return cli::connect(context, *options); };
    });
}

void declare_request(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<RequestOptions>();
    auto* request = app.add_subcommand("request", "Ask for access, or for more time");
    request->group(access_group);
    auto* resource = request->add_option("RESOURCE", options->resource, "What to have access to");
    request->add_option("--extend", options->extends, "Instead of RESOURCE: more time for this grant (g-…)")
        ->excludes(resource);
    request->add_option("--for,--duration", options->length, "For how long; as the rules say if left out")
        ->check(is_duration());
    request->add_option("--reason", options->reason, "Why: reviewers read it, and it is kept");
    request->add_option("--at", options->at,
                        "When it begins: 18:00, '2026-11-25 18:00'; at the approval if left out");
    request->add_flag("--break-glass", options->break_glass,
                      "In an emergency: at once, and reviewed afterwards");
    request->add_flag("--replication", options->replication, "Replication connections as well");
    request->callback([options, &invocation] {
        if (options->resource.empty() == options->extends.empty()) {
            throw CLI::ValidationError("request", "takes a RESOURCE, or --extend GRANT");
        }
        invocation.command = [options](const Context& context) { return make_request(context, *options); };
    });
}

void declare_exec(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<ExecOptions>();
    auto* exec = app.add_subcommand(
        "exec", "Have one SQL script approved, run it once, and print what came of it; no session is needed");
    exec->group(access_group);
    exec->add_option("RESOURCE", options->resource, "Where to run it")->required();
    auto* file = exec->add_option("-f,--file", options->file, "The script; standard input if left out");
    exec->add_option("-c,--command", options->sql, "The script itself")->excludes(file);
    exec->add_option("-d,--database", options->database, "In this database; the resource's own if left out");
    exec->add_option("--for,--duration", options->length, "At most so long; as the rules say if left out")
        ->check(is_duration());
    exec->add_option("-m,--reason", options->reason, "Why: reviewers read it, and it is kept");
    exec->add_flag("!--no-wait", options->wait, "Ask, and leave; curfew show prints what came of it");
    exec->callback([options, &invocation] {
        invocation.command = [options](const Context& context) { return execute(context, *options); };
    });
}

void declare_requests(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<RequestListOptions>();
    auto* requests = app.add_subcommand("requests", "List requests that you may see: those that are open");
    requests->group(access_group);
    auto* waiting = requests->add_flag("--waiting", options->waiting, "Those that wait for your review");
    auto* mine = requests->add_flag("--mine", options->mine, "Your own, decided ones too")->excludes(waiting);
    requests->add_flag("--all", options->all, "Everybody's, decided ones too")
        ->excludes(waiting)
        ->excludes(mine);
    requests
        ->add_option("--status", options->status,
                     "Only these: PENDING, APPROVED, REJECTED, REVOKED, EXECUTED")
        ->check(CLI::IsMember({"PENDING", "APPROVED", "REJECTED", "REVOKED", "EXECUTED"}));
    requests->add_option("--requester", options->requester, "Only this user's");
    requests->add_option("--resource", options->resource, "Only for this resource");
    requests->add_option("--type", options->type, "Only these: jit (access) or command")
        ->check(CLI::IsMember({"jit", "command"}));
    requests->add_option("--limit", options->limit, "So many, the newest")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    requests->callback([options, &invocation] {
        invocation.command = [options](const Context& context) { return list_requests(context, *options); };
    });
}

void declare_show(CLI::App& app, Invocation& invocation) {
    auto id = std::make_shared<std::string>();
    auto* show = app.add_subcommand("show", "Show a request, or a grant, and how it stands");
    show->group(access_group);
    show->add_option("ID", *id, "Its identifier (r-… or g-…)")->required();
    show->callback([id, &invocation] {
        invocation.command = [id](const Context& context) { return cli::show(context, *id); };
    });
}

void declare_explain(CLI::App& app, Invocation& invocation) {
    app.add_subcommand("resources", "List what you may ask for, and on which terms")
        ->group(access_group)
        ->callback([&invocation] { invocation.command = list_catalogue; });
    struct Arguments {
        std::string user;
        std::string resource;
        std::string type = "jit";
    };
    auto arguments = std::make_shared<Arguments>();
    auto* rules = app.add_subcommand("rules", "Which rule decides what");
    rules->group(access_group);
    rules->require_subcommand(1);
    auto* explain =
        rules->add_subcommand("explain", "Show each rule for a user and a resource, and what they come to");
    explain
        ->add_option("USER", arguments->user, "Whose access; your own name, unless you are an administrator")
        ->required();
    explain->add_option("RESOURCE", arguments->resource, "To what")->required();
    explain->add_option("--type", arguments->type, "jit or command")
        ->check(CLI::IsMember({"jit", "command"}));
    explain->callback([arguments, &invocation] {
        invocation.command = [arguments](const Context& context) {
            return explain_rules(context, arguments->user, arguments->resource, arguments->type);
        };
    });
}

}  // namespace

void declare_access_commands(CLI::App& app, Invocation& invocation) {
    declare_connect(app, invocation);
    declare_request(app, invocation);
    declare_exec(app, invocation);
    declare_requests(app, invocation);
    declare_show(app, invocation);
    declare_explain(app, invocation);
}

}  // namespace curfew::cli

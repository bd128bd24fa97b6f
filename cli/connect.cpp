#include "cli/connect.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json/object.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <ostream>

#include "base/time_text.hpp"
#include "cli/grant_watch.hpp"
#include "cli/json_access.hpp"
#include "cli/psql.hpp"
#include "cli/signals.hpp"
#include "cli/terminal_title.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr const char* usual_proxy_port = "6432";
constexpr int psql_lost_its_connection = 2;

std::string environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets it
    return value == nullptr ? "" : value;
}

// Unprintable characters and all: it is for libpq, not for a screen.
std::string raw_text(const json::value& object, std::string_view name) {
    const auto& member = member_of(object, name);
    return member.is_string() ? std::string{member.get_string()} : std::string{};
}

// Whether Curfew logs in for the person, who then needs a credential of the grant's.
Outcome<bool> is_managed(const Context& context, const std::string& resource) {
    const auto answer = context.client.get_all("/catalogue");
    if (!answer) return answer.error();
    for (const auto& entry : list_of(answer->document, "items")) {
        if (text_of(entry, "resource") == resource) return text_of(entry, "login") == "managed";
    }
    return false;
}

// nullopt: the person comes with a password of their own.
Outcome<std::optional<Answer>> credential_of(const Context& context, const Access& access,
                                             const std::string& resource) {
    if (access.request.empty()) return std::optional<Answer>{};
    const auto managed = is_managed(context, resource);
    if (!managed) return managed.error();
    if (!*managed) return std::optional<Answer>{};
    auto answer = context.client.post(fmt::format("/requests/{}/credential", path_segment(access.request)));
    if (!answer) return answer.error();
    return std::optional{std::move(*answer)};
}

Outcome<ConnectionFiles> files_of(const json::value& credential) {
    ConnectionFiles files;
    files.service_file = raw_text(credential, "service_file");
    files.pgpass = raw_text(credential, "pgpass");
    files.service = first_service(files.service_file);
    if (files.service.empty() || files.pgpass.empty()) {
        return Failure{ExitCode::failed,
                       "curfewd's credential cannot be used: it lacks a service file or a password"};
    }
    return files;
}

// For a person's own password: where Curfew's proxy is, and as whom.
Outcome<ConnectionFiles> own_files(const Context& context, const Access& access,
                                   const ConnectOptions& options) {
    auto host = !options.host.empty() ? options.host : environment("PGHOST");
    if (host.empty() && !context.client.server().is_local()) host = host_of(context.client.server().url);
    if (host.empty()) host = "localhost";
    auto port = !options.port.empty() ? options.port : environment("PGPORT");
    if (port.empty()) port = usual_proxy_port;
    auto service_file = make_service_file(
        {{"host", host}, {"port", port}, {"user", access.user}, {"dbname", options.access.resource}});
    if (!service_file) return service_file.error();
    return ConnectionFiles{std::move(*service_file), "curfew", ""};
}

ExitCode print_credential(const Context& context, const std::string& what,
                          const std::optional<Answer>& credential, const ConnectionFiles& files) {
    if (credential && context.json) {
        context.out << credential->text;
        return ExitCode::ok;
    }
    if (what == "service") {
        context.out << files.service_file;
        return ExitCode::ok;
    }
    if (!credential) {
        return report(
            context,
            {ExitCode::conflict,
             "You come with a password of your own there, so there is none to print; --print=service "
             "gives the rest"});
    }
    context.out << raw_text(credential->document, what == "pgpass" ? "pgpass" : "uri") << '\n';
    return ExitCode::ok;
}

// Until psql is over, with the time left in the title.
int accompany(const Context& context, Psql& psql, Signals& signals, const json::value& grant) {
    const bool on_err = context.err_terminal.is_terminal;
    const auto& terminal = on_err ? context.err_terminal : context.terminal;
    TerminalTitle title{on_err ? context.err : context.out, terminal};
    GrantWatch watch{context, grant};
    while (true) {
        while (const auto signal = signals.next()) {
            // Ctrl-C and Ctrl-\ went to psql as well.
            if (*signal == SIGTERM || *signal == SIGHUP) psql.send(*signal);
        }
        if (const auto code = psql.exit_code()) return *code;
        title.show(title_text(watch.resource(), watch.left()));
        watch.wait(signals.descriptor(), std::chrono::steady_clock::now() + 1s);
    }
}

ExitCode run_psql(const Context& context, const ConnectOptions& options, const Access& access,
                  const ConnectionFiles& files) {
    Signals signals{SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    auto psql = Psql::start(files, options.psql_arguments, signals);
    if (!psql) return report(context, psql.error());
    const int code = accompany(context, *psql, signals, access.grant);
    const auto grant = context.client.get("/grants/" + path_segment(text_of(access.grant, "id")));
    if (!grant) return static_cast<ExitCode>(code);
    const bool over = text_of(grant->document, "state") != "active";
    if (over || context.err_terminal.is_terminal)
        context.err << "curfew: " << end_text(grant->document) << '\n';
    return over && code == psql_lost_its_connection ? ExitCode::access_ended : static_cast<ExitCode>(code);
}

}  // namespace

ExitCode connect(const Context& context, const ConnectOptions& options) {
    const auto access = get_access(context, options.access);
    if (!access) return report(context, access.error());
    if (const auto ends = instant_of(access->grant, "ends_at"); ends && context.err_terminal.is_terminal) {
        fmt::print(context.err, "Access to {} until {} ({})\n", options.access.resource, format_local(*ends),
                   text_of(access->grant, "id"));
    }
    const auto credential = credential_of(context, *access, options.access.resource);
    if (!credential) return report(context, credential.error());
    const auto files = *credential ? files_of((*credential)->document) : own_files(context, *access, options);
    if (!files) return report(context, files.error());
    if (!options.print.empty() || context.json) {
        return print_credential(context, options.print, *credential, *files);
    }
    return run_psql(context, options, *access, *files);
}

}  // namespace curfew::cli

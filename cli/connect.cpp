#include "cli/connect.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <ostream>

#include "base/time_text.hpp"
#include "cli/environment.hpp"
#include "cli/forward.hpp"
#include "cli/grant_watch.hpp"
#include "cli/json_access.hpp"
#include "cli/proxy_target.hpp"
#include "cli/psql.hpp"
#include "cli/service_file.hpp"
#include "cli/signals.hpp"
#include "cli/terminal_title.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr const char* usual_proxy_port = "6432";
constexpr std::uint16_t usual_socket_number = 5432;
// By command the end is far off, and comes only to who stays connected all day.
constexpr auto not_yet_of_interest = 30min;
constexpr int psql_lost_its_connection = 2;

// Unprintable characters and all: it is for libpq, not for a screen.
std::string raw_text(const json::value& object, std::string_view name) {
    const auto& member = member_of(object, name);
    return member.is_string() ? std::string{member.get_string()} : std::string{};
}

// What the server says of a resource; null if it does not list it for this person.
Outcome<json::value> catalogue_entry(const Context& context, const std::string& resource) {
    const auto answer = context.client.get_all("/catalogue");
    if (!answer) return answer.error();
    for (const auto& entry : list_of(answer->document, "items")) {
        if (text_of(entry, "resource") == resource) return entry;
    }
    return json::value{};
}

Outcome<Answer> issue_credential(const ApiClient& client, const std::string& request) {
    return client.post(fmt::format("/requests/{}/credential", path_segment(request)));
}

std::optional<Answer> credential_by_command(const Access& access) {
    if (access.credential.is_null()) return std::nullopt;
    Answer answer;
    answer.text = json::serialize(access.credential) + "\n";
    answer.document = access.credential;
    return answer;
}

// nullopt: the person comes with a password of their own.
Outcome<std::optional<Answer>> credential_of(const Context& context, const Access& access,
                                             const json::value& entry) {
    if (access.by_command) return credential_by_command(access);
    if (access.request.empty() || !flag_of(entry, "credential")) return std::optional<Answer>{};
    auto answer = issue_credential(context.client, access.request);
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

std::string first_of(std::initializer_list<std::string> values) {
    for (const auto& value : values) {
        if (!value.empty()) return value;
    }
    return {};
}

// For a person's own password: where Curfew's proxy is, and as whom.
Outcome<ConnectionFiles> own_files(const Context& context, const Access& access, const json::value& entry,
                                   const ConnectOptions& options) {
    const auto& connection = member_of(entry, "connection");
    const auto port = number_of(connection, "port");
    const auto& server = context.client.server();
    const auto nearby = server.is_local() ? "localhost" : host_of(server.url);
    std::vector<std::pair<std::string, std::string>> settings{
        {"host", first_of({options.host, raw_text(connection, "host"), environment("PGHOST"), nearby})},
        {"port", first_of({options.port, port > 0 ? std::to_string(port) : "", environment("PGPORT"),
                           usual_proxy_port})},
        {"user", access.user},
        {"dbname", first_of({raw_text(connection, "database"), options.access.resource})}};
    if (text_of(connection, "tls") == "require" && environment("PGSSLMODE").empty())
        settings.emplace_back("sslmode", "require");
    auto service_file = make_service_file(settings);
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
int accompany(const Context& context, Psql& psql, Signals& signals, const Access& access) {
    const bool on_err = context.err_terminal.is_terminal;
    const auto& terminal = on_err ? context.err_terminal : context.terminal;
    TerminalTitle title{on_err ? context.err : context.out, terminal};
    GrantWatch watch{context, access.grant};
    while (true) {
        while (const auto signal = signals.next()) {
            // Ctrl-C and Ctrl-\ went to psql as well.
            if (*signal == SIGTERM || *signal == SIGHUP) psql.send(*signal);
        }
        if (const auto code = psql.exit_code()) return *code;
        const bool much_is_left = access.by_command && watch.left() > not_yet_of_interest;
        title.show(much_is_left ? watch.resource() + ": by command"
                                : title_text(watch.resource(), watch.left()));
        watch.wait(signals.descriptor(), std::chrono::steady_clock::now() + 1s);
    }
}

ExitCode run_psql(const Context& context, const ConnectOptions& options, const Access& access,
                  const ConnectionFiles& files) {
    Signals signals{SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    auto psql = Psql::start(files, options.psql_arguments, signals);
    if (!psql) return report(context, psql.error());
    const int code = accompany(context, *psql, signals, access);
    const auto grant = context.client.get("/grants/" + path_segment(text_of(access.grant, "id")));
    if (!grant) return static_cast<ExitCode>(code);
    const bool over = text_of(grant->document, "state") != "active";
    if (over || (context.err_terminal.is_terminal && !access.by_command))
        context.err << "curfew: " << end_text(grant->document) << '\n';
    return over && code == psql_lost_its_connection ? ExitCode::access_ended : static_cast<ExitCode>(code);
}

// `client` outlives it.
std::shared_ptr<GrantPassword> password_in(const ApiClient& client, const Answer& credential,
                                           const Access& access) {
    auto renew = [&client, request = access.request, by_command = access.by_command,
                  resource = text_of(access.grant, "resource")]() -> Outcome<Secret> {
        if (by_command) {
            const auto opened = open_command_access(client, resource);
            if (!opened) return opened.error();
            return Secret{raw_text(opened->credential, "password")};
        }
        const auto another = issue_credential(client, request);
        if (!another) return another.error();
        return Secret{raw_text(another->document, "password")};
    };
    return std::make_shared<GrantPassword>(Secret{raw_text(credential.document, "password")},
                                           std::move(renew));
}

ExitCode let_others_in(const Context& context, const ConnectOptions& options, const Access& access,
                       const std::optional<Answer>& credential, const ConnectionFiles& files) {
    auto target = proxy_target(files.service_file, options.access.resource);
    if (!target) return report(context, target.error());
    Forwarder::Settings settings;
    settings.address.directory = options.local_socket;
    settings.address.port = options.local_port.value_or(0);
    if (settings.address.is_unix() && settings.address.port == 0) settings.address.port = usual_socket_number;
    settings.target = std::move(*target);
    if (credential) settings.password = password_in(context.client, *credential, access);
    return forward(context, access, std::move(settings));
}

void say_what_holds(const Context& context, const std::string& resource, const Access& access) {
    const auto id = text_of(access.grant, "id");
    if (access.by_command && text_of(access.grant, "use") != "sessions") {
        fmt::print(context.err,
                   "By command on {}: what may not run without asking waits for approval, each time ({})\n",
                   resource, id);
        return;
    }
    const auto ends = instant_of(access.grant, "ends_at");
    if (ends && context.err_terminal.is_terminal)
        fmt::print(context.err, "Access to {} until {} ({})\n", resource, format_local(*ends), id);
}

}  // namespace

ExitCode connect(const Context& context, const ConnectOptions& options) {
    const auto access = get_access(context, options.access);
    if (!access) return report(context, access.error());
    say_what_holds(context, options.access.resource, *access);
    const auto entry = catalogue_entry(context, options.access.resource);
    if (!entry) return report(context, entry.error());
    const auto credential = credential_of(context, *access, *entry);
    if (!credential) return report(context, credential.error());
    const auto files =
        *credential ? files_of((*credential)->document) : own_files(context, *access, *entry, options);
    if (!files) return report(context, files.error());
    if (options.is_for_others()) return let_others_in(context, options, *access, *credential, *files);
    if (!options.print.empty() || context.json) {
        return print_credential(context, options.print, *credential, *files);
    }
    return run_psql(context, options, *access, *files);
}

}  // namespace curfew::cli

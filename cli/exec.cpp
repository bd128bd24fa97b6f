#include "cli/exec.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ostream.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <ostream>
#include <system_error>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "cli/approval_wait.hpp"
#include "cli/command_result.hpp"
#include "cli/file_descriptor.hpp"
#include "cli/json_access.hpp"
#include "cli/request_text.hpp"
#include "cli/requests.hpp"
#include "policy/command.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

Failure too_long(std::string_view source) {
    return {ExitCode::usage, fmt::format("{} is longer than {} bytes: nobody can approve what nobody reads. "
                                         "Ask for access instead: curfew connect",
                                         source, policy::longest_command)};
}

bool is_standard_input(const std::string& file) {
    return file.empty() || file == "-";
}

std::string name_of_source(const ExecOptions& options) {
    if (options.sql) return "The text of -c";
    return is_standard_input(options.file) ? "Standard input" : "'" + printable(options.file) + "'";
}

Outcome<std::string> read_script(const Context& context, const ExecOptions& options) {
    const auto source = name_of_source(options);
    if (options.sql) return checked_script(*options.sql, source);
    const bool standard_input = is_standard_input(options.file);
    if (standard_input && ::isatty(STDIN_FILENO) == 1) context.err << "Type the script; Ctrl-D ends it.\n";
    errno = 0;
    const FileDescriptor file{standard_input ? ::dup(STDIN_FILENO)
                                             : ::open(options.file.c_str(), O_RDONLY | O_CLOEXEC)};
    const auto most = policy::longest_command + byte_order_mark.size();
    const auto text = file.is_open() ? read_all(file, most) : std::nullopt;
    if (text) return checked_script(*text, source);
    if (errno == 0) return too_long(source);
    return Failure{ExitCode::usage, fmt::format("{} cannot be read: {}", source,
                                                std::error_code{errno, std::generic_category()}.message())};
}

json::object body_of(const ExecOptions& options, const std::string& script) {
    json::object command{{"sql", script}};
    if (!options.database.empty()) command["database"] = options.database;
    json::object body{{"resource", options.resource}, {"type", "command"}};
    if (!options.length.empty()) body["duration"] = options.length;
    if (!options.reason.empty()) body["reason"] = options.reason;
    body["command"] = std::move(command);
    return body;
}

// Where it is waited for, what stands there is the script's output alone.
void say_asked(const Context& context, const json::value& request) {
    fmt::print(context.err, "Asked {}: {}\n", text_of(request, "id"), wish_text(request));
}

ExitCode code_of(const json::value& result) {
    const auto outcome = text_of(result, "outcome");
    if (outcome == "succeeded") return ExitCode::ok;
    return outcome == "failed" ? ExitCode::command_failed : ExitCode::outcome_unknown;
}

ExitCode finish(const Context& context, const json::value& request) {
    if (context.json) context.out << json::serialize(request) << '\n';
    const auto& result = member_of(request, "command_result");
    if (!result.is_null()) {
        if (!context.json) print_output(context, result);
        return code_of(result);
    }
    const auto decision = decision_text(request);
    return report(context,
                  {ExitCode::not_approved,
                   fmt::format("{} is {}{}; nothing was run", text_of(request, "id"),
                               text_of(request, "status"), decision.empty() ? "" : ": " + decision)});
}

}  // namespace

Outcome<std::string> checked_script(std::string_view text, std::string_view source) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (text.size() > policy::longest_command) return too_long(source);
    if (text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos)
        return Failure{ExitCode::usage, fmt::format("{} is empty: there is nothing to run", source)};
    if (text.find('\0') != std::string_view::npos)
        return Failure{ExitCode::usage, fmt::format("{} has a NUL byte in it, which no SQL has", source)};
    if (!is_utf8(text)) {
        return Failure{ExitCode::usage,
                       fmt::format("{} is not UTF-8, so nobody could be shown what would run. Convert it: "
                                   "iconv -f LATIN1 -t UTF-8",
                                   source)};
    }
    return std::string{text};
}

ExitCode execute(const Context& context, const ExecOptions& options) {
    const auto script = read_script(context, options);
    if (!script) return report(context, script.error());
    auto answer = context.client.create("/requests", body_of(options, *script));
    if (!answer) return report(context, answer.error());
    if (!options.wait) return print_made(context, *answer);
    say_asked(context, answer->document);
    const auto request = wait_for_result(context, std::move(answer->document));
    return request ? finish(context, *request) : report(context, request.error());
}

}  // namespace curfew::cli

#include "cli/doctor.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <boost/json/value.hpp>
#include <ostream>
#include <string_view>

#include "cli/json_access.hpp"
#include "cli/table.hpp"

namespace curfew::cli {
namespace {

Style style_of(std::string_view severity) {
    if (severity == "serious") return Style::red;
    return severity == "warning" ? Style::yellow : Style::cyan;
}

std::string how_many(std::size_t findings) {
    if (findings == 0) return "nothing wrong was found";
    return findings == 1 ? "1 finding" : fmt::format("{} findings", findings);
}

void print_for_people(const Context& context, const boost::json::value& diagnosis) {
    const auto& findings = list_of(diagnosis, "findings");
    const auto version = text_of(diagnosis, "server_version");
    fmt::print(context.out, "{}{}: {}\n", text_of(diagnosis, "resource"),
               version.empty() ? "" : ", PostgreSQL " + version, how_many(findings.size()));
    for (const auto& finding : findings) {
        const auto severity = text_of(finding, "severity");
        fmt::print(context.out, "\n{} ({})\n  {}\n  {} {}\n",
                   context.terminal.styled(style_of(severity), severity), text_of(finding, "check"),
                   text_of(finding, "problem"), context.terminal.styled(Style::bold, "Remedy:"),
                   text_of(finding, "remedy"));
    }
}

void print_for_programs(const Context& context, const boost::json::value& diagnosis) {
    Table table{{"SEVERITY", "CHECK", "PROBLEM", "REMEDY"}};
    for (const auto& finding : list_of(diagnosis, "findings")) {
        table.add({text_of(finding, "severity"), text_of(finding, "check"), text_of(finding, "problem"),
                   text_of(finding, "remedy")});
    }
    context.out << table.render(context.terminal);
}

}  // namespace

ExitCode examine(const Context& context, const std::string& resource) {
    const auto answer = context.client.get("/resources/" + path_segment(resource) + "/diagnosis");
    if (!answer) return report(context, answer.error());
    if (context.json) {
        context.out << answer->text;
    } else if (context.terminal.is_terminal) {
        print_for_people(context, answer->document);
    } else {
        print_for_programs(context, answer->document);
    }
    return list_of(answer->document, "findings").empty() ? ExitCode::ok : ExitCode::findings;
}

}  // namespace curfew::cli

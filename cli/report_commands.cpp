#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/access_report.hpp"
#include "cli/invocation.hpp"

namespace curfew::cli {

void declare_report_command(CLI::App& app, Invocation& invocation) {
    auto choice = std::make_shared<ReportChoice>();
    auto* report = app.add_subcommand(
        "report",
        "Who had what in a time, by whose approval, what it was used for, and who needs no approval");
    report->group(review_group);
    report->add_option("--since", choice->since, "From then on (30d, 2026-11-01, …); 30d if not given")
        ->type_name("TIME");
    report->add_option("--until", choice->until, "Up to then; now if not given")->type_name("TIME");
    report->add_option("--resource", choice->resource, "Of this resource alone");
    report->add_option("--user", choice->user, "Of this user alone");
    report->add_flag("--csv", choice->csv, "The grants as comma-separated values, for spreadsheets");
    report->callback([choice, &invocation] {
        invocation.command = [choice](const Context& context) { return report_accesses(context, *choice); };
    });
}

}  // namespace curfew::cli

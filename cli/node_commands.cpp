#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>

#include "cli/doctor.hpp"
#include "cli/invocation.hpp"
#include "cli/node.hpp"
#include "cli/verifier.hpp"
#include "protocol/postgres/scram_verifier.hpp"

namespace curfew::cli {

void declare_node_commands(CLI::App& app, Invocation& invocation) {
    app.add_subcommand("status", "Show whether curfewd takes sessions, and if not, why")
        ->group(administration_group)
        ->callback([&invocation] { invocation.command = show_status; });
    app.add_subcommand("nodes", "List the nodes that share the store, and which of them are gone")
        ->group(administration_group)
        ->callback([&invocation] { invocation.command = list_nodes; });
    auto resource = std::make_shared<std::string>();
    auto* doctor = app.add_subcommand(
        "doctor", "Say what is wrong with a resource's PostgreSQL, and who gets in without Curfew");
    doctor->group(administration_group);
    doctor->add_option("RESOURCE", *resource, "The resource")->required();
    doctor->callback([resource, &invocation] {
        invocation.command = [resource](const Context& context) { return examine(context, *resource); };
    });
    app.add_subcommand("reload", "Have curfewd read its configuration again")
        ->group(administration_group)
        ->callback([&invocation] { invocation.command = reload; });

    auto iterations = std::make_shared<int>(postgres::default_scram_iterations);
    auto* verifier = app.add_subcommand(
        "verifier", "Turn a password into the SCRAM verifier that users.NAME.scram_verifier takes");
    verifier->group(administration_group);
    verifier->add_option("--iterations", *iterations, "The cost of a guess")
        ->check(CLI::Range(postgres::default_scram_iterations, 10'000'000))
        ->capture_default_str();
    verifier->callback([iterations, &invocation] {
        invocation.needs = Invocation::Needs::nothing;
        invocation.command = [iterations](const Context& context) {
            return make_verifier(context, *iterations);
        };
    });
}

}  // namespace curfew::cli

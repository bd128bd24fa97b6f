#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/invocation.hpp"
#include "cli/reviews.hpp"

namespace curfew::cli {
namespace {

void declare_review(CLI::App& app, Invocation& invocation, bool approve) {
    auto options = std::make_shared<ReviewOptions>();
    options->approve = approve;
    auto* command = app.add_subcommand(approve ? "approve" : "reject",
                                       approve ? "Approve a request" : "Reject a request");
    command->group(review_group);
    command->add_option("REQUEST", options->id, "Its identifier (r-…), from `curfew requests --waiting`")
        ->required();
    command->add_option("--group", options->group,
                        "The approval group that it counts for, if you are in several");
    auto* comment = command->add_option("--comment", options->comment, "What the requester reads");
    if (approve) {
        command->add_option("--for", options->length, "For less time than was asked for")
            ->check(is_duration());
    } else {
        comment->required();
    }
    command->callback([options, &invocation] {
        invocation.command = [options](const Context& context) { return review(context, *options); };
    });
}

}  // namespace

void declare_review_commands(CLI::App& app, Invocation& invocation) {
    declare_review(app, invocation, true);
    declare_review(app, invocation, false);

    struct Arguments {
        std::string id;
        std::string by;
        std::string reason;
    };
    auto arguments = std::make_shared<Arguments>();
    auto* revoke =
        app.add_subcommand("revoke", "Take a request back, or end a grant, and every session under it, now");
    revoke->group(review_group);
    revoke->add_option("ID", arguments->id, "A request (r-…) or a grant (g-…)")->required();
    revoke->add_option("--reason,--comment", arguments->reason, "Why: kept with it");
    revoke->callback([arguments, &invocation] {
        invocation.command = [arguments](const Context& context) {
            return cli::revoke(context, arguments->id, arguments->reason);
        };
    });

    auto* extend = app.add_subcommand(
        "extend",
        "Move the end of a grant, and of its sessions, into the future; a request, unless you administer");
    extend->group(access_group);
    extend->add_option("GRANT", arguments->id, "Its identifier (g-…), from `curfew grants`")->required();
    extend->add_option("--by", arguments->by, "By how much: 30m, 2h")->required()->check(is_duration());
    extend->add_option("--reason", arguments->reason, "Why: for those who review the request");
    extend->callback([arguments, &invocation] {
        invocation.command = [arguments](const Context& context) {
            return cli::extend(context, arguments->id, arguments->by, arguments->reason);
        };
    });
}

}  // namespace curfew::cli

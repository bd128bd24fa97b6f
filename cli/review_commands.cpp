#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/invocation.hpp"
#include "cli/offline.hpp"
#include "cli/reviews.hpp"

namespace curfew::cli {
namespace {

// In place of REQUEST: a document that is signed with a key of one's own, and no server is asked.
std::shared_ptr<OfflineApprovalOptions> declare_signing(CLI::App& approve) {
    auto options = std::make_shared<OfflineApprovalOptions>();
    auto* offline =
        approve.add_option("--offline", options->document,
                           "While no store answers: sign this grant, of `curfew offline request`");
    approve.add_option("--key", options->key, "Your private key, of `curfew offline keygen`")->needs(offline);
    approve.add_flag("--yes", options->yes, "Without being asked: sign, or let a command run unseen");
    return options;
}

void declare_review(CLI::App& app, Invocation& invocation, bool approve) {
    auto options = std::make_shared<ReviewOptions>();
    options->approve = approve;
    auto* command = app.add_subcommand(approve ? "approve" : "reject",
                                       approve ? "Approve a request" : "Reject a request");
    command->group(review_group);
    auto* request =
        command->add_option("REQUEST", options->id, "Its identifier (r-…), from `curfew requests --waiting`");
    if (!approve) request->required();
    command->add_option("--group", options->group,
                        "The approval group that it counts for, if you are in several");
    auto* comment = command->add_option("--comment", options->comment, "What the requester reads");
    if (approve) {
        command->add_option("--for", options->length, "For less time than was asked for")
            ->check(is_duration());
    } else {
        comment->required();
    }
    const auto signing = approve ? declare_signing(*command) : std::make_shared<OfflineApprovalOptions>();
    command->callback([options, signing, &invocation] {
        if (!signing->document.empty()) {
            if (!options->id.empty()) throw CLI::ValidationError("--offline", "goes without a REQUEST");
            if (signing->key.empty()) throw CLI::RequiredError("--key");
            invocation.needs = Invocation::Needs::nothing;
            invocation.command = [signing](const Context& context) {
                return sign_offline(context, *signing);
            };
            return;
        }
        if (options->id.empty()) throw CLI::RequiredError("REQUEST");
        options->yes = signing->yes;
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

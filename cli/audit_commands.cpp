#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>

#include "cli/audit.hpp"
#include "cli/invocation.hpp"

namespace curfew::cli {
namespace {

void declare_filters(CLI::App& command, TrailChoice& choice) {
    command.add_option("--since", choice.since, "Of this time or later (2h, 18:00, 2026-11-25, …)");
    command.add_option("--until", choice.until, "Before this time");
    command.add_option("--kind", choice.kind, "Of this kind (session.ended), or of a family (session)");
    command.add_option("--about", choice.id, "About this alone: an identifier or a name");
    command.add_option("--by", choice.actor, "That this person did");
}

void declare_reading(CLI::App& audit, Invocation& invocation) {
    auto choice = std::make_shared<TrailChoice>();
    auto* list = audit.add_subcommand("list", "List what changed, the newest first");
    declare_filters(*list, *choice);
    list->add_option("--limit", choice->limit, "How many at most")
        ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
        ->capture_default_str();
    list->callback([choice, &invocation] {
        invocation.command = [choice](const Context& context) { return list_trail(context, *choice); };
    });
    auto* to_file = audit.add_subcommand("export", "Print events as lines of JSON, the oldest first");
    declare_filters(*to_file, *choice);
    to_file->callback([choice, &invocation] {
        invocation.command = [choice](const Context& context) { return export_trail(context, *choice); };
    });
}

void declare_verification(CLI::App& audit, Invocation& invocation) {
    auto wanted = std::make_shared<TrailVerification>();
    auto* verify = audit.add_subcommand(
        "verify", "Compute every hash anew, and name what was changed, removed, inserted, moved or cut off");
    auto* from = verify->add_option("--from", wanted->from,
                                    "A file that `audit export` wrote (-: standard input), not the server's");
    verify->add_option("--from-store", wanted->from_store, "The file of a store, not the server's")
        ->excludes(from);
    verify->add_option("--heads", wanted->heads, "A file of signed heads to hold against it");
    verify->add_option("--key", wanted->keys, "A file with a public key that they are signed with");
    verify->add_option("--at-least", wanted->at_least, "The number of an event that has to be there");
    verify->add_flag("--excerpt", wanted->excerpt, "What is verified begins in the middle of the trail");
    verify->callback([wanted, &invocation] {
        const bool is_offline = !wanted->from.empty() || !wanted->from_store.empty();
        if (is_offline) invocation.needs = Invocation::Needs::nothing;
        invocation.command = [wanted](const Context& context) { return verify_trail(context, *wanted); };
    });
}

}  // namespace

void declare_audit_commands(CLI::App& app, Invocation& invocation) {
    auto* audit =
        app.add_subcommand("audit", "List, export and verify the audit trail, and show what signs it");
    audit->group(administration_group);
    audit->require_subcommand(1);
    declare_reading(*audit, invocation);
    declare_verification(*audit, invocation);
    auto pem = std::make_shared<bool>(false);
    auto* key = audit->add_subcommand("key", "Show the public key that heads and receipts are signed with");
    key->add_flag("--pem", *pem, "Nothing but the key, in PEM, for a file");
    key->callback([pem, &invocation] {
        invocation.command = [pem](const Context& context) { return show_audit_key(context, *pem); };
    });
    audit->add_subcommand("head", "Print how far the audit trail has come, signed now: a line of JSON")
        ->callback([&invocation] { invocation.command = show_audit_head; });
}

}  // namespace curfew::cli

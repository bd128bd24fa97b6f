#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/invocation.hpp"
#include "cli/offline.hpp"

namespace curfew::cli {
namespace {

constexpr const char* document_help = "A file, - for standard input, or the token itself";

void declare_keygen(CLI::App& offline, Invocation& invocation) {
    auto path = std::make_shared<std::string>();
    auto* keygen = offline.add_subcommand("keygen", "Make a key to sign with, and print its public part");
    keygen->add_option("FILE", *path, "Where the private key goes; nobody else can read it")->required();
    keygen->callback([path, &invocation] {
        invocation.needs = Invocation::Needs::nothing;
        invocation.command = [path](const Context& context) { return make_offline_key(context, *path); };
    });
}

void declare_offline_request(CLI::App& offline, Invocation& invocation) {
    auto options = std::make_shared<OfflineRequestOptions>();
    auto* request = offline.add_subcommand("request", "Write a grant for approvers to sign");
    request->add_option("RESOURCE", options->resource, "What access is to")->required();
    request->add_option("--user", options->user, "Whose access")->required();
    request->add_option("--duration,--for", options->length, "For how long, from when the node takes it")
        ->required()
        ->check(is_duration());
    request->add_option("--reason", options->reason, "Why: approvers read it, and it is kept")->required();
    request->add_option("--node", options->node, "At which node; the one that is asked if left out");
    request->add_option("--installation", options->installation,
                        "Of which installation; that of the node that is asked if left out");
    request->add_option("--good-for", options->good_for, "How long the node may be given it, 24h at most")
        ->check(is_duration())
        ->capture_default_str();
    request->add_option("--out", options->out, "Write it to this new file; standard output if left out");
    request->callback([options, &invocation] {
        invocation.command = [options](const Context& context) {
            return make_offline_request(context, *options);
        };
    });
}

void declare_documents(CLI::App& offline, Invocation& invocation) {
    struct Arguments {
        std::vector<std::string> documents;
        std::string out;
        bool as_token = false;
    };
    auto arguments = std::make_shared<Arguments>();
    auto* show = offline.add_subcommand("show", "Show what a grant says, and which keys signed it");
    show->add_option("DOCUMENT", arguments->documents, document_help)->required()->expected(1);
    show->add_flag("--token", arguments->as_token, "Print it as one word, to be pasted");
    show->callback([arguments, &invocation] {
        invocation.needs = Invocation::Needs::nothing;
        invocation.command = [arguments](const Context& context) {
            return show_offline(context, arguments->documents.front(), arguments->as_token);
        };
    });
    auto* combine = offline.add_subcommand("combine", "Put the signatures of several copies together");
    combine->add_option("DOCUMENT", arguments->documents, document_help)->required();
    combine->add_option("--out", arguments->out, "Write it to this new file; standard output if left out");
    combine->callback([arguments, &invocation] {
        invocation.needs = Invocation::Needs::nothing;
        invocation.command = [arguments](const Context& context) {
            return combine_offline(context, arguments->documents, arguments->out);
        };
    });
}

void declare_submission(CLI::App& offline, Invocation& invocation) {
    struct Arguments {
        std::string document;
        bool only_check = false;
    };
    auto arguments = std::make_shared<Arguments>();
    auto* submit = offline.add_subcommand("submit", "Hand a signed grant to the node, by its local socket");
    submit->add_option("DOCUMENT", arguments->document, document_help)->required();
    submit->add_flag("--check", arguments->only_check, "Only ask whether it would be taken: for drills");
    submit->callback([arguments, &invocation] {
        invocation.command = [arguments](const Context& context) {
            return submit_offline(context, arguments->document, arguments->only_check);
        };
    });
    offline.add_subcommand("status", "Show what the node takes, and what it took")->callback([&invocation] {
        invocation.command = show_offline_status;
    });
}

}  // namespace

void declare_offline_commands(CLI::App& app, Invocation& invocation) {
    auto* offline =
        app.add_subcommand("offline", "Get in on the signatures of approvers, while no store answers");
    offline->group(access_group);
    offline->require_subcommand(1);
    declare_keygen(*offline, invocation);
    declare_offline_request(*offline, invocation);
    declare_documents(*offline, invocation);
    declare_submission(*offline, invocation);
}

}  // namespace curfew::cli

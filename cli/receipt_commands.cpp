#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/invocation.hpp"
#include "cli/receipts.hpp"

namespace curfew::cli {

void declare_receipt_commands(CLI::App& app, Invocation& invocation) {
    struct Arguments {
        std::string session;
        std::string file;
        std::vector<std::string> keys;
    };
    auto arguments = std::make_shared<Arguments>();
    auto* receipt =
        app.add_subcommand("receipt", "Signed receipts of sessions: what was allowed, and how it ended");
    receipt->group(access_group);
    receipt->require_subcommand(1);

    auto* show = receipt->add_subcommand("show", "Show the receipt of a session, or keep it in a file");
    show->add_option("SESSION", arguments->session, "Its identifier (s-…), from `curfew sessions --past`")
        ->required();
    show->add_option("--out,-o", arguments->file, "Keep it in this new file")->type_name("FILE");
    show->callback([arguments, &invocation] {
        invocation.command = [arguments](const Context& context) {
            return show_receipt(context, arguments->session, arguments->file);
        };
    });

    auto* verify =
        receipt->add_subcommand("verify", "Verify a receipt, and say what it states; asks no server");
    verify->add_option("FILE", arguments->file, "As `curfew receipt show -o` wrote it; - for standard input")
        ->required();
    verify
        ->add_option("--key", arguments->keys,
                     "Whom to trust: a file with a public key, the key in base64, or its fingerprint "
                     "(SHA256:…); may be given several times")
        ->type_name("KEY")
        ->expected(1)
        ->take_all();
    verify->callback([arguments, &invocation] {
        invocation.needs = Invocation::Needs::nothing;
        invocation.command = [arguments](const Context& context) {
            return verify_receipt(context, arguments->file, arguments->keys);
        };
    });
}

}  // namespace curfew::cli

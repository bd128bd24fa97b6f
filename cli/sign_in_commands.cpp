#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/invocation.hpp"
#include "cli/sign_in.hpp"
#include "cli/tokens.hpp"

namespace curfew::cli {
namespace {

void declare_login(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<LoginOptions>();
    auto url = std::make_shared<std::string>();
    auto* login = app.add_subcommand("login", "Sign in to a server; commands talk to it from then on");
    login->group(sign_in_group);
    login->add_option("SERVER", *url, "Its address: https://curfew.example.org");
    auto* password = login->add_flag("--password", options->password,
                                     "By a password, asked for or in a line of standard input");
    login->add_option("--user", options->user, "Who you are, for --password and --one-time");
    login->add_option("--one-time", options->link, "By a one-time link: chooses the password")
        ->excludes(password);
    login->callback([options, url, &invocation] {
        invocation.needs = Invocation::Needs::nothing;
        invocation.command = [options, url, &invocation](const Context& context) {
            auto chosen = *options;
            chosen.choice = invocation.choice;
            if (!url->empty()) chosen.choice.server = *url;
            return log_in(context, chosen);
        };
    });
}

void declare_tokens(CLI::App& app, Invocation& invocation) {
    struct Arguments {
        NewTokenOptions made;
        std::string user;
        std::string id;
    };
    auto arguments = std::make_shared<Arguments>();
    auto* tokens = app.add_subcommand("tokens", "Personal access tokens, for programs");
    tokens->group(sign_in_group);
    tokens->require_subcommand(0, 1);
    tokens->add_option("--user", arguments->user, "Those of this user, for administrators");
    auto* list = tokens->add_subcommand("list", "List tokens, as `tokens` alone does");
    auto* create = tokens->add_subcommand("create", "Make a token, and print it this once");
    create->add_option("NAME", arguments->made.name, "What it is for")->required();
    create->add_option("--scopes", arguments->made.scopes, "What it may do: read,request,review,admin")
        ->required()
        ->delimiter(',')
        ->check(CLI::IsMember({"read", "request", "review", "admin"}));
    create
        ->add_option("--for", arguments->made.length,
                     "When it expires; if left out in 30d, or when this sign-in does")
        ->check(is_duration());
    auto* revoke = tokens->add_subcommand("revoke", "End a token, at once");
    revoke->add_option("TOKEN", arguments->id, "Its identifier (t-…)")->required();
    tokens->callback([arguments, list, create, revoke, &invocation] {
        (void)list;
        invocation.command = [arguments, made = create->parsed(),
                              revoked = revoke->parsed()](const Context& context) {
            if (made) return create_token(context, arguments->made);
            return revoked ? revoke_token(context, arguments->id) : list_tokens(context, arguments->user);
        };
    });
}

}  // namespace

void declare_sign_in_commands(CLI::App& app, Invocation& invocation) {
    declare_login(app, invocation);
    app.add_subcommand("logout", "End the sign-in, there and here")
        ->group(sign_in_group)
        ->callback([&invocation] { invocation.command = log_out; });
    app.add_subcommand("whoami", "Show who you are there, and what you may")
        ->group(sign_in_group)
        ->callback([&invocation] { invocation.command = who_am_i; });
    declare_tokens(app, invocation);
}

}  // namespace curfew::cli

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "cli/admin_kinds.hpp"
#include "cli/admin_objects.hpp"
#include "cli/admin_transfer.hpp"
#include "cli/invocation.hpp"
#include "cli/migrate_store.hpp"
#include "store/postgres/setup_script.hpp"

namespace curfew::cli {
namespace {

namespace json = boost::json;

using SetValues = std::vector<std::pair<Setting, std::vector<std::string>>>;

// One option a setting; what was given comes to `to`.
void add_settings(CLI::App& command, std::span<const Setting> settings, const std::shared_ptr<SetValues>& to,
                  const std::string& group = "Options") {
    for (const Setting& setting : settings) {
        const std::string option{setting.option};
        const std::string help{setting.help};
        if (setting.form == Form::yes) {
            // `--reason-required=false` takes it back.
            command
                .add_flag_function(
                    option,
                    [to, setting](std::int64_t count) {
                        to->emplace_back(setting, std::vector<std::string>{count > 0 ? "true" : "false"});
                    },
                    help)
                ->group(group);
            continue;
        }
        auto* added = command.add_option_function<std::vector<std::string>>(
            option,
            [to, setting](const std::vector<std::string>& values) { to->emplace_back(setting, values); },
            help);
        // One word each: the next is a name, or another option. A list may come in several.
        added->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->group(group);
        added->type_name(setting.form == Form::names || setting.form == Form::pairs ? "LIST" : "TEXT");
    }
}

json::object settings_of(const SetValues& values) {
    json::object settings;
    for (const auto& [setting, texts] : values) {
        if (const auto problem = put_setting(setting, texts, settings); !problem.empty()) {
            throw CLI::ValidationError("admin", problem);
        }
    }
    return settings;
}

void declare_create(CLI::App& verb, const ObjectKind& kind, Invocation& invocation) {
    auto* command = verb.add_subcommand(std::string{kind.name}, "Make a " + std::string{kind.name});
    auto name = std::make_shared<std::string>();
    auto values = std::make_shared<SetValues>();
    auto rule_values = std::make_shared<SetValues>();
    const bool resource = kind.name == "resource";
    command->add_option("NAME", *name, "Its name")->required();
    add_settings(*command, kind.settings, values);
    if (resource) add_settings(*command, settings_of_resource_rule(), rule_values, "The rule that opens it");
    command->callback([name, values, rule_values, resource, &kind, &invocation] {
        NewObject object{*name, settings_of(*values), std::nullopt};
        if (resource && !object.settings.contains("host")) {
            throw CLI::RequiredError("--host");
        }
        if (resource && !rule_values->empty()) {
            object.rule = settings_of(*rule_values);
            if (!object.rule->contains("approval_groups")) {
                throw CLI::ValidationError("admin", "the rule of a resource needs --reviewers");
            }
            (*object.rule)["resources"] = json::array{json::value(*name)};
        }
        invocation.command = [object, &kind](const Context& context) {
            return create_object(context, kind, object);
        };
    });
}

void declare_edit(CLI::App& verb, const ObjectKind& kind, Invocation& invocation) {
    auto* command = verb.add_subcommand(std::string{kind.name}, "Change a " + std::string{kind.name});
    auto change = std::make_shared<ObjectChange>();
    auto values = std::make_shared<SetValues>();
    command->add_option("NAME", change->name, "Its name")->required();
    add_settings(*command, kind.settings, values);
    if (kind.name == "group") {
        command->add_option("--add", change->add_members, "Users who join it")
            ->delimiter(',')
            ->allow_extra_args(false);
        command->add_option("--remove", change->remove_members, "Users who leave it")
            ->delimiter(',')
            ->allow_extra_args(false);
    }
    command->callback([change, values, &kind, &invocation] {
        change->settings = *values;
        invocation.command = [change, &kind](const Context& context) {
            return edit_object(context, kind, *change);
        };
    });
}

void declare_named(CLI::App& verb, const ObjectKind& kind, Invocation& invocation, const std::string& help,
                   ExitCode (*act)(const Context&, const ObjectKind&, const std::string&)) {
    auto* command = verb.add_subcommand(std::string{kind.name}, help + std::string{kind.name});
    auto name = std::make_shared<std::string>();
    command->add_option("NAME", *name, "Its name")->required();
    command->callback([name, act, &kind, &invocation] {
        invocation.command = [name, act, &kind](const Context& context) { return act(context, kind, *name); };
    });
}

CLI::App* add_verb(CLI::App& admin, const std::string& name, const std::string& help) {
    auto* verb = admin.add_subcommand(name, help);
    verb->require_subcommand(1);
    return verb;
}

void declare_store(CLI::App& admin, Invocation& invocation) {
    admin
        .add_subcommand("store-sql",
                        "Print what a store in PostgreSQL needs: roles, schema, tables; for psql")
        ->callback([&invocation] {
            invocation.needs = Invocation::Needs::nothing;
            invocation.command = [](const Context& context) {
                context.out << store::postgres_setup_script();
                return ExitCode::ok;
            };
        });
    auto move = std::make_shared<StoreMove>();
    auto* migrate = admin.add_subcommand(
        "migrate-store", "Move everything from an SQLite store to an empty one in PostgreSQL");
    migrate->add_option("--from", move->from, "sqlite:PATH; no curfewd may run with it")->required();
    migrate->add_option("--to", move->to, "postgresql:CONNECTION-STRING, as in store.postgresql")->required();
    migrate->add_flag("--keep-broken-audit-trail", move->keep_broken_audit_trail,
                      "Move an audit trail in which an event is not what was written, as it is");
    migrate->callback([move, &invocation] {
        invocation.needs = Invocation::Needs::nothing;
        invocation.command = [move](const Context& context) { return migrate_store(context, *move); };
    });
}

void declare_transfer(CLI::App& admin, Invocation& invocation) {
    admin.add_subcommand("export", "Print all that is kept live, as YAML")->callback([&invocation] {
        invocation.command = export_live;
    });
    auto path = std::make_shared<std::string>();
    auto* apply =
        admin.add_subcommand("apply", "Make and change what a file names: YAML as export prints it");
    apply->add_option("FILE", *path, "The file; - for standard input")->required();
    apply->callback([path, &invocation] {
        invocation.command = [path](const Context& context) { return apply_file(context, *path); };
    });
    auto user = std::make_shared<std::string>();
    auto* link = admin.add_subcommand("link", "Print a one-time link for a user to choose a password by");
    link->add_option("USER", *user, "For whom")->required();
    link->callback([user, &invocation] {
        invocation.command = [user](const Context& context) { return make_one_time_link(context, *user); };
    });
}

}  // namespace

void declare_admin_commands(CLI::App& app, Invocation& invocation) {
    auto* admin = app.add_subcommand("admin", "Users, groups, resources and rules that are kept live");
    admin->group(administration_group);
    admin->require_subcommand(1);
    auto* list = add_verb(*admin, "list", "List users, groups, resources or rules");
    auto* show = add_verb(*admin, "show", "Show one, as the configuration file would have it");
    auto* create = add_verb(*admin, "create", "Make one");
    auto* edit = add_verb(*admin, "edit", "Change one: by options, or without any in $EDITOR");
    auto* remove = add_verb(*admin, "delete", "Delete one, and the access that stands on it");
    for (const ObjectKind& kind : object_kinds()) {
        list->add_subcommand(std::string{kind.name}, "List " + std::string{kind.section})
            ->callback([&kind, &invocation] {
                invocation.command = [&kind](const Context& context) { return list_objects(context, kind); };
            });
        declare_named(*show, kind, invocation, "Show a ", show_object);
        declare_create(*create, kind, invocation);
        declare_edit(*edit, kind, invocation);
        declare_named(*remove, kind, invocation, "Delete a ", delete_object);
    }
    declare_store(*admin, invocation);
    declare_transfer(*admin, invocation);
}

}  // namespace curfew::cli

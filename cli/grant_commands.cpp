#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <memory>

#include "cli/grants.hpp"
#include "cli/invocation.hpp"
#include "cli/reviews.hpp"
#include "cli/sessions.hpp"
#include "cli/watch.hpp"

namespace curfew::cli {
namespace {

struct GrantArguments {
    GrantOptions grant;
    std::string subject;
    std::string group;
};

// What `grant SUBJECT RESOURCE` and `grant --group NAME RESOURCE` come to.
GrantOptions grant_options(const GrantArguments& arguments) {
    GrantOptions options = arguments.grant;
    if (arguments.group.empty()) {
        if (options.resource.empty()) {
            throw CLI::ValidationError("grant",
                                       "takes whom the grant is for and the resource: "
                                       "curfew grant alice prod --for 2h");
        }
        options.subject = arguments.subject;
    } else {
        if (!options.resource.empty()) {
            throw CLI::ValidationError("grant", "takes either SUBJECT or --group NAME, not both");
        }
        options.resource = arguments.subject;  // the only name that was given
        options.subject = "group:" + arguments.group;
    }
    return options;
}

void declare_grant(CLI::App& app, Invocation& invocation) {
    auto arguments = std::make_shared<GrantArguments>();
    auto* grant =
        app.add_subcommand("grant", "Give somebody access to a resource for a time, without a request");
    grant->group(administration_group);
    grant->add_option("SUBJECT", arguments->subject, "A user, group:NAME, or * for everyone")->required();
    grant->add_option("RESOURCE", arguments->grant.resource, "The resource, as the configuration names it");
    grant->add_option("--group", arguments->group, "Instead of SUBJECT: the members of this group");
    grant->add_option("--for", arguments->grant.length, "How long: 30m, 2h, 1h30m, 24h")
        ->required()
        ->check(is_duration());
    grant->add_option("--in", arguments->grant.starts_in, "How long from now it begins; at once if not given")
        ->check(is_duration());
    grant->add_option("--reason", arguments->grant.reason, "Why: kept with the grant");
    grant->add_flag("--replication", arguments->grant.replication, "Allow replication connections as well");
    grant->callback([arguments, &invocation] {
        invocation.command = [options = grant_options(*arguments)](const Context& context) {
            return give_grant(context, options);
        };
    });
}

}  // namespace

void declare_grant_commands(CLI::App& app, Invocation& invocation) {
    declare_grant(app, invocation);

    auto all = std::make_shared<bool>(false);
    auto* grants = app.add_subcommand("grants", "List grants that are active or to come");
    grants->group(access_group);
    grants->add_flag("--all", *all, "Those that are over as well");
    grants->callback([all, &invocation] {
        invocation.command = [all](const Context& context) { return list_grants(context, *all); };
    });
}

void declare_session_commands(CLI::App& app, Invocation& invocation) {
    struct Arguments {
        bool watch = false;
        bool past = false;
        PastFilter filter;
        std::string id;
    };
    auto arguments = std::make_shared<Arguments>();
    auto* sessions = app.add_subcommand("sessions", "List live sessions, of all nodes");
    sessions->group(access_group);
    auto* watch = sessions->add_flag("--watch,-w", arguments->watch, "Stay, and count down");
    auto* past =
        sessions->add_flag("--past", arguments->past, "The latest that were recorded, and how they ended");
    past->excludes(watch);
    auto& filter = arguments->filter;
    const auto narrow = [sessions, past](const char* option, std::string& to, const char* help) {
        return sessions->add_option(option, to, help)->needs(past);
    };
    narrow("--user", filter.user, "With --past: this user's");
    narrow("--resource", filter.resource, "With --past: on this resource");
    narrow("--since", filter.since, "With --past: that were there since then (2h, 18:00, 2026-11-25, …)")
        ->type_name("TIME");
    narrow("--until", filter.until, "With --past: that were there before then")->type_name("TIME");
    narrow("--cause", filter.cause, "With --past: that ended by this, such as grant_expired");
    narrow("--outcome", filter.outcome, "With --past: what became of them")
        ->check(CLI::IsMember({"not_over", "by_itself", "enforced", "unconfirmed", "overstayed"}));
    sessions->add_option("--limit", filter.at_most, "With --past: so many at most (50)")
        ->needs(past)
        ->check(CLI::Range(1, 100'000))
        ->type_name("NUMBER");
    sessions->callback([arguments, &invocation] {
        if (!arguments->past) {
            invocation.command = arguments->watch ? watch_sessions : list_sessions;
            return;
        }
        invocation.command = [arguments](const Context& context) {
            return list_past_sessions(context, arguments->filter);
        };
    });

    auto* kill = app.add_subcommand("kill", "End one session now, on whatever node; its grant stands");
    kill->group(administration_group);
    kill->add_option("SESSION", arguments->id, "Its identifier (s-…), from `curfew sessions`")->required();
    kill->callback([arguments, &invocation] {
        invocation.command = [arguments](const Context& context) {
            return kill_session(context, arguments->id);
        };
    });
}

}  // namespace curfew::cli

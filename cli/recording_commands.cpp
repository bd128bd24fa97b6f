#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <memory>
#include <string>

#include "base/duration.hpp"
#include "cli/invocation.hpp"
#include "cli/recordings.hpp"
#include "cli/replay.hpp"

namespace curfew::cli {
namespace {

void narrow_recordings(CLI::App& command, RecordingFilter& filter) {
    command.add_option("--user", filter.user, "Of this user's sessions alone");
    command.add_option("--resource", filter.resource, "Of sessions on this resource alone");
    command
        .add_option("--since", filter.since,
                    "Of sessions that were there since then (2h, 18:00, 2026-11-25, …)")
        ->type_name("TIME");
    command.add_option("--until", filter.until, "Of sessions that were there before then")->type_name("TIME");
}

struct ReplayArguments {
    ReplayOptions options;
    std::string max_pause = "2s";
};

ReplayOptions replay_options(const ReplayArguments& arguments, bool speed_given) {
    ReplayOptions options = arguments.options;
    options.speed_given = speed_given;
    options.max_pause = parse_duration(arguments.max_pause).value();
    if (options.session.empty() == options.file.empty()) {
        throw CLI::ValidationError("replay", "takes either SESSION or --file: curfew replay s-7k3mq9xd");
    }
    if (!options.file.empty() && options.format == "file")
        throw CLI::ValidationError("replay", "--export file is for a session: --file names one already");
    if (!options.output.empty() && options.format.empty())
        throw CLI::ValidationError("replay", "--output goes with --export");
    return options;
}

void declare_replay(CLI::App& app, Invocation& invocation) {
    auto arguments = std::make_shared<ReplayArguments>();
    auto& options = arguments->options;
    auto* command = app.add_subcommand("replay", "Show what was done in a session, as it was recorded");
    command->group(audit_group);
    command->add_option("SESSION", options.session, "Its identifier (s-…), from `curfew recordings`");
    auto* file = command->add_option("--file", options.file, "A recording's file instead, without a curfewd");
    auto* speed = command->add_option("--speed", options.speed, "So many times as fast as it was")
                      ->check(CLI::Range(0.01, 1000.0))
                      ->type_name("NUMBER");
    command->add_option("--max-pause", arguments->max_pause, "No pause is longer than that (2s)")
        ->check(is_duration());
    auto* no_wait = command->add_flag("--no-wait", options.no_wait, "All at once");
    no_wait->excludes(speed);
    auto* follow =
        command->add_flag("--follow,-f", options.follow, "Of a live session: stay, and show what comes");
    follow->excludes(file);
    auto* format = command->add_option("--export", options.format, "Write it for another program instead")
                       ->check(CLI::IsMember({"asciicast", "sql", "ndjson", "file"}));
    format->excludes(follow);
    command->add_option("--output,-o", options.output, "With --export: into this file")->type_name("FILE");
    command->callback([arguments, speed, &invocation] {
        const auto options_given = replay_options(*arguments, speed->count() > 0);
        if (!options_given.file.empty()) invocation.needs = Invocation::Needs::nothing;
        invocation.command = [options_given](const Context& context) {
            return replay(context, options_given);
        };
    });
}

void declare_search(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<SearchOptions>();
    auto* command = app.add_subcommand("search", "Look for text in recordings, of the latest sessions first");
    command->group(audit_group);
    command->add_option("TEXT", options->text, "What to look for; capital and small letters are the same")
        ->required();
    command->add_flag("--regex", options->regex, "TEXT is a regular expression (RE2)");
    command->add_flag("--case", options->case_sensitive, "Capital and small letters differ");
    narrow_recordings(*command, options->filter);
    command->add_option("--limit", options->at_most, "So many hits at most (1000)")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("NUMBER");
    command->callback([options, &invocation] {
        invocation.command = [options](const Context& context) {
            return search_recordings(context, *options);
        };
    });
}

}  // namespace

void declare_recording_commands(CLI::App& app, Invocation& invocation) {
    struct Arguments {
        RecordingFilter filter;
        std::size_t at_most = 50;
    };
    auto arguments = std::make_shared<Arguments>();
    auto* recordings = app.add_subcommand("recordings", "List sessions that were recorded, or are being");
    recordings->group(audit_group);
    narrow_recordings(*recordings, arguments->filter);
    recordings->add_option("--limit", arguments->at_most, "So many at most (50)")
        ->check(CLI::Range(1, 100'000))
        ->type_name("NUMBER");
    recordings->callback([arguments, &invocation] {
        invocation.command = [arguments](const Context& context) {
            return list_recordings(context, arguments->filter, arguments->at_most);
        };
    });
    declare_replay(app, invocation);
    declare_search(app, invocation);
}

}  // namespace curfew::cli

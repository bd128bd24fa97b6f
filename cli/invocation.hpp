// From a command line to the command that it calls.
#pragma once

#include <functional>
#include <string>

#include "cli/output.hpp"
#include "cli/server_choice.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace curfew::cli {

// What was called. Each family of commands declares itself to CLI11, and sets this when one of its own was
// called; its options live in what it captures.
struct Invocation {
    enum class Needs {
        server,   // a Context whose client talks to the chosen one
        nothing,  // talks to nobody, or finds its server by itself
    };

    std::function<ExitCode(const Context&)> command;
    Needs needs = Needs::server;
    ServerChoice choice;
};

// `30m`, `2h`: with the message of base/duration.hpp.
CLI::Validator is_duration();

// The groups that --help shows commands in.
inline constexpr const char* access_group = "Getting access";
inline constexpr const char* review_group = "Deciding";
inline constexpr const char* audit_group = "Looking back";
inline constexpr const char* sign_in_group = "Signing in";
inline constexpr const char* administration_group = "Administration";

void declare_access_commands(CLI::App& app, Invocation& invocation);
void declare_review_commands(CLI::App& app, Invocation& invocation);
void declare_offline_commands(CLI::App& app, Invocation& invocation);
void declare_grant_commands(CLI::App& app, Invocation& invocation);
void declare_session_commands(CLI::App& app, Invocation& invocation);
void declare_receipt_commands(CLI::App& app, Invocation& invocation);
void declare_recording_commands(CLI::App& app, Invocation& invocation);
void declare_sign_in_commands(CLI::App& app, Invocation& invocation);
void declare_admin_commands(CLI::App& app, Invocation& invocation);
void declare_node_commands(CLI::App& app, Invocation& invocation);
void declare_notification_commands(CLI::App& app, Invocation& invocation);
void declare_audit_commands(CLI::App& app, Invocation& invocation);
void declare_report_command(CLI::App& app, Invocation& invocation);
void declare_completion_command(CLI::App& app, Invocation& invocation);

}  // namespace curfew::cli

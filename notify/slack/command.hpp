// `/curfew …`, as Slack sends it (https://docs.slack.dev/interactivity/implementing-slash-commands).
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "notify/slack/slack_ids.hpp"

namespace curfew::notify::slack {

enum class Verb { help, link, unlink, subscribe, unsubscribe, list_requests, unknown };

struct Command {
    SlackUser by;
    Verb verb = Verb::help;
    std::string text;          // what stood behind the command, for who is told that it means nothing
    std::string channel;       // where it was given
    std::string response_url;  // as it came: is_slack_url is to be asked
};

// invalid: not what Slack sends. A text that means nothing is a command all the same.
Result<Command> parse_command_form(std::string_view body);
// The same of Socket Mode, where the form's fields are a JSON object.
Result<Command> parse_command(const boost::json::object& payload);

// `subscribe`, `request list` …; blanks and case do not matter. Empty: help.
Verb parse_verb(std::string_view text);

// Only whoever gave the command sees it. In mrkdwn.
boost::json::object ephemeral_answer(std::string_view text);
std::string help_text();

}  // namespace curfew::notify::slack

#include "notify/slack/command.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "notify/slack/form.hpp"
#include "notify/slack/json_reading.hpp"
#include "notify/slack/text.hpp"

namespace curfew::notify::slack {
namespace {

constexpr std::size_t longest_command_text = 8'000;
constexpr std::size_t longest_verb = 100;

constexpr std::array<std::pair<std::string_view, Verb>, 9> verbs{{
    {"", Verb::help},
    {"help", Verb::help},
    {"link", Verb::link},
    {"unlink", Verb::unlink},
    {"subscribe", Verb::subscribe},
    {"unsubscribe", Verb::unsubscribe},
    {"request list", Verb::list_requests},
    {"requests", Verb::list_requests},
    {"list", Verb::list_requests},
}};

// Words with one blank between them, in lower case.
std::string words_of(std::string_view text) {
    std::string words;
    for (const char c : lower_case(text)) {
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (!blank) {
            words += c;
        } else if (!words.empty() && words.back() != ' ') {
            words += ' ';
        }
    }
    if (words.ends_with(' ')) words.pop_back();
    return words;
}

// `field` gives a field of what was sent; empty where there is none.
template <class Field>
Result<Command> command_of(Field field) {
    Command command;
    command.by.user = field("user_id");
    command.by.team = field("team_id");
    command.by.user_team = command.by.team;  // nobody from elsewhere has an app's commands
    command.text = field("text");
    command.response_url = field("response_url");
    if (!is_slack_id(command.by.user, user_kinds) || !is_slack_id(command.by.team, team_kinds))
        return Error{ErrorCode::invalid, "This is no command that Slack sends: it does not say who gave it"};
    if (command.text.size() > longest_command_text)
        return Error{ErrorCode::invalid, "This is no command that Slack sends: it is too long"};
    const std::string channel{field("channel_id")};
    if (is_slack_id(channel, channel_kinds)) command.channel = channel;
    command.verb = parse_verb(command.text);
    return command;
}

}  // namespace

Verb parse_verb(std::string_view text) {
    if (text.size() > longest_verb) return Verb::unknown;
    const auto words = words_of(text);
    for (const auto& [known, verb] : verbs) {
        if (known == words) return verb;
    }
    return Verb::unknown;
}

Result<Command> parse_command_form(std::string_view body) {
    const auto form = parse_form(body);
    if (!form) return form.error();
    return command_of([&](std::string_view name) -> std::string_view {
        const auto found = form->find(name);
        return found == form->end() ? std::string_view{} : std::string_view{found->second};
    });
}

Result<Command> parse_command(const boost::json::object& payload) {
    return command_of([&](std::string_view name) { return text_of(payload, name); });
}

boost::json::object ephemeral_answer(std::string_view text) {
    return {{"response_type", "ephemeral"},
            {"replace_original", false},
            {"text", std::string{text}},
            {"blocks", boost::json::array{
                           boost::json::object{{"type", "section"}, {"text", markdown(std::string{text})}}}}};
}

std::string help_text() {
    return "`/curfew request list` shows what waits for your review, and what you asked for\n"
           "`/curfew subscribe` sends you a direct message about each request that you may review\n"
           "`/curfew unsubscribe` stops that\n"
           "`/curfew link` says who you are in Curfew; `/curfew unlink` takes that back\n"
           "Access itself is asked for on Curfew's page, or by `curfew request` on the command line.";
}

}  // namespace curfew::notify::slack

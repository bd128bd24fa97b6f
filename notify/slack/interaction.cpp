#include "notify/slack/interaction.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/text.hpp"
#include "notify/slack/form.hpp"
#include "notify/slack/json_reading.hpp"

namespace curfew::notify::slack {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_trigger = 200;
constexpr std::size_t longest_input = 8'000;

Error unreadable(std::string_view why) {
    return {ErrorCode::invalid, fmt::format("This is no interaction that Slack sends: {}", why)};
}

std::string trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n";
    const auto begin = text.find_first_not_of(blank);
    if (begin == std::string_view::npos) return {};
    return std::string{text.substr(begin, text.find_last_not_of(blank) - begin + 1)};
}

// Of an app that a whole organisation has, `team` is that of where it happened, or not there.
std::optional<SlackUser> user_in(const json::object& payload) {
    const auto* user = object_of(payload, "user");
    if (user == nullptr) return std::nullopt;
    SlackUser by;
    by.user = text_of(*user, "id");
    by.user_team = text_of(*user, "team_id");
    const auto* team = object_of(payload, "team");
    by.team = team == nullptr ? by.user_team : std::string{text_of(*team, "id")};
    const bool valid = is_slack_id(by.user, user_kinds) && is_slack_id(by.team, team_kinds) &&
                       (by.user_team.empty() || is_slack_id(by.user_team, team_kinds));
    return valid ? std::optional{std::move(by)} : std::nullopt;
}

std::string channel_in(const json::object& payload) {
    const auto* channel = object_of(payload, "channel");
    const auto id = channel == nullptr ? std::string_view{} : text_of(*channel, "id");
    return is_slack_id(id, channel_kinds) ? std::string{id} : std::string{};
}

Result<Interaction> button_pressed(const json::object& payload, SlackUser by) {
    const auto* actions = array_of(payload, "actions");
    if (actions == nullptr || actions->size() != 1 || !actions->front().is_object())
        return unreadable("it has not exactly one action");
    const auto& action = actions->front().get_object();
    const auto act = parse_action_id(text_of(action, "action_id"));
    if (!act || text_of(action, "type") != "button") return unreadable("its button is none of Curfew's");
    if (*act == Act::open_page) return Interaction{NothingToDo{}};
    const auto request = RequestId::parse(text_of(action, "value"));
    if (!request) return unreadable("its button is for no request");
    const auto trigger = text_of(payload, "trigger_id");
    if (trigger.empty() || trigger.size() > longest_trigger) return unreadable("it has no trigger_id");
    return Interaction{ButtonPressed{std::move(by), *act, *request, channel_in(payload), std::string{trigger},
                                     std::string{text_of(payload, "response_url")}}};
}

// `view.state.values.BLOCK.input.value`; null where nothing was entered.
std::string_view input_in(const json::object& view, std::string_view block) {
    const auto* state = object_of(view, "state");
    const auto* values = state == nullptr ? nullptr : object_of(*state, "values");
    const auto* inputs = values == nullptr ? nullptr : object_of(*values, block);
    const auto* input = inputs == nullptr ? nullptr : object_of(*inputs, input_action);
    return input == nullptr ? std::string_view{} : text_of(*input, "value");
}

Result<Interaction> modal_sent(const json::object& payload, SlackUser by) {
    const auto* view = object_of(payload, "view");
    if (view == nullptr) return unreadable("it has no view");
    if (text_of(*view, "callback_id") != modal_callback_id) return Interaction{NothingToDo{}};
    auto subject = parse_private_metadata(text_of(*view, "private_metadata"));
    if (!subject) return unreadable("its modal is about no request");
    const auto duration = input_in(*view, duration_block);
    const auto comment = input_in(*view, comment_block);
    if (duration.size() > longest_input || comment.size() > longest_input)
        return unreadable("what was entered is too long");
    ModalInput input{trimmed(duration), trimmed(comment)};
    return Interaction{ModalSent{std::move(by), std::move(*subject), std::move(input)}};
}

}  // namespace

Result<Interaction> parse_interaction(std::string_view text) {
    const auto payload = read_object(text);
    if (!payload) return unreadable("it is no JSON object");
    return read_interaction(*payload);
}

Result<Interaction> read_interaction(const json::object& payload) {
    const auto type = text_of(payload, "type");
    // Apps are told of more than this one asks for.
    if (type != "block_actions" && type != "view_submission") return Interaction{NothingToDo{}};
    auto by = user_in(payload);
    if (!by) return unreadable("it does not say who did it, and where");
    return type == "block_actions" ? button_pressed(payload, std::move(*by))
                                   : modal_sent(payload, std::move(*by));
}

Result<Interaction> parse_interaction_form(std::string_view body) {
    const auto form = parse_form(body);
    if (!form) return form.error();
    const auto payload = form->find("payload");
    if (form->size() != 1 || payload == form->end()) return unreadable("it is not a form with one 'payload'");
    return parse_interaction(payload->second);
}

}  // namespace curfew::notify::slack

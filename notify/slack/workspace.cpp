#include "notify/slack/workspace.hpp"

#include <fmt/format.h>

#include <utility>

#include "http/url.hpp"
#include "notify/slack/json_reading.hpp"

namespace curfew::notify::slack {
namespace {

namespace json = boost::json;

constexpr std::string_view slack_itself = "https://slack.com";
constexpr std::string_view event_type = "curfew_request";
// As many as one page gives: what was sent before a crash is among the last ones.
constexpr const char* looked_through = "100";

std::string origin_beside_slack(const std::string& api_url) {
    auto origin = http::origin_of(api_url);
    return origin == slack_itself ? std::string{} : origin;
}

CallFailure strange(std::string_view method) {
    CallFailure failure;
    failure.error = "strange_answer";
    failure.message = fmt::format("Slack's {} gave an answer that lacks what it is asked for", method);
    return failure;
}

json::object metadata_of(const Posting& posting) {
    return {{"event_type", event_type},
            {"event_payload", json::object{{"delivery", posting.known_by}, {"request", posting.request}}}};
}

json::object arguments_of(const SlackMessage& message, const Posting& posting) {
    json::object arguments{{"text", message.text}, {"blocks", message.blocks}};
    arguments["metadata"] = metadata_of(posting);
    return arguments;
}

bool is_known_by(const json::object& message, std::string_view delivery) {
    const auto* metadata = object_of(message, "metadata");
    if (metadata == nullptr || text_of(*metadata, "event_type") != event_type) return false;
    const auto* payload = object_of(*metadata, "event_payload");
    return payload != nullptr && text_of(*payload, "delivery") == delivery;
}

}  // namespace

Workspace::Workspace(std::string notifier, config::SlackSettings settings, CallParts parts)
    : notifier_{std::move(notifier)},
      settings_{std::move(settings)},
      own_origin_{origin_beside_slack(settings_.api_url)},
      bot_{settings_.api_url, settings_.bot_token, parts},
      app_{settings_.api_url, settings_.app_token.value_or(Secret{}), parts} {}

Awaitable<CallResult<std::string>> Workspace::team() {
    if (team_) co_return *team_;
    auto asking = bot_.ask("auth.test", {});
    const auto answer = co_await std::move(asking);
    if (!answer) co_return answer.error();
    const auto team = text_of(*answer, "team_id");
    if (!is_slack_id(team, team_kinds)) co_return strange("auth.test");
    team_ = team;
    co_return *team_;
}

Awaitable<CallResult<std::string>> Workspace::open_direct(std::string user) {
    json::object arguments{{"users", user}};
    auto asking = bot_.call("conversations.open", std::move(arguments));
    const auto answer = co_await std::move(asking);
    if (!answer) co_return answer.error();
    const auto* channel = object_of(*answer, "channel");
    const auto id = channel == nullptr ? std::string_view{} : text_of(*channel, "id");
    if (!is_slack_id(id, channel_kinds)) co_return strange("conversations.open");
    co_return std::string{id};
}

Awaitable<CallResult<MessagePlace>> Workspace::post(Posting posting) {
    auto arguments = arguments_of(posting.message, posting);
    arguments["channel"] = posting.channel;
    // A preview of the page shows nothing to whom it does not know.
    arguments["unfurl_links"] = false;
    arguments["unfurl_media"] = false;
    if (!posting.thread.empty()) {
        arguments["thread_ts"] = posting.thread;
        arguments["reply_broadcast"] = posting.broadcast;
    }
    auto calling = bot_.call("chat.postMessage", std::move(arguments));
    const auto answer = co_await std::move(calling);
    if (!answer) co_return answer.error();
    MessagePlace place{std::string{text_of(*answer, "channel")}, std::string{text_of(*answer, "ts")}};
    if (!is_slack_id(place.channel, channel_kinds) || !is_message_time(place.ts))
        co_return strange("chat.postMessage");
    co_return place;
}

Awaitable<CallResult<void>> Workspace::update(MessagePlace place, SlackMessage message, Posting known) {
    auto arguments = arguments_of(message, known);
    arguments["channel"] = place.channel;
    arguments["ts"] = place.ts;
    auto calling = bot_.call("chat.update", std::move(arguments));
    const auto answer = co_await std::move(calling);
    if (!answer) co_return answer.error();
    co_return CallResult<void>{};
}

Awaitable<CallResult<std::optional<MessagePlace>>> Workspace::find_posted(Posting posting,
                                                                          WallInstant since) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since).time_since_epoch().count();
    http::Fields arguments{{"channel", posting.channel},
                           {"include_all_metadata", "true"},
                           {"oldest", fmt::format("{}.000000", seconds)},
                           {"limit", looked_through}};
    const bool in_thread = !posting.thread.empty();
    if (in_thread) arguments.emplace_back("ts", posting.thread);
    auto asking =
        bot_.ask(in_thread ? "conversations.replies" : "conversations.history", std::move(arguments));
    const auto answer = co_await std::move(asking);
    if (!answer) co_return answer.error();
    const auto* messages = array_of(*answer, "messages");
    if (messages == nullptr) co_return strange("conversations.history");
    for (const auto& message : *messages) {
        if (!message.is_object() || !is_known_by(message.get_object(), posting.known_by)) continue;
        const auto ts = text_of(message.get_object(), "ts");
        if (is_message_time(ts)) co_return MessagePlace{posting.channel, std::string{ts}};
    }
    co_return std::optional<MessagePlace>{};
}

Awaitable<CallResult<json::object>> Workspace::look_up(std::string user) {
    http::Fields arguments{{"user", std::move(user)}};
    return bot_.ask("users.info", std::move(arguments));
}

Awaitable<CallResult<std::optional<std::string>>> Workspace::find_by_email(std::string email) {
    auto asking_team = team();
    const auto own = co_await std::move(asking_team);
    if (!own) co_return own.error();
    http::Fields arguments{{"email", email}};
    auto asking = bot_.ask("users.lookupByEmail", std::move(arguments));
    const auto answer = co_await std::move(asking);
    if (!answer) {
        if (answer.error().error == "users_not_found") co_return std::optional<std::string>{};
        co_return answer.error();
    }
    const auto* user = object_of(*answer, "user");
    const SlackUser asked{*own, user == nullptr ? std::string{} : std::string{text_of(*user, "id")}, *own};
    const auto person = person_with_email(*answer, asked, *own);
    if (!person || !is_slack_id(asked.user, user_kinds)) co_return std::optional<std::string>{};
    co_return std::optional{asked.user};
}

}  // namespace curfew::notify::slack

// One workspace of Slack's, as one notifier of the configuration has it.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/notifiers.hpp"
#include "notify/slack/request_message.hpp"
#include "notify/slack/slack_ids.hpp"
#include "notify/slack/slack_person.hpp"
#include "notify/slack/web_api.hpp"

namespace curfew::notify::slack {

// Where a message is.
struct MessagePlace {
    std::string channel;
    std::string ts;

    bool operator==(const MessagePlace&) const = default;
};

// A message that is to be sent once in effect.
struct Posting {
    std::string channel;
    SlackMessage message;
    std::string thread;      // the `ts` of the message that it answers; empty: none
    bool broadcast = false;  // an answer that the channel is shown as well
    std::string known_by;    // says which it is, for good: goes along as metadata
    std::string request;     // the same; what it is about
};

// Belongs to one executor.
class Workspace {
public:
    // `settings` are those of a Slack notifier.
    Workspace(std::string notifier, config::SlackSettings settings, CallParts parts);

    const std::string& notifier() const noexcept { return notifier_; }
    const config::SlackSettings& settings() const noexcept { return settings_; }
    WebApi& bot() noexcept { return bot_; }
    // With the token for Socket Mode.
    WebApi& app() noexcept { return app_; }
    // What is_slack_url takes as the notifier's own.
    const std::string& own_origin() const noexcept { return own_origin_; }

    // The workspace's identifier, `T024BE7LH`: asked for once.
    Awaitable<CallResult<std::string>> team();
    // How the store names it: `slack:T024BE7LH`.
    static std::string stored_team(std::string_view team) { return "slack:" + std::string{team}; }

    // A direct message's channel.
    Awaitable<CallResult<std::string>> open_direct(std::string user);
    Awaitable<CallResult<MessagePlace>> post(Posting posting);
    Awaitable<CallResult<void>> update(MessagePlace place, SlackMessage message, Posting known);
    // What was posted as `posting.known_by` no earlier than `since`; nullopt: it does not seem to be there.
    Awaitable<CallResult<std::optional<MessagePlace>>> find_posted(Posting posting, WallInstant since);
    // users.info's answer.
    Awaitable<CallResult<boost::json::object>> look_up(std::string user);
    // Who has this address, if they are somebody whose address counts; nullopt: nobody.
    Awaitable<CallResult<std::optional<std::string>>> find_by_email(std::string email);

private:
    const std::string notifier_;
    const config::SlackSettings settings_;
    const std::string own_origin_;
    WebApi bot_;
    WebApi app_;
    std::optional<std::string> team_;
};

}  // namespace curfew::notify::slack

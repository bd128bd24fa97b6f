// Slack's own identifiers, and where Slack is.
#pragma once

#include <string>
#include <string_view>

namespace curfew::notify::slack {

// Who did something in Slack.
struct SlackUser {
    std::string team;       // the workspace that the app is used in: `T024BE7LH`
    std::string user;       // `U2147483697`
    std::string user_team;  // the workspace that the user belongs to; empty: Slack did not say

    bool operator==(const SlackUser&) const = default;
};

// A letter out of `kinds` and 1 to 20 capitals and digits.
bool is_slack_id(std::string_view text, std::string_view kinds);

inline constexpr std::string_view team_kinds = "TE";  // a workspace, or an organisation
inline constexpr std::string_view user_kinds = "UW";
inline constexpr std::string_view channel_kinds = "CDG";

// `1796000000.123456`: what a message is known by in its channel.
bool is_message_time(std::string_view text);

// True of an address to answer at that can only be Slack's: https, on one of Slack's own hosts, without a
// user, a port or a fragment. `own_origin`: where the notifier's Web API is, if that is another one (a test's
// server, a gateway): `https://slack.example.com`; empty: Slack's.
bool is_slack_url(std::string_view url, std::string_view own_origin);

}  // namespace curfew::notify::slack

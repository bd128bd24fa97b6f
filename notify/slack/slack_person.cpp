#include "notify/slack/slack_person.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "notify/slack/json_reading.hpp"

namespace curfew::notify::slack {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_email = 254;  // RFC 5321
constexpr std::size_t longest_person_name = 80;

// Each of these makes somebody other than a full member of the workspace, who signed up by its rules.
struct Exclusion {
    std::string_view flag;
    std::string_view why;
};
constexpr std::array exclusions{
    Exclusion{"deleted", "your Slack account is deactivated"},
    Exclusion{"is_bot", "a bot decides nothing"},
    Exclusion{"is_app_user", "an app decides nothing"},
    Exclusion{"is_workflow_bot", "a workflow decides nothing"},
    Exclusion{"is_restricted", "you are a guest in this workspace"},
    Exclusion{"is_ultra_restricted", "you are a guest in this workspace"},
    Exclusion{"is_stranger", "you belong to another workspace"},
    Exclusion{"is_invited_user", "you have not joined the workspace yet"},
};

Error not_by_email(std::string_view why) {
    return {
        ErrorCode::forbidden,
        fmt::format("Slack does not prove who you are in Curfew: {}. Say /curfew link to link your account",
                    why)};
}

bool looks_like_email(std::string_view text) {
    const auto at = text.find('@');
    return text.size() <= longest_email && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find('@', at + 1) == std::string_view::npos;
}

}  // namespace

Result<SlackPerson> person_with_email(const json::object& answer, const SlackUser& asked,
                                      std::string_view team) {
    const auto* user = object_of(answer, "user");
    if (user == nullptr || text_of(*user, "id") != asked.user)
        return not_by_email("Slack does not say who you are");
    if (team.empty() || asked.team != team || text_of(*user, "team_id") != team)
        return not_by_email("you belong to another workspace");
    for (const auto& [flag, why] : exclusions) {
        if (flag_of(*user, flag)) return not_by_email(why);
    }
    if (!flag_of(*user, "is_email_confirmed"))
        return not_by_email("Slack has not confirmed your e-mail address");
    const auto* profile = object_of(*user, "profile");
    const auto email = profile == nullptr ? std::string_view{} : text_of(*profile, "email");
    if (!looks_like_email(email)) {
        return not_by_email("Slack does not tell your e-mail address (the app needs users:read.email)");
    }
    return SlackPerson{name_in(answer, asked), std::string{email}};
}

std::string name_in(const json::object& answer, const SlackUser& asked) {
    const auto* user = object_of(answer, "user");
    if (user == nullptr) return asked.user;
    const auto* profile = object_of(*user, "profile");
    const std::array candidates{profile == nullptr ? std::string_view{} : text_of(*profile, "display_name"),
                                profile == nullptr ? std::string_view{} : text_of(*profile, "real_name"),
                                text_of(*user, "real_name"), text_of(*user, "name"),
                                std::string_view{asked.user}};
    const auto* const found = std::find_if(candidates.begin(), candidates.end(),
                                           [](std::string_view name) { return !name.empty(); });
    return printable(*found, longest_person_name);
}

}  // namespace curfew::notify::slack

// Whose e-mail address may stand for them: what users.info says of somebody, judged.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "notify/slack/slack_ids.hpp"

namespace curfew::notify::slack {

// What there is to say of somebody in Slack.
struct SlackPerson {
    std::string name;   // for people: their display name, or else another of their names
    std::string email;  // confirmed; never empty
};

// `answer`: of users.info, for `asked`. forbidden: an address of theirs proves nothing here, since they
// belong to another workspace than `team`, are a guest, a bot or gone, or Slack has not confirmed it; the
// message says which, and that linking the account helps.
Result<SlackPerson> person_with_email(const boost::json::object& answer, const SlackUser& asked,
                                      std::string_view team);

// The name alone, whoever they are; their identifier where Slack gives none.
std::string name_in(const boost::json::object& answer, const SlackUser& asked);

}  // namespace curfew::notify::slack

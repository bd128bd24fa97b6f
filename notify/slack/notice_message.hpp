// Notices as messages of Slack's. Pure.
#pragma once

#include <optional>
#include <string>

#include "notify/notice.hpp"
#include "notify/slack/request_message.hpp"
#include "notify/texts.hpp"

namespace curfew::notify::slack {

// A request as it stands, for those who decide.
RequestCard card_of(const Facts& facts, const Surroundings& surroundings);

// For one person.
SlackMessage notice_message(const NoticeText& text);

// When the access that the facts are about ends, or ended; nullopt: there is none.
std::optional<WallInstant> access_end(const Facts& facts);
bool has_access(const Facts& facts);

}  // namespace curfew::notify::slack

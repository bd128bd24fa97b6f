// What Slack sends when somebody presses a button or sends a modal, read strictly
// (https://docs.slack.dev/reference/interaction-payloads).
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "notify/slack/act.hpp"
#include "notify/slack/modal.hpp"
#include "notify/slack/slack_ids.hpp"

namespace curfew::notify::slack {

struct ButtonPressed {
    SlackUser by;
    Act act = Act::open_page;
    RequestId request;
    std::string channel;       // where the message is
    std::string trigger_id;    // opens a modal, within three seconds
    std::string response_url;  // where to answer; as it came: is_slack_url is to be asked
};
struct ModalSent {
    SlackUser by;
    ModalSubject subject;
    ModalInput input;
};
// There is nothing to do but to say that it arrived: a link was followed, a modal of somebody else's.
struct NothingToDo {};
using Interaction = std::variant<ButtonPressed, ModalSent, NothingToDo>;

// invalid: not what Slack sends for what this app shows. `payload`: JSON.
Result<Interaction> parse_interaction(std::string_view payload);
Result<Interaction> read_interaction(const boost::json::object& payload);
// The same for the body of a call over HTTP: a form whose one field is `payload`.
Result<Interaction> parse_interaction_form(std::string_view body);

}  // namespace curfew::notify::slack

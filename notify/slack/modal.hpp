// The form that asks for what a button alone cannot say: a shorter duration, a reason.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "notify/slack/act.hpp"
#include "policy/request.hpp"

namespace curfew::notify::slack {

// What a modal is about; it goes to Slack and comes back with what was entered.
struct ModalSubject {
    Act act = Act::reject;  // shorten or reject
    RequestId request;
    std::string channel;  // of the message whose button was pressed

    bool operator==(const ModalSubject&) const = default;
};

// At most 3,000 bytes, as private_metadata may have.
std::string to_private_metadata(const ModalSubject& subject);
// nullopt for anything that to_private_metadata does not write.
std::optional<ModalSubject> parse_private_metadata(std::string_view text);

// For views.open.
boost::json::object review_modal(const ModalSubject& subject, const policy::Request& request);

inline constexpr std::string_view modal_callback_id = "curfew_review";
inline constexpr std::string_view duration_block = "duration";
inline constexpr std::string_view comment_block = "comment";
inline constexpr std::string_view input_action = "input";
// In characters; four times as many bytes are as many as a comment may have (policy::longest_text).
inline constexpr std::size_t longest_comment_input = 500;

// What was entered.
struct ModalInput {
    std::string duration;  // only of shorten
    std::string comment;
};
// What is wrong with it, block by block: `{"duration": "…"}`; empty: nothing that shows here already.
boost::json::object input_errors(const ModalSubject& subject, const ModalInput& input);

// What a view_submission is answered with: the modal stays open and shows them.
boost::json::object errors_answer(boost::json::object errors);
// The same for what the desk does not allow. Shown at the last input that the modal has.
boost::json::object refusal_answer(std::string_view why);

}  // namespace curfew::notify::slack

#include "workflow/command_answers.hpp"

#include <fmt/format.h>

#include <string>

#include "base/duration.hpp"
#include "base/text.hpp"

namespace curfew::workflow {
namespace {

using Answer = proxy::CommandDesk::Answer;
using policy::Decision;

constexpr const char* ask_again = "Run it again to ask again.";

// The rest of a sentence in which somebody's comment may stand.
std::string ended_with(const std::string& comment) {
    if (comment.empty()) return ".";
    const std::string shown = printable(comment, comment.size());
    return ": " + shown + (shown.ends_with('.') ? "" : ".");
}

// Who did it, and that they did.
std::string act_of(const policy::Request& request, std::string_view what_they_did) {
    return fmt::format("{} {}{}", request.decided_by.empty() ? "Somebody" : printable(request.decided_by),
                       what_they_did, ended_with(request.decision_comment));
}

// The comment of a rejection stands in its review.
std::string rejection(const policy::Request& request) {
    for (const policy::Review& review : request.reviews) {
        if (review.verdict == policy::Verdict::reject)
            return fmt::format("{} rejected it{}", printable(review.reviewer), ended_with(review.comment));
    }
    return act_of(request, "rejected it");
}

}  // namespace

Answer refusal_of(const policy::Request& request) {
    switch (request.decision) {
        case Decision::reviewed:
            return {false, rejection(request), "Change it as was asked for, and run it again to ask again."};
        case Decision::review_timed_out:
            return {false,
                    fmt::format("Nobody decided within {}.",
                                format_duration(request.review_ends_at - request.asked_at)),
                    ask_again};
        case Decision::cancelled:
            return {false, act_of(request, "withdrew it"), ask_again};
        case Decision::revoked:
            return {false, act_of(request, "revoked its approval"), ask_again};
        case Decision::right_lost:
            return {false, "It may not run any more" + ended_with(request.decision_comment),
                    "Ask an administrator which rule lets you run commands here."};
        case Decision::not_run:
            return {false, "The time in which it might run is over.", ask_again};
        default:
            return {false, fmt::format("It is {}.", to_string(request.status)), ask_again};
    }
}

Answer refusal_for(const Error& error) {
    if (error.code != ErrorCode::unavailable)
        return {false, "It may not run" + ended_with(error.message), ask_again};
    return {false, "Curfew cannot write down that it runs, so that it does not.",
            "Run it again later; an administrator can see why in Curfew's log."};
}

Answer refusal_of_withdrawn(const std::string& why) {
    return {false, "It was withdrawn" + ended_with(why), ask_again};
}

}  // namespace curfew::workflow

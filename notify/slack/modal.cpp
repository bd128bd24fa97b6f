#include "notify/slack/modal.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <utility>

#include "base/duration.hpp"
#include "notify/command_text.hpp"
#include "notify/slack/json_reading.hpp"
#include "notify/slack/text.hpp"
#include "policy/lifecycle.hpp"

namespace curfew::notify::slack {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_channel = 40;
constexpr std::size_t longest_duration_input = 20;
constexpr std::size_t longest_error = 300;

json::object text_input(bool multiline, std::string_view placeholder, std::size_t longest) {
    return {{"type", "plain_text_input"},
            {"action_id", input_action},
            {"multiline", multiline},
            {"max_length", longest},
            {"placeholder", plain(placeholder, 150)}};
}

json::object input_block(std::string_view id, std::string_view label, json::object element, bool optional) {
    return {{"type", "input"},
            {"block_id", id},
            {"label", plain(label, longest_input_label)},
            {"element", std::move(element)},
            {"optional", optional}};
}

std::string summary(const policy::Request& request) {
    auto text = fmt::format("*{}* on *{}*{}", escaped(request.requester, 80), escaped(request.resource, 80),
                            request.command ? ": " + notify::kind_of(*request.command)
                                            : " for " + format_duration(request.duration));
    if (!request.reason.empty()) text += "\n> " + escaped(request.reason, 1'000);
    return text;
}

}  // namespace

std::string to_private_metadata(const ModalSubject& subject) {
    const json::object object{
        {"act", action_id(subject.act)}, {"request", subject.request.text()}, {"channel", subject.channel}};
    return json::serialize(object);
}

std::optional<ModalSubject> parse_private_metadata(std::string_view text) {
    const auto object = read_object(text);
    if (!object || object->size() != 3) return std::nullopt;
    const auto act = parse_action_id(text_of(*object, "act"));
    const auto request = RequestId::parse(text_of(*object, "request"));
    const auto channel = text_of(*object, "channel");
    const bool known = act == Act::shorten || act == Act::reject;
    if (!known || !request || channel.size() > longest_channel) return std::nullopt;
    return ModalSubject{*act, *request, std::string{channel}};
}

json::object review_modal(const ModalSubject& subject, const policy::Request& request) {
    json::array blocks;
    blocks.emplace_back(json::object{{"type", "section"}, {"text", markdown(summary(request))}});
    const bool shorten = subject.act == Act::shorten;
    if (shorten) {
        const auto longest = format_duration(request.duration);
        auto block = input_block(duration_block, "For how long",
                                 text_input(false, "30m, 1h, 1h30m", longest_duration_input), false);
        block["hint"] = plain(fmt::format("At most {}, which is what was asked for.", longest), 2'000);
        blocks.emplace_back(std::move(block));
    }
    blocks.emplace_back(input_block(comment_block, shorten ? "Anything to say?" : "Why",
                                    text_input(true, "The requester reads this", longest_comment_input),
                                    shorten));
    return {{"type", "modal"},
            {"callback_id", modal_callback_id},
            {"private_metadata", to_private_metadata(subject)},
            {"title", plain(shorten ? "Approve for less" : "Reject", longest_title)},
            {"submit", plain(shorten ? "Approve" : "Reject", longest_title)},
            {"close", plain("Cancel", longest_title)},
            {"blocks", std::move(blocks)}};
}

json::object input_errors(const ModalSubject& subject, const ModalInput& input) {
    json::object errors;
    if (subject.act == Act::shorten) {
        if (const auto duration = parse_duration(input.duration); !duration)
            errors[duration_block] = clipped(duration.error().message, longest_error);
    } else if (input.comment.empty()) {
        errors[comment_block] = "Say why, so that the requester knows what to do next.";
    }
    if (input.comment.size() > policy::longest_text)
        errors[comment_block] = fmt::format("At most {} bytes; say it shorter.", policy::longest_text);
    return errors;
}

json::object errors_answer(json::object errors) {
    return {{"response_action", "errors"}, {"errors", std::move(errors)}};
}

json::object refusal_answer(std::string_view why) {
    return errors_answer({{comment_block, clipped(why, longest_error)}});
}

}  // namespace curfew::notify::slack

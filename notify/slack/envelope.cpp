#include "notify/slack/envelope.hpp"

#include <boost/json/serialize.hpp>
#include <utility>

#include "notify/slack/json_reading.hpp"

namespace curfew::notify::slack {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_envelope_id = 100;

Envelope::Kind kind_of(std::string_view type) {
    if (type == "hello") return Envelope::Kind::hello;
    if (type == "disconnect") return Envelope::Kind::disconnect;
    if (type == "interactive") return Envelope::Kind::interactive;
    if (type == "slash_commands") return Envelope::Kind::slash_command;
    return Envelope::Kind::other;
}

}  // namespace

Result<Envelope> parse_envelope(std::string_view text) {
    const auto object = read_object(text);
    if (!object) return Error{ErrorCode::invalid, "Slack sent through Socket Mode what is no JSON object"};
    const auto type = text_of(*object, "type");
    if (type.empty()) return Error{ErrorCode::invalid, "Slack sent an envelope without a type"};
    Envelope envelope;
    envelope.kind = kind_of(type);
    envelope.id = text_of(*object, "envelope_id");
    envelope.reason = text_of(*object, "reason");
    envelope.takes_an_answer = flag_of(*object, "accepts_response_payload");
    const bool is_about_the_connection =
        envelope.kind == Envelope::Kind::hello || envelope.kind == Envelope::Kind::disconnect;
    if (envelope.id.size() > longest_envelope_id || (envelope.id.empty() && !is_about_the_connection))
        return Error{ErrorCode::invalid, "Slack sent an envelope without an envelope_id"};
    if (const auto* payload = object_of(*object, "payload")) envelope.payload = *payload;
    return envelope;
}

std::string acknowledgement(std::string_view envelope_id, const json::object& answer) {
    json::object acknowledged{{"envelope_id", envelope_id}};
    if (!answer.empty()) acknowledged["payload"] = answer;
    return json::serialize(acknowledged);
}

}  // namespace curfew::notify::slack

#include "notify/slack/receipt.hpp"

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "base/time_text.hpp"
#include "notify/slack/json_reading.hpp"
#include "notify/slack/slack_ids.hpp"

namespace curfew::notify::slack {
namespace {

constexpr std::array<std::pair<Recipient::Kind, std::string_view>, 3> prefixes{{
    {Recipient::Kind::channel, "channel:"},
    {Recipient::Kind::approver, "approver:"},
    {Recipient::Kind::requester, "requester:"},
}};

}  // namespace

std::string to_text(const Receipt& receipt) {
    boost::json::object object{{"channel", receipt.channel}, {"ts", receipt.ts}};
    if (receipt.until) object["until"] = format_utc(*receipt.until);
    if (receipt.over) object["over"] = true;
    return boost::json::serialize(object);
}

std::optional<Receipt> parse_receipt(std::string_view text) {
    const auto object = read_object(text);
    if (!object) return std::nullopt;
    Receipt receipt;
    receipt.channel = text_of(*object, "channel");
    receipt.ts = text_of(*object, "ts");
    receipt.until = parse_utc(text_of(*object, "until"));
    receipt.over = flag_of(*object, "over");
    if (!is_slack_id(receipt.channel, channel_kinds) || !is_message_time(receipt.ts)) return std::nullopt;
    return receipt;
}

std::string to_text(const Recipient& recipient) {
    for (const auto& [kind, prefix] : prefixes) {
        if (kind == recipient.kind) return std::string{prefix} + recipient.id;
    }
    return {};
}

std::optional<Recipient> parse_recipient(std::string_view text) {
    for (const auto& [kind, prefix] : prefixes) {
        if (!text.starts_with(prefix)) continue;
        const auto id = text.substr(prefix.size());
        const bool valid =
            kind == Recipient::Kind::channel ? is_slack_id(id, channel_kinds) : is_slack_id(id, user_kinds);
        if (valid) return Recipient{kind, std::string{id}};
    }
    return std::nullopt;
}

}  // namespace curfew::notify::slack

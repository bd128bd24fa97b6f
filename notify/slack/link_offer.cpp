#include "notify/slack/link_offer.hpp"

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/sha256.hpp"
#include "base/time_text.hpp"
#include "notify/slack/json_reading.hpp"
#include "notify/slack/slack_ids.hpp"

namespace curfew::notify::slack {
namespace {

constexpr std::size_t longest_link_code = 2'000;

}  // namespace

std::string LinkOffers::seal(const LinkOffer& offer) const {
    const boost::json::object object{{"notifier", offer.notifier},
                                     {"team", offer.team},
                                     {"account", offer.account},
                                     {"name", offer.name},
                                     {"expires_at", format_utc(offer.expires_at)}};
    return box_.seal(boost::json::serialize(object));
}

std::optional<LinkOffer> LinkOffers::open(std::string_view code, WallInstant now) const {
    if (code.size() > longest_link_code) return std::nullopt;
    const auto opened = box_.open(code);
    if (!opened) return std::nullopt;
    const auto object = read_object(opened->reveal());  // to be read
    if (!object) return std::nullopt;
    const auto expires_at = parse_utc(text_of(*object, "expires_at"));
    if (!expires_at || now >= *expires_at) return std::nullopt;
    LinkOffer offer{std::string{text_of(*object, "notifier")}, std::string{text_of(*object, "team")},
                    std::string{text_of(*object, "account")}, std::string{text_of(*object, "name")},
                    *expires_at};
    if (!is_slack_id(offer.team, team_kinds) || !is_slack_id(offer.account, user_kinds)) return std::nullopt;
    return offer;
}

std::string used_key(std::string_view code) {
    return "chat link:" + to_hex(sha256(code));
}

std::string link_address(std::string_view people_address, std::string_view code) {
    return fmt::format("{}/link-chat#{}", people_address, code);
}

}  // namespace curfew::notify::slack

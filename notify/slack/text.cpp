#include "notify/slack/text.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::notify::slack {
namespace {

constexpr std::string_view ellipsis = "…";

// The next character of valid UTF-8.
std::string_view first_character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return text.substr(0, length);
}

std::size_t units_of(std::string_view character) {
    return character.size() == 4 ? 2 : 1;
}

std::string_view literal(std::string_view character) {
    if (character == "&") return "&amp;";
    if (character == "<") return "&lt;";
    if (character == ">") return "&gt;";
    return character;
}

std::string limited(std::string_view raw, std::size_t limit, bool escape) {
    // Whatever printable() does not need for `limit` characters is not looked at.
    const std::string safe = printable(raw, 4 * limit);
    std::string out;
    std::size_t length = 0;
    std::size_t cut_at = 0;  // of `out`, where the ellipsis would still fit
    std::string_view rest{safe};
    while (!rest.empty()) {
        const auto character = first_character(rest);
        rest.remove_prefix(character.size());
        const auto written = escape ? literal(character) : character;
        length += written == character ? units_of(character) : written.size();
        if (length > limit) return out.substr(0, cut_at).append(ellipsis);
        out += written;
        if (length < limit) cut_at = out.size();
    }
    return out;
}

}  // namespace

std::size_t length_in_slack(std::string_view text) {
    std::size_t length = 0;
    while (!text.empty()) {
        const auto character = first_character(text);
        length += units_of(character);
        text.remove_prefix(character.size());
    }
    return length;
}

std::string escaped(std::string_view text, std::size_t limit) {
    return limited(text, limit, true);
}

std::string clipped(std::string_view text, std::size_t limit) {
    return limited(text, limit, false);
}

std::string date_for_reader(WallInstant instant) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(instant);
    const std::string utc = format_utc(seconds);  // `2026-11-29T13:00:00Z`
    return fmt::format("<!date^{}^{{date_short_pretty}} {{time}}|{} {} UTC>",
                       seconds.time_since_epoch().count(), utc.substr(0, 10), utc.substr(11, 5));
}

boost::json::object code_block(std::string_view code) {
    const boost::json::array texts{boost::json::object{{"type", "text"}, {"text", code}}};
    const boost::json::array parts{
        boost::json::object{{"type", "rich_text_preformatted"}, {"elements", texts}}};
    return {{"type", "rich_text"}, {"elements", parts}};
}

boost::json::object markdown(std::string text) {
    return {{"type", "mrkdwn"}, {"text", std::move(text)}, {"verbatim", true}};
}

boost::json::object plain(std::string_view text, std::size_t limit) {
    // Slack refuses an empty one.
    return {{"type", "plain_text"}, {"text", text.empty() ? "-" : clipped(text, limit)}, {"emoji", false}};
}

}  // namespace curfew::notify::slack

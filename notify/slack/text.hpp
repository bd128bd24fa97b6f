// Text as Slack shows it: what came from outside can neither format, mention nor link anything.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace curfew::notify::slack {

// How Slack's limits count a text: UTF-16 units, which is never less than what it counts.
std::size_t length_in_slack(std::string_view text);

// `text` printable (base/text.hpp), with `&`, `<` and `>` escaped, so that `<!channel>` and `<@U1>` are what
// they look like. At most `limit` long, cut with an ellipsis between two characters and not within one.
std::string escaped(std::string_view text, std::size_t limit);
// The same for plain_text, where nothing needs to be escaped.
std::string clipped(std::string_view text, std::size_t limit);

// `<!date^1796000000^{date_short_pretty} {time}|2026-11-29 13:00 UTC>`: each reader sees their own zone.
std::string date_for_reader(WallInstant instant);

// A block of code, in which nothing is marked up: what stands in it ends it nowhere, mentions nobody and
// links nothing. `code` is printable already, and at most longest_code.
boost::json::object code_block(std::string_view code);

// Text objects. `verbatim`: no word of it becomes a link or a mention by itself.
boost::json::object markdown(std::string text);
boost::json::object plain(std::string_view text, std::size_t limit);

// Slack's limits (https://docs.slack.dev/reference/block-kit).
inline constexpr std::size_t longest_section = 3'000;
// Of one text in a block of code, as of a section's.
inline constexpr std::size_t longest_code = 3'000;
inline constexpr std::size_t longest_field = 2'000;
inline constexpr std::size_t longest_header = 150;
inline constexpr std::size_t longest_button = 75;
inline constexpr std::size_t longest_title = 24;  // of a modal, and what its buttons say
inline constexpr std::size_t longest_input_label = 2'000;
inline constexpr std::size_t longest_private_metadata = 3'000;
inline constexpr std::size_t longest_fallback = 3'000;
inline constexpr std::size_t most_blocks = 50;

}  // namespace curfew::notify::slack

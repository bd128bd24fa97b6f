#include "notify/slack/slack_ids.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace curfew::notify::slack {
namespace {

constexpr std::size_t longest_id = 21;
constexpr std::size_t longest_url = 1'000;
// `hooks.slack.com` is what response_url names; the other is that of Slack's service for governments.
constexpr std::array<std::string_view, 2> answering_hosts{"hooks.slack.com", "hooks.slack-gov.com"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// What may stand in a path and a query as Slack writes them; no backslash, blank, `@` or `#` above all.
bool is_plain_path(std::string_view path) {
    constexpr std::string_view others = "/-._~%?=&+:,";
    return std::all_of(path.begin(), path.end(), [&](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               others.find(c) != std::string_view::npos;
    });
}

bool is_at(std::string_view url, std::string_view origin) {
    if (origin.empty() || !url.starts_with(origin)) return false;
    const auto path = url.substr(origin.size());
    return path.starts_with('/') && is_plain_path(path);
}

}  // namespace

bool is_slack_id(std::string_view text, std::string_view kinds) {
    if (text.size() < 2 || text.size() > longest_id) return false;
    if (kinds.find(text.front()) == std::string_view::npos) return false;
    return std::all_of(text.begin() + 1, text.end(),
                       [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
}

bool is_message_time(std::string_view text) {
    const auto point = text.find('.');
    if (point == std::string_view::npos || text.size() > 24) return false;
    return all_digits(text.substr(0, point)) && all_digits(text.substr(point + 1));
}

bool is_slack_url(std::string_view url, std::string_view own_origin) {
    if (url.size() > longest_url) return false;
    if (!own_origin.empty()) return is_at(url, own_origin);
    return std::any_of(answering_hosts.begin(), answering_hosts.end(),
                       [&](std::string_view host) { return is_at(url, "https://" + std::string{host}); });
}

}  // namespace curfew::notify::slack

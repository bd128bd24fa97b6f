#include "config/notifiers.hpp"

#include <algorithm>
#include <tuple>

namespace curfew::config {
namespace {

// `*` in a pattern stands for any characters, none included.
bool matches(std::string_view pattern, std::string_view name) {
    std::size_t at = 0;    // in the pattern
    std::size_t read = 0;  // of the name
    auto star = std::string_view::npos;
    std::size_t behind = 0;  // where the name goes on behind the last star
    while (read < name.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            behind = read;
        } else if (at < pattern.size() && pattern[at] == name[read]) {
            ++at;
            ++read;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            read = ++behind;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

std::string_view revealed(const std::optional<Secret>& secret) {
    return secret ? secret->reveal() : std::string_view{};  // to be compared with another
}

bool are_equal(const std::optional<Secret>& one, const std::optional<Secret>& other) {
    return one.has_value() == other.has_value() && equal_constant_time(revealed(one), revealed(other));
}

bool are_equal(const Secret& one, const Secret& other) {
    return equal_constant_time(one.reveal(), other.reveal());
}

bool is_same(const SlackSettings& one, const SlackSettings& other) {
    const auto facts = [](const SlackSettings& settings) {
        return std::tie(settings.channel, settings.channels, settings.match_email, settings.api_url);
    };
    return facts(one) == facts(other) && are_equal(one.bot_token, other.bot_token) &&
           are_equal(one.signing_secret, other.signing_secret) && are_equal(one.app_token, other.app_token);
}

bool is_same(const TeamsSettings& one, const TeamsSettings& other) {
    return are_equal(one.url, other.url);
}

bool is_same(const WebhookSettings& one, const WebhookSettings& other) {
    return std::tie(one.url, one.root_certificate_file, one.allowed_networks) ==
               std::tie(other.url, other.root_certificate_file, other.allowed_networks) &&
           are_equal(one.secret, other.secret);
}

bool is_same(const EmailSettings& one, const EmailSettings& other) {
    const auto facts = [](const EmailSettings& settings) {
        return std::tie(settings.server, settings.port, settings.tls, settings.root_certificate_file,
                        settings.user, settings.from, settings.to_approvers, settings.to);
    };
    return facts(one) == facts(other) && are_equal(one.password, other.password);
}

}  // namespace

std::string_view to_string(NoticeKind kind) {
    switch (kind) {
        case NoticeKind::request_waiting:
            return "request_waiting";
        case NoticeKind::break_glass_used:
            return "break_glass_used";
        case NoticeKind::review_due:
            return "review_due";
        case NoticeKind::request_approved:
            return "request_approved";
        case NoticeKind::request_rejected:
            return "request_rejected";
        case NoticeKind::grant_ending:
            return "grant_ending";
        case NoticeKind::grant_ended:
            return "grant_ended";
        case NoticeKind::command_ended:
            return "command_ended";
    }
    return "unknown";
}

std::optional<NoticeKind> parse_notice_kind(std::string_view text) {
    const auto* const found = std::find_if(all_notice_kinds.begin(), all_notice_kinds.end(),
                                           [text](NoticeKind kind) { return to_string(kind) == text; });
    if (found == all_notice_kinds.end()) return std::nullopt;
    return *found;
}

std::string_view to_string(MailTls mode) {
    switch (mode) {
        case MailTls::required:
            return "required";
        case MailTls::implicit:
            return "implicit";
        case MailTls::off_on_loopback:
            return "off-on-loopback";
    }
    return "unknown";
}

std::string_view Notifier::type() const {
    constexpr std::array<std::string_view, std::variant_size_v<decltype(provider)>> types{"slack", "teams",
                                                                                          "webhook", "email"};
    return types.at(provider.index());
}

bool Notifier::is_told(NoticeKind kind, std::string_view resource) const {
    if (!notices.contains(kind)) return false;
    return resources.empty() || std::any_of(resources.begin(), resources.end(),
                                            [&](const auto& pattern) { return matches(pattern, resource); });
}

bool is_same(const Notifier& one, const Notifier& other) {
    if (std::tie(one.name, one.notices, one.resources) !=
            std::tie(other.name, other.notices, other.resources) ||
        one.provider.index() != other.provider.index())
        return false;
    return std::visit(
        [&other](const auto& settings) {
            return is_same(settings, std::get<std::decay_t<decltype(settings)>>(other.provider));
        },
        one.provider);
}

}  // namespace curfew::config

// Who is told of requests and grants, and by which way, as the configuration says.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ip_network.hpp"
#include "base/secret.hpp"
#include "config/secret_reference.hpp"

namespace curfew::config {

// What there is to be told. The words are kept in stores: never change one.
enum class NoticeKind {
    // To those who decide.
    request_waiting,   // somebody's request waits for a review; told again as it changes
    break_glass_used,  // somebody got in without a review
    review_due,        // what nobody reviewed before is to be reviewed now
    // To who asked.
    request_approved,
    request_rejected,  // or not decided in time
    grant_ending,      // 5 minutes are left
    grant_ended,       // and why: its time is over, or it was taken back
    command_ended,     // a script was run, and what came of it; or it was not run, and why
};
inline constexpr std::array all_notice_kinds{NoticeKind::request_waiting,  NoticeKind::break_glass_used,
                                             NoticeKind::review_due,       NoticeKind::request_approved,
                                             NoticeKind::request_rejected, NoticeKind::grant_ending,
                                             NoticeKind::grant_ended,      NoticeKind::command_ended};
std::string_view to_string(NoticeKind kind);  // `request_waiting`
std::optional<NoticeKind> parse_notice_kind(std::string_view text);

struct SlackSettings {
    Secret bot_token;
    SecretReference bot_token_reference;
    // Exactly one of them: requests come in by HTTP, or over a connection of ours (Socket Mode).
    std::optional<Secret> signing_secret;
    std::optional<SecretReference> signing_secret_reference;
    std::optional<Secret> app_token;
    std::optional<SecretReference> app_token_reference;
    std::string channel;                                       // of the approvers; empty: none
    std::map<std::string, std::string, std::less<>> channels;  // by approval group, in place of `channel`
    bool match_email = false;  // an account is the user who has its (verified) address
    std::string api_url = "https://slack.com/api";
};

struct TeamsSettings {
    Secret url;  // of the workflow: whoever has it may post
    SecretReference url_reference;
};

struct WebhookSettings {
    std::string url;
    Secret secret;  // that what is sent is signed with
    SecretReference secret_reference;
    std::optional<std::string> root_certificate_file;  // PEM; absent: the system's authorities
    // Beside the public internet.
    std::vector<IpNetwork> allowed_networks;
};

enum class MailTls {
    required,         // STARTTLS, and nothing without
    implicit,         // TLS from the first byte (port 465)
    off_on_loopback,  // none, and only on this machine
};
std::string_view to_string(MailTls mode);  // `off-on-loopback`

struct EmailSettings {
    std::string server;
    std::uint16_t port = 587;
    MailTls tls = MailTls::required;
    std::optional<std::string> root_certificate_file;  // PEM; absent: the system's authorities
    std::string user;                                  // empty: nobody logs in
    std::optional<Secret> password;
    std::optional<SecretReference> password_reference;
    std::string from;             // an address
    bool to_approvers = true;     // each by the address of their own
    std::vector<std::string> to;  // addresses that are told whatever approvers are told, beside them
};

struct Notifier {
    std::string name;  // 1 to 63 plain characters; no two have the same
    std::set<NoticeKind> notices{all_notice_kinds.begin(), all_notice_kinds.end()};
    // Names of resources, in which `*` stands for any characters; empty: all.
    std::vector<std::string> resources;
    std::variant<SlackSettings, TeamsSettings, WebhookSettings, EmailSettings> provider;

    std::string_view type() const;  // `slack`, `teams`, `webhook`, `email`
    bool is_told(NoticeKind kind, std::string_view resource) const;
};

// Whether both are to do the same, secrets included.
bool is_same(const Notifier& one, const Notifier& other);

}  // namespace curfew::config

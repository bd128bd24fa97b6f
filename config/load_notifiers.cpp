// Who is told: notifiers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "config/address.hpp"
#include "config/files.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace curfew::config {
namespace {

constexpr std::size_t most_notifiers = 32;
constexpr std::size_t most_listed = 200;
constexpr std::size_t longest_address = 2000;  // of the web
constexpr std::size_t longest_channel = 100;
constexpr std::size_t longest_login = 255;
constexpr std::size_t shortest_signing_secret = 16;
constexpr std::uint16_t implicit_tls_port = 465;

constexpr std::array<std::string_view, 4> notifier_types{"slack", "teams", "webhook", "email"};
constexpr std::array mail_tls_modes{MailTls::required, MailTls::implicit, MailTls::off_on_loopback};

// Keys that one type has and the others have not.
struct KeysOfType {
    std::string_view type;
    std::string_view key;
};
constexpr std::array keys_of_types{
    KeysOfType{"slack", "bot_token"},
    KeysOfType{"slack", "signing_secret"},
    KeysOfType{"slack", "app_token"},
    KeysOfType{"slack", "channel"},
    KeysOfType{"slack", "channels"},
    KeysOfType{"slack", "match_email"},
    KeysOfType{"slack", "api_url"},
    KeysOfType{"teams", "url"},
    KeysOfType{"webhook", "url"},
    KeysOfType{"webhook", "secret"},
    KeysOfType{"webhook", "root_certificate"},
    KeysOfType{"webhook", "allowed_networks"},
    KeysOfType{"email", "server"},
    KeysOfType{"email", "port"},
    KeysOfType{"email", "tls"},
    KeysOfType{"email", "root_certificate"},
    KeysOfType{"email", "user"},
    KeysOfType{"email", "password"},
    KeysOfType{"email", "from"},
    KeysOfType{"email", "to_approvers"},
    KeysOfType{"email", "to"},
};

void refuse_keys_of_others(const Section& section, std::string_view type) {
    for (const auto& [of_type, key] : keys_of_types) {
        const std::string_view its_key = key;
        const bool is_its =
            std::any_of(keys_of_types.begin(), keys_of_types.end(),
                        [&](const KeysOfType& one) { return one.type == type && one.key == its_key; });
        if (is_its) continue;
        if (const auto value = section.find(key))
            value->problem(fmt::format("does not go with 'type: {}'; it is for 'type: {}'", type, of_type));
    }
}

std::optional<std::vector<Value>> short_list(const Value& value, std::size_t most) {
    auto items = value.list();
    if (!items) return std::nullopt;
    if (items->empty()) {
        value.problem("the list is empty; leave the key out to mean all, or name some");
        return std::nullopt;
    }
    if (items->size() > most) {
        value.problem(fmt::format("expected at most {} of them, found {}", most, items->size()));
        return std::nullopt;
    }
    return items;
}

void read_notices(const Section& section, Notifier& notifier) {
    const auto value = section.find("notices");
    if (!value) return;
    const auto items = short_list(*value, all_notice_kinds.size());
    if (!items) return;
    notifier.notices.clear();
    for (const Value& item : *items) {
        const auto kind = item.choice(all_notice_kinds);
        if (kind && !notifier.notices.insert(*kind).second)
            item.problem(fmt::format("'{}' is listed twice", to_string(*kind)));
    }
}

// Names of resources, or patterns for them: what is live may have any name tomorrow.
void read_patterns(const Section& section, Notifier& notifier) {
    const auto value = section.find("resources");
    if (!value) return;
    const auto items = short_list(*value, most_listed);
    if (!items) return;
    for (const Value& item : *items) {
        auto pattern = item.text(longest_name, "a resource's name, or a pattern (prod-*)");
        if (!pattern) continue;
        std::string name = *pattern;
        std::replace(name.begin(), name.end(), '*', 'x');
        if (auto wrong = wrong_plain_name(name)) {
            item.problem("expected a resource's name, or a pattern with '*' for any characters (prod-*)");
        } else {
            notifier.resources.push_back(std::move(*pattern));
        }
    }
}

void read_url(const Value& value, UrlPath path, std::string& into) {
    const auto text = value.text(longest_address, "an address (https://hooks.example.com/curfew)");
    if (!text) return;
    if (auto wrong = wrong_url(*text, path)) {
        value.problem(std::move(*wrong));
    } else {
        into = *text;
    }
}

void read_channels(const Section& section, SlackSettings& slack) {
    constexpr std::string_view what = "a channel's id (C0123456789)";
    const auto channel = section.find("channel");
    if (channel) slack.channel = channel->text(longest_channel, what).value_or("");
    const auto channels = section.find("channels");
    if (!channels) return;
    for (const auto& [group, value] : channels->members().value_or(Value::Members{})) {
        if (auto wrong = wrong_name(group)) value.problem(std::move(*wrong));
        slack.channels.emplace(group, value.text(longest_channel, what).value_or(""));
    }
}

SlackSettings read_slack(const Section& section, const Value& value) {
    SlackSettings slack;
    require_secret(section, "bot_token", slack.bot_token, slack.bot_token_reference);
    read_secret(section, "signing_secret", slack.signing_secret, slack.signing_secret_reference);
    read_secret(section, "app_token", slack.app_token, slack.app_token_reference);
    const auto signing = section.find("signing_secret");
    const auto app = section.find("app_token");
    if (section.readable() && !signing && !app)
        value.problem(
            "needs 'signing_secret' (Slack reaches this server by HTTP) or 'app_token' (Socket Mode), to "
            "know "
            "who presses a button");
    if (signing && app)
        app->problem("does not go with 'signing_secret': what people press comes by the one or the other");
    read_channels(section, slack);
    if (const auto match = section.find("match_email")) slack.match_email = match->flag().value_or(false);
    if (const auto url = section.find("api_url")) {
        read_url(*url, UrlPath::allowed, slack.api_url);
        while (slack.api_url.ends_with('/'))
            slack.api_url.pop_back();
    }
    return slack;
}

TeamsSettings read_teams(const Section& section) {
    TeamsSettings teams;
    require_secret(section, "url", teams.url, teams.url_reference);
    if (teams.url.empty()) return teams;
    // Looked at, and not repeated.
    const std::string_view url = teams.url.reveal();
    if (auto wrong = wrong_url(url, UrlPath::with_query); wrong || url.size() > longest_address)
        section.find("url")->problem(
            "what the secret holds is no address of a workflow; " +
            wrong.value_or(fmt::format("expected at most {} bytes", longest_address)));
    return teams;
}

void read_networks(const Section& section, WebhookSettings& webhook) {
    const auto value = section.find("allowed_networks");
    if (!value) return;
    const auto items = short_list(*value, most_listed);
    if (!items) return;
    for (const Value& item : *items) {
        const auto text = item.text(100, "a network (10.1.2.0/24)");
        if (!text) continue;
        if (const auto network = IpNetwork::parse(*text)) {
            webhook.allowed_networks.push_back(*network);
        } else {
            item.problem(
                fmt::format("expected an address or a network whose host bits are zero (10.1.2.0/24), "
                            "found '{}'",
                            printable(*text)));
        }
    }
}

void read_mail_login(const Section& section, EmailSettings& email) {
    const auto user = section.find("user");
    if (user) email.user = user->text(longest_login, "a user's name").value_or("");
    read_secret(section, "password", email.password, email.password_reference);
    const auto password = section.find("password");
    if (user && !password) user->problem("needs 'password' beside it");
    if (password && !user) password->problem("needs 'user' beside it");
    if (password && email.tls == MailTls::off_on_loopback)
        password->problem("does not go with 'tls: off-on-loopback': it would be sent in the clear");
}

EmailSettings read_mail(const Section& section) {
    EmailSettings email;
    const auto server = section.require("server");
    if (server) email.server = server->text(255, "a mail server's name").value_or("");
    constexpr std::string_view wrong_in_names = " /@?#[]%\\";
    if (server && email.server.find_first_of(wrong_in_names) != std::string::npos)
        server->expected("a mail server's name or address");
    const auto tls = section.find("tls");
    if (tls) email.tls = tls->choice(mail_tls_modes).value_or(email.tls);
    if (email.tls == MailTls::implicit) email.port = implicit_tls_port;
    if (const auto port = section.find("port"))
        email.port = static_cast<std::uint16_t>(port->number(1, 65535).value_or(email.port));
    const bool is_here = is_loopback(Endpoint{email.server, 0});
    if (tls && email.tls == MailTls::off_on_loopback && !email.server.empty() && !is_here)
        tls->problem("is for a mail server on this machine alone (localhost, 127.0.0.1)");
    email.root_certificate_file = read_authorities(section, "root_certificate");
    read_mail_login(section, email);
    if (const auto from = section.require("from")) email.from = read_mail_address(*from).value_or("");
    if (const auto approvers = section.find("to_approvers"))
        email.to_approvers = approvers->flag().value_or(true);
    const auto to = section.find("to");
    const auto items = to ? short_list(*to, most_listed) : std::nullopt;
    for (const Value& item : items.value_or(std::vector<Value>{})) {
        if (auto address = read_mail_address(item)) email.to.push_back(std::move(*address));
    }
    return email;
}

Notifier read_notifier(const Value& value) {
    const Section section{value, known::notifier};
    Notifier notifier;
    if (const auto name = section.require("name")) notifier.name = read_plain_name(*name).value_or("");
    const auto type = section.require("type");
    const auto index = type ? type->word(notifier_types) : std::nullopt;
    read_notices(section, notifier);
    read_patterns(section, notifier);
    if (!index) return notifier;
    refuse_keys_of_others(section, notifier_types.at(*index));
    if (*index == 0) notifier.provider = read_slack(section, value);
    if (*index == 1) notifier.provider = read_teams(section);
    if (*index == 2) notifier.provider = read_webhook(section);
    if (*index == 3) notifier.provider = read_mail(section);
    return notifier;
}

}  // namespace

WebhookSettings read_webhook(const Section& section) {
    WebhookSettings webhook;
    if (const auto url = section.require("url")) read_url(*url, UrlPath::with_query, webhook.url);
    require_secret(section, "secret", webhook.secret, webhook.secret_reference);
    if (!webhook.secret.empty() && webhook.secret.reveal().size() < shortest_signing_secret)
        section.find("secret")->problem(
            fmt::format("the secret has fewer than {} bytes, and could be guessed: make one by "
                        "'openssl rand -base64 32'",
                        shortest_signing_secret));
    webhook.root_certificate_file = read_authorities(section, "root_certificate");
    read_networks(section, webhook);
    return webhook;
}

void read_notifiers(const Section& top, Config& config) {
    const auto value = top.find("notifiers");
    if (!value) return;
    const auto items = value->list();
    if (!items) return;
    if (items->size() > most_notifiers) {
        value->problem(fmt::format("expected at most {} notifiers, found {}", most_notifiers, items->size()));
        return;
    }
    for (const Value& item : *items) {
        Notifier notifier = read_notifier(item);
        const bool is_twice = std::any_of(
            config.notifiers.begin(), config.notifiers.end(),
            [&](const Notifier& earlier) { return !notifier.name.empty() && earlier.name == notifier.name; });
        if (is_twice) item.problem(fmt::format("there is another notifier '{}' before it", notifier.name));
        config.notifiers.push_back(std::move(notifier));
    }
}

}  // namespace curfew::config

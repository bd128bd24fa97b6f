#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "base/text.hpp"
#include "config/sections.hpp"
#include "config/suggestion.hpp"

namespace curfew::config {
namespace {

std::string lower_case(std::string_view text) {
    std::string lower{text};
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

std::string user_key(std::string_view user, std::string_view key) {
    return fmt::format("users.{}.{}", user, key);
}

// Every name and alias in lower case, with the user whose it is.
using Owners = std::map<std::string, std::string_view>;

// Whoever signs in as `Alice` is alice: no second person may have that name.
Owners check_names(const Config& config, Report& report) {
    Owners owners;
    const auto claim = [&](std::string_view name, std::string_view user, const std::string& key) {
        const auto [owner, is_new] = owners.try_emplace(lower_case(name), user);
        if (is_new) return;
        report.add(key, owner->second == user
                            ? fmt::format("'{}' is this user's name already; case makes no difference here",
                                          printable(name))
                            : fmt::format("'{}' already means the user '{}'; case makes no difference here",
                                          printable(name), printable(owner->second)));
    };
    for (const auto& [name, user] : config.users)
        claim(name, name, "users." + name);
    for (const auto& [name, user] : config.users) {
        for (std::size_t i = 0; i < user.aliases.size(); ++i)
            claim(user.aliases[i], name, user_key(name, fmt::format("aliases[{}]", i)));
    }
    return owners;
}

// Reports where two users have the same, which `of` gives for each: empty for none.
template <class Of>
void check_distinct(const Config& config, Report& report, std::string_view key, std::string_view what,
                    Of of) {
    std::map<std::string, std::string_view> owners;
    for (const auto& [name, user] : config.users) {
        std::string value = of(user);
        if (value.empty()) continue;
        const auto [owner, is_new] = owners.try_emplace(std::move(value), name);
        if (is_new) continue;
        report.add(user_key(name, key), fmt::format("{} '{}' already means the user '{}'", what,
                                                    printable(owner->first), printable(owner->second)));
    }
}

void check_members(const Config& config, const Owners& owners, Report& report) {
    Guesses guess{names_of(config.users)};
    for (const auto& [group, members] : config.groups) {
        if (config.is_live({ObjectKind::group, group})) continue;
        for (std::size_t i = 0; i < members.size(); ++i) {
            const std::string& member = members[i];
            if (member.empty() || config.users.contains(member)) continue;
            const auto key = fmt::format("groups.{}[{}]", group, i);
            if (const auto owner = owners.find(lower_case(member)); owner != owners.end()) {
                report.add(key, fmt::format("'{}' is another name of the user '{}'; write that one",
                                            printable(member), printable(owner->second)));
            } else if (!config.accept_unlisted_users) {
                report.add(key, fmt::format("there is no user '{}'{}; people stand under 'users'",
                                            printable(member), guess(member)));
            }
        }
    }
}

}  // namespace

void check_people(const Config& config, Report& report) {
    const Owners owners = check_names(config, report);
    check_members(config, owners, report);
    check_distinct(config, report, "certificate_name", "a certificate for",
                   [](const User& user) { return user.certificate_name; });
    check_distinct(config, report, "email", "the address",
                   [](const User& user) { return lower_case(user.email); });
    check_distinct(config, report, "oidc_subject", "the subject",
                   [](const User& user) { return user.oidc_subject; });
}

}  // namespace curfew::config

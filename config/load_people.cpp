#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "config/scram_verifier.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"
#include "policy/grant.hpp"

namespace curfew::config {
namespace {

constexpr std::size_t most_aliases = 100;
constexpr std::size_t longest_display_name = 200;
constexpr std::size_t longest_subject = 255;

// A user's name must mean that user where a grant is given: `*` means everyone, `group:dba` a group.
std::optional<std::string> wrong_user_name(const std::string& name) {
    if (auto wrong = wrong_name(name)) return wrong;
    const policy::Subject user{policy::Subject::Kind::user, name};
    const auto read_back = policy::parse_subject(name);
    if (read_back && *read_back == user) return std::nullopt;
    return fmt::format("'{}' means something else where a grant is given; a user cannot have that name",
                       printable(name));
}

void read_aliases(const Section& section, User& user) {
    const auto value = section.find("aliases");
    if (!value) return;
    const auto items = value->list();
    if (!items) return;
    if (items->size() > most_aliases) {
        value->problem(fmt::format("expected at most {} aliases, found {}", most_aliases, items->size()));
        return;
    }
    for (const Value& item : *items) {
        const auto alias = item.text();
        if (!alias) continue;
        if (auto wrong = wrong_user_name(*alias)) {
            item.problem(std::move(*wrong));
        } else if (std::find(user.aliases.begin(), user.aliases.end(), *alias) != user.aliases.end()) {
            item.problem(fmt::format("'{}' is listed twice", printable(*alias)));
        } else {
            user.aliases.push_back(*alias);
        }
    }
}

}  // namespace

User read_user(const std::string& name, const Value& value) {
    const Section section{value, known::user};
    User user;
    user.name = name;
    user.certificate_name = name;
    if (auto wrong = wrong_user_name(name)) value.name_problem(std::move(*wrong));
    if (const auto shown = section.find("display_name")) {
        user.display_name = shown->text(longest_display_name, "a person's name").value_or("");
    }
    read_aliases(section, user);
    if (const auto email = section.find("email")) user.email = read_mail_address(*email).value_or("");
    if (const auto subject = section.find("oidc_subject")) {
        user.oidc_subject = subject->text(longest_subject, "a subject, as 'sub' has it").value_or("");
    }
    if (const auto verifier = section.find("scram_verifier")) {
        read_secret(section, "scram_verifier", user.scram_verifier, user.scram_verifier_reference);
        // Only its form is looked at; nothing of it goes into the message.
        if (user.scram_verifier && !is_scram_verifier(user.scram_verifier->reveal())) {
            verifier->problem(
                "is not a SCRAM verifier as PostgreSQL stores it "
                "(SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey)");
        }
    }
    if (const auto certificate = section.find("certificate_name")) {
        user.certificate_name = read_name(*certificate).value_or(name);
    }
    return user;
}

std::vector<std::string> read_group(const std::string& name, const Value& value) {
    if (auto wrong = wrong_name(name)) value.name_problem(std::move(*wrong));
    // A list alone is its members; nothing at all, a group of nobody.
    if (value.is_nothing()) return {};
    if (value.node().kind != DocumentNode::Kind::map) {
        return read_names(value).value_or(std::vector<std::string>{});
    }
    const Section section{value, known::group};
    const auto members = section.find("members");
    if (!members || members->is_nothing()) return {};
    return read_names(*members).value_or(std::vector<std::string>{});
}

void read_people(const Section& top, Config& config) {
    if (const auto value = top.find("users")) {
        for (const auto& [name, user] : value->members().value_or(Value::Members{}))
            config.users.emplace(name, read_user(name, user));
    }
    if (const auto value = top.find("groups")) {
        for (const auto& [name, group] : value->members().value_or(Value::Members{}))
            config.groups.emplace(name, read_group(name, group));
    }
    if (const auto accept = top.find("accept_unlisted_users")) {
        config.accept_unlisted_users = accept->flag().value_or(false);
    }
}

}  // namespace curfew::config

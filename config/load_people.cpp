#include <fmt/format.h>

#include <set>

#include "base/text.hpp"
#include "config/scram_verifier.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"
#include "policy/grant.hpp"

namespace curfew::config {
namespace {

// A user's name must mean that user where a grant is given: `*` means everyone, `group:dba` a group.
std::optional<std::string> wrong_user_name(const std::string& name) {
    if (auto wrong = wrong_name(name)) return wrong;
    const policy::Subject user{policy::Subject::Kind::user, name};
    const auto read_back = policy::parse_subject(name);
    if (read_back && *read_back == user) return std::nullopt;
    return fmt::format("'{}' means something else where a grant is given; a user cannot have that name",
                       printable(name));
}

User read_user(const std::string& name, const Value& value) {
    const Section section{value, known::user};
    User user;
    user.name = name;
    user.certificate_name = name;
    if (auto wrong = wrong_user_name(name)) value.problem(std::move(*wrong));
    if (const auto verifier = section.find("scram_verifier")) {
        user.scram_verifier = read_secret(*verifier);
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

void read_users(const Section& top, Config& config) {
    const auto value = top.find("users");
    if (!value) return;
    const auto members = value->members();
    if (!members) return;
    for (const auto& [name, user] : *members) {
        config.users.emplace(name, read_user(name, user));
    }
}

std::vector<std::string> read_members(const Value& value) {
    std::vector<std::string> names;
    if (value.is_nothing()) return names;
    const auto items = value.list();
    if (!items) return names;
    std::set<std::string> seen;
    for (const Value& item : *items) {
        // A name that cannot be read keeps its place, so that `groups.dba[2]` stays the third.
        const auto name = read_name(item).value_or("");
        names.push_back(name);
        if (!name.empty() && !seen.insert(name).second) {
            item.problem(fmt::format("'{}' is listed twice", printable(name)));
        }
    }
    return names;
}

void read_groups(const Section& top, Config& config) {
    const auto value = top.find("groups");
    if (!value) return;
    const auto groups = value->members();
    if (!groups) return;
    for (const auto& [name, members] : *groups) {
        if (auto wrong = wrong_name(name)) members.problem(std::move(*wrong));
        config.groups.emplace(name, read_members(members));
    }
}

}  // namespace

void read_people(const Section& top, Config& config) {
    read_users(top, config);
    read_groups(top, config);
    if (const auto accept = top.find("accept_unlisted_users")) {
        config.accept_unlisted_users = accept->flag().value_or(false);
    }
}

}  // namespace curfew::config

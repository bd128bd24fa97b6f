#include "policy/directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "policy/wording.hpp"

namespace curfew::policy {
namespace {

// ASCII alone: what other letters have for cases depends on the locale and on the version of Unicode.
std::string folded(std::string_view name) {
    std::string result{name};
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

}  // namespace

// The name is the user's from now on, unless it is somebody else's.
Result<void> Directory::claim(std::string_view name, std::string_view user) {
    const auto [owner, is_new] = owners_.try_emplace(folded(name), user);
    if (is_new || owner->second == user) return {};
    return Error{ErrorCode::conflict,
                 fmt::format("'{}' (of user '{}') means user '{}' already, as their name or alias in some "
                             "case of its letters; give one of them another name",
                             printable(name, longest_shown), printable(user, longest_shown),
                             printable(owner->second, longest_shown))};
}

Result<void> Directory::add_user(std::string name) {
    if (auto claimed = claim(name, name); !claimed) return claimed;
    users_.insert(std::move(name));
    return {};
}

void Directory::add_group(std::string name) {
    groups_.try_emplace(std::move(name));
}

Result<void> Directory::add_member(std::string group, std::string user) {
    auto& members = groups_[std::move(group)];
    if (auto added = add_user(user); !added) return added;
    members.insert(std::move(user));
    return {};
}

Result<void> Directory::add_alias(std::string_view alias, std::string_view user) {
    if (auto added = add_user(std::string{user}); !added) return added;
    return claim(alias, user);
}

bool Directory::knows_user(std::string_view user) const {
    return accept_unlisted_ || users_.contains(user);
}

bool Directory::knows_group(std::string_view group) const {
    return groups_.contains(group);
}

bool Directory::is_member(std::string_view group, std::string_view user) const {
    const auto found = groups_.find(group);
    return found != groups_.end() && found->second.contains(user);
}

std::optional<std::string> Directory::canonical(std::string_view name) const {
    if (const auto owner = owners_.find(folded(name)); owner != owners_.end()) return owner->second;
    if (accept_unlisted_ && !name.empty()) return std::string{name};
    return std::nullopt;
}

bool Directory::is_administrator(std::string_view name) const {
    const auto user = canonical(name);
    return user && is_member(administrators, *user);
}

std::set<std::string, std::less<>> Directory::groups_of(std::string_view name) const {
    std::set<std::string, std::less<>> result;
    const auto user = canonical(name);
    if (!user) return result;
    for (const auto& [group, members] : groups_) {
        if (members.contains(*user)) result.insert(group);
    }
    return result;
}

bool Directory::are_same_person(std::string_view one, std::string_view other) const {
    return folded(canonical(one).value_or(std::string{one})) ==
           folded(canonical(other).value_or(std::string{other}));
}

std::set<std::string, std::less<>> Directory::members_of(std::string_view group) const {
    const auto found = groups_.find(group);
    return found == groups_.end() ? std::set<std::string, std::less<>>{} : found->second;
}

}  // namespace curfew::policy

// Who exists, under which names, and who is in which group.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace curfew::policy {

// Its members are administrators.
inline constexpr std::string_view administrators = "administrators";
// Its members see all that was: sessions, recordings, the timeline, the audit trail. They change nothing.
inline constexpr std::string_view auditors = "auditors";

// The people that this node knows, from its configuration. A value: cheap to look things up in, replaced as a
// whole when the configuration changes.
//
// A user's name is the role that they are in PostgreSQL, which tells `Alice` from `alice`: knows_user and
// is_member take it exactly as it is, and connections are admitted by nothing else. A person who signs in may
// go by an alias or another case as well (ASCII letters only); canonical() gives their user name for any of
// these, and so no two people may have names or aliases that differ in case alone.
class Directory {
public:
    // With accept_unlisted, a user that was never added is known too, in no group.
    explicit Directory(bool accept_unlisted = false) : accept_unlisted_{accept_unlisted} {}

    // conflict: somebody else has this name, in another case or as an alias; nothing was added then. Adding
    // what is there already is no conflict.
    Result<void> add_user(std::string name);
    // Adds the user as well, if need be; conflict as for add_user.
    Result<void> add_member(std::string group, std::string user);
    void add_group(std::string name);
    // Another name for a user, who is added if need be; conflict as for add_user.
    Result<void> add_alias(std::string_view alias, std::string_view user);

    bool knows_user(std::string_view user) const;
    bool knows_group(std::string_view group) const;
    bool is_member(std::string_view group, std::string_view user) const;

    // The user that `name` means: themselves, their alias, or either in another case. nullopt: nobody.
    std::optional<std::string> canonical(std::string_view name) const;
    // By any of their names, these three.
    bool is_administrator(std::string_view name) const;
    std::set<std::string, std::less<>> groups_of(std::string_view name) const;
    // Also true of two names of somebody who is not known (any more) that differ in case alone.
    bool are_same_person(std::string_view one, std::string_view other) const;

    // In alphabetical order; empty where there is no such group.
    std::set<std::string, std::less<>> members_of(std::string_view group) const;

private:
    Result<void> claim(std::string_view name, std::string_view user);

    bool accept_unlisted_;
    std::set<std::string, std::less<>> users_;
    std::map<std::string, std::set<std::string, std::less<>>, std::less<>> groups_;
    // Every name and alias in lower case, and whose it is.
    std::map<std::string, std::string, std::less<>> owners_;
};

}  // namespace curfew::policy

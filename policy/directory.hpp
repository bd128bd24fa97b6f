// Who exists, and who is in which group.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace curfew::policy {

// The people that this node knows, from its configuration. A value: cheap to look things up in, replaced as a
// whole when the configuration changes.
class Directory {
public:
    // With accept_unlisted, a user that was never added is known too, in no group.
    explicit Directory(bool accept_unlisted = false) : accept_unlisted_{accept_unlisted} {}

    void add_user(std::string name);
    // Adds the user as well, if need be.
    void add_member(std::string group, std::string user);
    void add_group(std::string name);

    bool knows_user(std::string_view user) const;
    bool knows_group(std::string_view group) const;
    bool is_member(std::string_view group, std::string_view user) const;

private:
    bool accept_unlisted_;
    std::set<std::string, std::less<>> users_;
    std::map<std::string, std::set<std::string, std::less<>>, std::less<>> groups_;
};

}  // namespace curfew::policy

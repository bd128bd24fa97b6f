#include "policy/directory.hpp"

#include <utility>

namespace curfew::policy {

void Directory::add_user(std::string name) {
    users_.insert(std::move(name));
}

void Directory::add_group(std::string name) {
    groups_.try_emplace(std::move(name));
}

void Directory::add_member(std::string group, std::string user) {
    users_.insert(user);
    groups_[std::move(group)].insert(std::move(user));
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

}  // namespace curfew::policy

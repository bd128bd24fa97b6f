#include "workflow/rulebook.hpp"

#include <algorithm>
#include <utility>

#include "identity/people.hpp"

namespace curfew::workflow {

ClaimedGroups claimed_groups(const std::vector<store::Claims>& claims) {
    ClaimedGroups claimed;
    for (const store::Claims& one : claims)
        claimed.emplace(one.user, identity::groups_of_claims_text(one.text));
    return claimed;
}

Rulebook::Rulebook(std::shared_ptr<const config::Config> config, ClaimedGroups claimed)
    : config_{std::move(config)}, claimed_{std::move(claimed)}, directory_{config_->directory()} {
    std::erase_if(claimed_, [this](const auto& one) { return config_->find_user(one.first) == nullptr; });
    for (const auto& entry : claimed_) {
        // First, since it looks at the directory that is about to be moved.
        auto counting = claims_that_count(entry.first);
        directory_ = identity::with_claimed_groups(std::move(directory_), entry.first, std::move(counting));
    }
}

std::shared_ptr<const Rulebook> Rulebook::with(ClaimedGroups claimed) const {
    return std::make_shared<const Rulebook>(config_, std::move(claimed));
}

std::shared_ptr<const Rulebook> Rulebook::with(policy::Directory directory) const {
    auto other = std::make_shared<Rulebook>(*this);
    other->directory_ = std::move(directory);
    return other;
}

// Claims give no group to be counted among: the groups that there are stand in the configuration alone, and
// joining one changes none of them.
policy::GroupNames Rulebook::claims_that_count(std::string_view user) const {
    const auto found = claimed_.find(user);
    if (found == claimed_.end()) return {};
    return identity::counting_groups(found->second, config_->sign_in, directory_);
}

policy::Target Rulebook::target(std::string_view resource) const {
    const config::Resource* found = config_->find_resource(resource);
    policy::Target target;
    target.name = std::string{resource};
    target.known = found != nullptr;
    if (found != nullptr) target.attributes = found->attributes;
    return target;
}

std::set<std::string> Rulebook::resources_reviewed_by(std::string_view user) const {
    const auto groups = directory_.groups_of(user);
    const auto is_in = [&groups](const policy::GroupNames& wanted) {
        return std::any_of(wanted.begin(), wanted.end(),
                           [&groups](const std::string& group) { return groups.contains(group); });
    };
    std::set<std::string> reviewed;
    for (const policy::Rule& rule : rules()) {
        if (!is_in(rule.approval_groups) && !is_in(rule.force_approval_groups)) continue;
        for (const auto& entry : config_->resources) {
            const config::Resource& resource = entry.second;
            const auto covers = [&](policy::RequestType type) {
                return rule.covers(resource.name, resource.attributes, type);
            };
            if (std::any_of(rule.types.begin(), rule.types.end(), covers)) reviewed.insert(resource.name);
        }
    }
    return reviewed;
}

}  // namespace curfew::workflow

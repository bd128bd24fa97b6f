#include "workflow/rulebook.hpp"

#include <algorithm>
#include <utility>

namespace curfew::workflow {

Rulebook::Rulebook(std::shared_ptr<const config::Config> config)
    : config_{std::move(config)}, directory_{config_->directory()} {}

Rulebook::Rulebook(std::shared_ptr<const config::Config> config, policy::Directory directory)
    : config_{std::move(config)}, directory_{std::move(directory)} {}

std::shared_ptr<const Rulebook> Rulebook::with(policy::Directory directory) const {
    return std::make_shared<const Rulebook>(config_, std::move(directory));
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

// What decisions are made by: who there is, what there is, and which rules hold.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "policy/directory.hpp"
#include "policy/terms.hpp"
#include "store/people.hpp"

namespace curfew::workflow {

// The groups that the sign-in provider claims of users, by their names.
using ClaimedGroups = std::map<std::string, policy::GroupNames, std::less<>>;
ClaimedGroups claimed_groups(const std::vector<store::Claims>& claims);

// Follows from one configuration, what is live included, and from what the sign-in provider said last of each
// user. Immutable: replaced as a whole, and shared with the store's thread, where decisions are made.
class Rulebook {
public:
    // Claims on who is no user are left out.
    explicit Rulebook(std::shared_ptr<const config::Config> config, ClaimedGroups claimed = {});

    // The same configuration, with other claims.
    std::shared_ptr<const Rulebook> with(ClaimedGroups claimed) const;
    // The same, with other people.
    std::shared_ptr<const Rulebook> with(policy::Directory directory) const;

    const config::Config& config() const noexcept { return *config_; }
    // Who is in a group by the configuration, or by a claim that counts.
    const policy::Directory& directory() const noexcept { return directory_; }
    const ClaimedGroups& claimed() const noexcept { return claimed_; }
    // Of the groups that are claimed of this user those that count. `user`: canonical name.
    policy::GroupNames claims_that_count(std::string_view user) const;
    const policy::Rules& rules() const noexcept { return config_->rules; }

    // The resource as rules see it; one that there is not (any more) is not known.
    policy::Target target(std::string_view resource) const;
    // Those that some rule lets this user review requests for, by whatever name the user goes.
    std::set<std::string> resources_reviewed_by(std::string_view user) const;

private:
    std::shared_ptr<const config::Config> config_;
    ClaimedGroups claimed_;
    policy::Directory directory_;
};

using RulebookPtr = std::shared_ptr<const Rulebook>;

}  // namespace curfew::workflow

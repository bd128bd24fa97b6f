// What decisions are made by: who there is, what there is, and which rules hold.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "policy/directory.hpp"
#include "policy/terms.hpp"

namespace curfew::workflow {

// Follows from one configuration, what is live included. Immutable: replaced as a whole, and shared with the
// store's thread, where decisions are made.
class Rulebook {
public:
    explicit Rulebook(std::shared_ptr<const config::Config> config);
    Rulebook(std::shared_ptr<const config::Config> config, policy::Directory directory);

    // The same configuration, with other people.
    std::shared_ptr<const Rulebook> with(policy::Directory directory) const;

    const config::Config& config() const noexcept { return *config_; }
    const policy::Directory& directory() const noexcept { return directory_; }
    const policy::Rules& rules() const noexcept { return config_->rules; }

    // The resource as rules see it; one that there is not (any more) is not known.
    policy::Target target(std::string_view resource) const;
    // Those that some rule lets this user review requests for, by whatever name the user goes.
    std::set<std::string> resources_reviewed_by(std::string_view user) const;

private:
    std::shared_ptr<const config::Config> config_;
    policy::Directory directory_;
};

using RulebookPtr = std::shared_ptr<const Rulebook>;

}  // namespace curfew::workflow

// What a rule says of others: groups and resources that must exist, people enough to approve.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace curfew::config {

// Something wrong with a rule as it stands among the rest; `key` is one of the rule's (`approval_groups`).
struct RuleProblem {
    std::string key;
    std::string message;
};

// The groups and resources that the rule names and that do not exist.
std::vector<RuleProblem> missing_names(const policy::Rule& rule, const Config& config);

// Where it is plain that nobody can ever be approved under the rule: its groups have too few members.
// Not plain: groups that do not exist (yet), or that the OpenID Connect provider may fill.
std::optional<RuleProblem> too_few_reviewers(const policy::Rule& rule, const Config& config);

// Where the rule is for attributes that no resource has.
std::optional<RuleProblem> attributes_of_nothing(const policy::Rule& rule, const Config& config);

}  // namespace curfew::config

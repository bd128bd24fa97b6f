#include "config/rule_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "config/suggestion.hpp"

namespace curfew::config {
namespace {

using policy::GroupNames;
using policy::Rule;

std::array<std::pair<std::string_view, const GroupNames*>, 5> groups_of(const Rule& rule) {
    return {{{"required_groups", &rule.required_groups},
             {"approval_groups", &rule.approval_groups},
             {"force_approval_groups", &rule.force_approval_groups},
             {"skip_review_groups", &rule.skip_review_groups},
             {"break_glass_groups", &rule.break_glass_groups}}};
}

// Administrators are a group even where nobody is one.
bool is_group(const std::string& name, const Config& config) {
    return name == policy::administrators || config.groups.contains(name);
}

using People = std::set<std::string_view>;

People members_of(const GroupNames& groups, const Config& config) {
    People people;
    for (const auto& group : groups) {
        const auto found = config.groups.find(group);
        if (found == config.groups.end()) continue;
        for (const auto& member : found->second) {
            if (config.accept_unlisted_users || config.users.contains(member)) people.insert(member);
        }
    }
    return people;
}

bool all_exist(const GroupNames& groups, const Config& config) {
    return std::all_of(groups.begin(), groups.end(),
                       [&](const std::string& group) { return is_group(group, config); });
}

bool provider_fills_groups(const Config& config) {
    return config.sign_in.oidc && !config.sign_in.oidc->groups_claim.empty();
}

std::string people_in_words(std::size_t count) {
    if (count == 0) return "nobody";
    return count == 1 ? "one person" : fmt::format("{} people", count);
}

}  // namespace

std::vector<RuleProblem> missing_names(const Rule& rule, const Config& config) {
    std::vector<RuleProblem> problems;
    Guesses guess_group{names_of(config.groups)};
    Guesses guess_resource{names_of(config.resources)};
    for (const auto& name : rule.resources) {
        if (config.resources.contains(name)) continue;
        problems.push_back(
            {"resources", fmt::format("there is no resource '{}'{}", printable(name), guess_resource(name))});
    }
    for (const auto& [key, groups] : groups_of(rule)) {
        for (const auto& name : *groups) {
            if (is_group(name, config)) continue;
            problems.push_back({std::string{key},
                                fmt::format("there is no group '{}'{}", printable(name), guess_group(name))});
        }
    }
    return problems;
}

std::optional<RuleProblem> too_few_reviewers(const Rule& rule, const Config& config) {
    if (provider_fills_groups(config)) return std::nullopt;
    // Refused by itself, where it stands.
    const bool names_nobody = rule.approval_groups.empty() && rule.force_approval_groups.empty();
    if (names_nobody) return std::nullopt;
    for (const auto* groups :
         {&rule.approval_groups, &rule.force_approval_groups, &rule.skip_review_groups}) {
        if (!all_exist(*groups, config)) return std::nullopt;
    }
    const bool goes_without = !members_of(rule.force_approval_groups, config).empty() ||
                              !members_of(rule.skip_review_groups, config).empty();
    if (goes_without) return std::nullopt;

    const People people = members_of(rule.approval_groups, config);
    if (people.size() < rule.min_approvals) {
        return RuleProblem{
            "approval_groups",
            fmt::format("no request could be approved: {} must approve, and these groups have {}",
                        people_in_words(rule.min_approvals), people_in_words(people.size()))};
    }
    if (!rule.require_all_groups) return std::nullopt;
    for (const auto& group : rule.approval_groups) {
        if (!members_of({group}, config).empty()) continue;
        return RuleProblem{"approval_groups",
                           fmt::format("no request could be approved: each group must, and '{}' has nobody",
                                       printable(group))};
    }
    if (people.size() < rule.approval_groups.size()) {
        return RuleProblem{
            "approval_groups",
            fmt::format("no request could be approved: each of {} groups must, by a different person, and "
                        "they have {}",
                        rule.approval_groups.size(), people_in_words(people.size()))};
    }
    return std::nullopt;
}

std::optional<RuleProblem> attributes_of_nothing(const Rule& rule, const Config& config) {
    if (rule.attributes.empty()) return std::nullopt;
    for (const auto& [name, resource] : config.resources) {
        const auto has = [&, &attributes = resource.attributes](const auto& wanted) {
            const auto found = attributes.find(wanted.first);
            return found != attributes.end() && found->second == wanted.second;
        };
        if (std::all_of(rule.attributes.begin(), rule.attributes.end(), has)) return std::nullopt;
    }
    return RuleProblem{"attributes", "no resource has all of these"};
}

}  // namespace curfew::config

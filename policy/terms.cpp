#include "policy/terms.hpp"

#include <algorithm>
#include <optional>

#include "policy/words.hpp"

namespace curfew::policy {
namespace {

constexpr Words<Applies, 4> reasons{{
    {Applies::yes, "yes"},
    {Applies::other_resource, "other_resource"},
    {Applies::other_type, "other_type"},
    {Applies::not_in_groups, "not_in_groups"},
}};

bool is_member_of_any(const GroupNames& groups, std::string_view user, const Directory& directory) {
    return std::any_of(groups.begin(), groups.end(),
                       [&](const std::string& group) { return directory.is_member(group, user); });
}

// Whether the rule applies to somebody; nullopt: to nobody who is known.
Applies applies(const Rule& rule, const std::optional<std::string>& user, const Target& target,
                RequestType type, const Directory& directory) {
    if (!target.known) return Applies::other_resource;
    if (!rule.covers(target.name, target.attributes, type)) {
        const auto covers_other = [&](RequestType other) {
            return rule.covers(target.name, target.attributes, other);
        };
        const bool other_type = std::any_of(rule.types.begin(), rule.types.end(), covers_other);
        return other_type ? Applies::other_type : Applies::other_resource;
    }
    const bool may_ask =
        user && (rule.required_groups.empty() || is_member_of_any(rule.required_groups, *user, directory));
    return may_ask ? Applies::yes : Applies::not_in_groups;
}

void restrict_to(Terms& terms, const Rule& rule, std::string_view user, const Directory& directory) {
    const bool first = terms.rules.empty();
    const auto shorter = [first](Duration so_far, Duration its) {
        return first ? its : std::min(so_far, its);
    };
    terms.max_duration = shorter(terms.max_duration, rule.max_duration);
    terms.default_duration = shorter(terms.default_duration, rule.default_duration);
    terms.break_glass_duration = shorter(terms.break_glass_duration, rule.break_glass_duration);
    terms.reason_required = terms.reason_required || rule.reason_required || rule.reason_pattern;
    terms.skips_review =
        (first || terms.skips_review) && is_member_of_any(rule.skip_review_groups, user, directory);
    terms.may_break_glass =
        (first || terms.may_break_glass) && is_member_of_any(rule.break_glass_groups, user, directory);
    terms.rules.push_back(&rule);
}

}  // namespace

std::string_view to_string(Applies applies) {
    return word_of(reasons, applies);
}

GroupNames Terms::reviewing_groups() const {
    GroupNames result;
    for (const Rule* rule : rules) {
        result.insert(rule->approval_groups.begin(), rule->approval_groups.end());
        result.insert(rule->force_approval_groups.begin(), rule->force_approval_groups.end());
    }
    return result;
}

PreviewMode Terms::preview() const {
    PreviewMode mode = PreviewMode::off;
    for (const Rule* rule : rules)
        mode = stronger_of(mode, rule->preview);
    return mode;
}

Explanation explain(std::string_view user, const Target& target, RequestType type, const Rules& rules,
                    const Directory& directory) {
    const Rule silent;
    const auto name = directory.canonical(user);
    Explanation result;
    Terms& terms = result.terms;
    terms.max_duration = silent.max_duration;
    terms.default_duration = silent.default_duration;
    terms.break_glass_duration = silent.break_glass_duration;
    for (const Rule& rule : rules) {
        const Applies outcome = applies(rule, name, target, type, directory);
        result.lines.push_back({&rule, outcome});
        if (outcome == Applies::yes) restrict_to(terms, rule, *name, directory);
        if (outcome == Applies::yes || outcome == Applies::not_in_groups) terms.covered = true;
    }
    terms.default_duration = std::min(terms.default_duration, terms.max_duration);
    terms.break_glass_duration = std::min(terms.break_glass_duration, terms.max_duration);
    return result;
}

Terms terms_for(std::string_view user, const Target& target, RequestType type, const Rules& rules,
                const Directory& directory) {
    return explain(user, target, type, rules, directory).terms;
}

}  // namespace curfew::policy

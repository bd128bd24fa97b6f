#include "policy/recording_choice.hpp"

#include <algorithm>

namespace curfew::policy {

RecordingMode recording_of(const Grant& grant, RecordingMode of_resource, const Target& target,
                           const Rules& rules) {
    RecordingMode mode = of_resource;
    if (grant.use == GrantUse::commands || grant.use == GrantUse::preview) {
        for (const Rule& rule : rules) {
            if (rule.covers(target.name, target.attributes, RequestType::command))
                mode = stronger_of(mode, rule.recording);
        }
        return mode;
    }
    if (!grant.request) return mode;
    bool all_known = grant.approved_under.has_value();
    if (all_known) {
        for (const std::string& name : *grant.approved_under) {
            const auto rule = std::find_if(rules.begin(), rules.end(),
                                           [&name](const Rule& one) { return one.name == name; });
            if (rule == rules.end()) {
                all_known = false;
            } else {
                mode = stronger_of(mode, rule->recording);
            }
        }
    }
    if (all_known) return mode;
    for (const Rule& rule : rules) {
        if (rule.covers(target.name, target.attributes, RequestType::jit) ||
            rule.covers(target.name, target.attributes, RequestType::command))
            mode = stronger_of(mode, rule.recording);
    }
    return mode;
}

}  // namespace curfew::policy

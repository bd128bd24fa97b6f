// Which rules decide about (user, resource), and what they say together.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "policy/directory.hpp"
#include "policy/preview.hpp"
#include "policy/rule.hpp"

namespace curfew::policy {

// The resource that is asked for, as rules see it.
struct Target {
    std::string name;
    std::map<std::string, std::string> attributes;
    bool known = true;  // false: it left the configuration; nothing covers it
};

using Rules = std::vector<Rule>;  // in the order of their names

// Why a rule does or does not count for somebody; for `curfew rules explain`.
enum class Applies {
    yes,
    other_resource,  // does not cover it
    other_type,      // covers it, for the other type of request
    not_in_groups,   // covers it, but the user is in none of its required groups
};
std::string_view to_string(Applies applies);

// What the rules that apply say together. The most restrictive wins in everything:
// - who asks must meet every reason pattern, and be within every rule's allowed times;
// - the shortest of the maxima, of the defaults and of the break-glass caps counts;
// - a request is approved when every rule that applies is satisfied, each by the same reviews on its own
//   terms: its own approval groups, its own number, its own force approvals;
// - review is skipped, or glass broken, only where every rule that applies allows it to this user.
// Rules whose required groups the user is not in neither allow nor forbid anything.
// Where no rule applies (only administrators may ask then), the durations are those of a rule that names
// none.
struct Terms {
    std::vector<const Rule*> rules;  // that apply; empty: the user may not ask
    bool covered = false;            // some rule covers the resource for this type, if not for this user
    Duration max_duration{};
    Duration default_duration{};
    Duration break_glass_duration{};  // no longer than max_duration
    bool reason_required = false;
    bool skips_review = false;
    bool may_break_glass = false;

    bool may_ask() const noexcept { return !rules.empty(); }
    // Everybody who may approve or reject: the union of the rules' approval and force-approval groups.
    GroupNames reviewing_groups() const;
    // What they see of a command beforehand.
    PreviewMode preview() const;
};
// The terms point into `rules`. `user`: any of the person's names.
Terms terms_for(std::string_view user, const Target& target, RequestType type, const Rules& rules,
                const Directory& directory);

struct Explanation {
    struct Line {
        const Rule* rule;
        Applies applies;
    };
    std::vector<Line> lines;  // one for each rule, in their order
    Terms terms;
};
Explanation explain(std::string_view user, const Target& target, RequestType type, const Rules& rules,
                    const Directory& directory);

}  // namespace curfew::policy

// What somebody can do without having asked for it: what a review of accesses has to look at besides the
// grants. Pure.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "policy/diagnosis.hpp"
#include "store/grants.hpp"
#include "workflow/rulebook.hpp"

namespace curfew::workflow {

struct StandingPrivilege {
    enum class Kind {
        administrators,  // need nobody's approval
        skipped_review,  // a rule lets members of a group in without anybody's approval
        forced_review,   // a rule lets one member of a group decide alone, where others take several
        long_grant,      // was given by hand, and lasts longer than longest_passing_grant
        shared_grant,    // was given by hand, to a group or to everyone
        database,        // PostgreSQL lets somebody do more, or in by another way
    };
    Kind kind = Kind::database;
    std::string resource;  // empty: all
    std::string who;       // a subject, or a role of PostgreSQL's; empty: see `detail`
    std::string detail;    // a sentence
    std::string source;    // the rule's name, the grant's id, or the check of `curfew doctor`
};
std::string_view to_string(StandingPrivilege::Kind kind);

// A grant that was given for longer than this is no passing one any more.
inline constexpr Duration longest_passing_grant = std::chrono::hours{24 * 7};

// Of rules, and of grants that are not over.
std::vector<StandingPrivilege> standing_privileges(const Rulebook& rulebook,
                                                   const std::vector<store::GrantCountdown>& grants);
// Of what `curfew doctor` found at a resource's PostgreSQL, what lets somebody be more than they asked for.
std::vector<StandingPrivilege> standing_privileges(const std::string& resource,
                                                   const std::vector<policy::Finding>& findings);

}  // namespace curfew::workflow

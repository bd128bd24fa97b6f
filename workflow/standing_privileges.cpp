#include "workflow/standing_privileges.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/duration.hpp"
#include "base/time_text.hpp"
#include "policy/words.hpp"

namespace curfew::workflow {
namespace {

using Kind = StandingPrivilege::Kind;

constexpr policy::Words<Kind, 6> kinds_of_privilege{{
    {Kind::administrators, "administrators"},
    {Kind::skipped_review, "skipped_review"},
    {Kind::forced_review, "forced_review"},
    {Kind::long_grant, "long_grant"},
    {Kind::shared_grant, "shared_grant"},
    {Kind::database, "database"},
}};

// Checks of the diagnosis that are about what somebody may; the others are about how PostgreSQL is set up.
constexpr std::array checks_of_privileges{
    std::string_view{"role_superuser"},
    std::string_view{"role_createrole"},
    std::string_view{"role_membership"},
    std::string_view{"role_admin_option"},
    std::string_view{"role_replication"},
    std::string_view{"role_createdb"},
    std::string_view{"role_bypassrls"},
    std::string_view{"way_around"},
    std::string_view{"trust"},
    std::string_view{"ungoverned_backends"},
    std::string_view{"unkept_roles"},
    std::string_view{"hba_unreadable"},
    std::string_view{"admin_login"},
};

std::string groups_in_text(const policy::GroupNames& groups) {
    std::string text;
    for (const std::string& group : groups)
        text += (text.empty() ? "group:" : ", group:") + group;
    return text;
}

// One for each resource that the rule covers.
void add_of_rule(std::vector<StandingPrivilege>& found, const Rulebook& rulebook, const policy::Rule& rule) {
    for (const auto& entry : rulebook.config().resources) {
        const std::string& name = entry.first;
        const bool covered = std::any_of(rule.types.begin(), rule.types.end(), [&](policy::RequestType type) {
            return rule.covers(name, entry.second.attributes, type);
        });
        if (!covered) continue;
        if (!rule.skip_review_groups.empty()) {
            found.push_back({Kind::skipped_review, name, groups_in_text(rule.skip_review_groups),
                             fmt::format("Members get up to {} without anybody's approval",
                                         format_duration(rule.max_duration)),
                             rule.name});
        }
        if (!rule.force_approval_groups.empty()) {
            found.push_back(
                {Kind::forced_review, name, groups_in_text(rule.force_approval_groups),
                 "One member approves alone, whatever number of approvals the rule asks of others",
                 rule.name});
        }
    }
}

void add_of_grant(std::vector<StandingPrivilege>& found, const policy::Grant& grant) {
    if (grant.request) return;  // somebody asked, and others approved
    const std::string subject = policy::to_string(grant.subject);
    if (grant.subject.kind != policy::Subject::Kind::user) {
        found.push_back(
            {Kind::shared_grant, grant.resource, subject,
             fmt::format("{} gave it by hand, until {}", grant.given_by, format_utc(grant.window.ends_at)),
             grant.id.text()});
    }
    const Duration length = grant.window.ends_at - grant.window.starts_at;
    if (length > longest_passing_grant) {
        found.push_back({Kind::long_grant, grant.resource, subject,
                         fmt::format("{} gave it by hand, for {}, until {}", grant.given_by,
                                     format_duration(length), format_utc(grant.window.ends_at)),
                         grant.id.text()});
    }
}

}  // namespace

std::string_view to_string(StandingPrivilege::Kind kind) {
    return policy::word_of(kinds_of_privilege, kind);
}

std::vector<StandingPrivilege> standing_privileges(const Rulebook& rulebook,
                                                   const std::vector<store::GrantCountdown>& grants) {
    std::vector<StandingPrivilege> found;
    found.push_back({Kind::administrators, "", "group:administrators",
                     "What administrators ask for needs nobody's approval, and they give grants by hand",
                     ""});
    for (const policy::Rule& rule : rulebook.rules())
        add_of_rule(found, rulebook, rule);
    for (const store::GrantCountdown& grant : grants) {
        const auto state = grant.state();
        if (state == policy::GrantState::active || state == policy::GrantState::upcoming)
            add_of_grant(found, grant.grant);
    }
    return found;
}

std::vector<StandingPrivilege> standing_privileges(const std::string& resource,
                                                   const std::vector<policy::Finding>& findings) {
    std::vector<StandingPrivilege> found;
    for (const policy::Finding& finding : findings) {
        const bool counts = std::find(checks_of_privileges.begin(), checks_of_privileges.end(),
                                      finding.check) != checks_of_privileges.end();
        if (counts) found.push_back({Kind::database, resource, "", finding.problem, finding.check});
    }
    return found;
}

}  // namespace curfew::workflow

#include "policy/admission.hpp"

#include <utility>

namespace curfew::policy {
namespace {

bool covers(const Subject& subject, std::string_view user, const Directory& directory) {
    switch (subject.kind) {
        case Subject::Kind::user:
            return subject.name == user;
        case Subject::Kind::group:
            return directory.is_member(subject.name, user);
        case Subject::Kind::everyone:
            return true;
    }
    return false;
}

}  // namespace

Grants::Grants(std::vector<LiveGrant> grants) : grants_{std::move(grants)} {
    for (std::size_t i = 0; i < grants_.size(); ++i) {
        by_id_.emplace(grants_[i].grant.id, i);
        by_resource_.emplace(grants_[i].grant.resource, i);
    }
}

const LiveGrant* Grants::find(const GrantId& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &grants_[found->second];
}

std::vector<const LiveGrant*> Grants::on_resource(std::string_view resource) const {
    std::vector<const LiveGrant*> result;
    const auto [first, last] = by_resource_.equal_range(std::string{resource});
    for (auto it = first; it != last; ++it)
        result.push_back(&grants_[it->second]);
    return result;
}

std::string_view to_string(Refusal refusal) {
    switch (refusal) {
        case Refusal::unknown_user:
            return "unknown_user";
        case Refusal::no_grant:
            return "no_grant";
        case Refusal::not_yet:
            return "not_yet";
        case Refusal::replication_refused:
            return "replication_refused";
    }
    return "no_grant";
}

std::variant<Admitted, Refusal> admit(const Attempt& attempt, const Directory& directory,
                                      const Grants& grants, BootInstant now) {
    if (!directory.knows_user(attempt.user)) return Refusal::unknown_user;
    const LiveGrant* best = nullptr;
    bool only_without_replication = false;
    bool only_later = false;
    for (const LiveGrant* candidate : grants.on_resource(attempt.resource)) {
        if (!covers(candidate->grant.subject, attempt.user, directory) || now >= candidate->ends) continue;
        if (attempt.only != nullptr && candidate->grant.id != *attempt.only) continue;
        if (attempt.store_away && !candidate->outlives_store) continue;
        if (now < candidate->starts) {
            only_later = true;
        } else if (attempt.replication && !candidate->grant.allow_replication) {
            only_without_replication = true;
        } else if (best == nullptr || candidate->ends > best->ends) {
            best = candidate;
        }
    }
    if (best != nullptr) return Admitted{best};
    if (only_without_replication) return Refusal::replication_refused;
    return only_later ? Refusal::not_yet : Refusal::no_grant;
}

const LiveGrant* grant_with_credential(const Attempt& attempt, const Directory& directory,
                                       const Grants& grants, BootInstant now) {
    const LiveGrant* best = nullptr;
    for (const LiveGrant* candidate : grants.on_resource(attempt.resource)) {
        if (!candidate->grant.verifier || now < candidate->starts || now >= candidate->ends) continue;
        if (attempt.store_away && !candidate->outlives_store) continue;
        if (!covers(candidate->grant.subject, attempt.user, directory)) continue;
        if (attempt.replication && !candidate->grant.allow_replication) continue;
        if (best == nullptr || candidate->ends > best->ends) best = candidate;
    }
    return best;
}

std::variant<BootInstant, EndCause> reassess(const Attempt& session, const GrantId& grant,
                                             const Directory& directory, const Grants& grants,
                                             BootInstant now) {
    if (!directory.knows_user(session.user)) return EndCause::user_removed;
    const LiveGrant* live = grants.find(grant);
    // What left the set of live grants without its deadline passing was revoked.
    if (live == nullptr) return EndCause::grant_revoked;
    if (now >= live->ends) return EndCause::grant_expired;
    if (!covers(live->grant.subject, session.user, directory)) return EndCause::user_removed;
    return live->ends;
}

}  // namespace curfew::policy

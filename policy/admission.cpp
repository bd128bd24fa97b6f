#include "policy/admission.hpp"

#include <algorithm>
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

bool may_be_used(const LiveGrant& grant, const Attempt& attempt) {
    return !is_of_the_node(grant.grant.use) || attempt.only != nullptr;
}

// Whether `one` is the better of two that would do.
bool is_better(const LiveGrant& one, const LiveGrant* other) {
    if (other == nullptr) return true;
    const bool whole = one.grant.use != GrantUse::commands;
    const bool other_whole = other->grant.use != GrantUse::commands;
    return whole != other_whole ? whole : one.ends > other->ends;
}

// For the order by identifier, and by resource.
struct ById {
    bool operator()(const LiveGrant* a, const LiveGrant* b) const { return a->grant.id < b->grant.id; }
    bool operator()(const LiveGrant* a, const GrantId& id) const { return a->grant.id < id; }
};
struct ByResource {
    bool operator()(const LiveGrant* a, const LiveGrant* b) const {
        return a->grant.resource < b->grant.resource;
    }
    bool operator()(const LiveGrant* a, std::string_view resource) const {
        return a->grant.resource < resource;
    }
    bool operator()(std::string_view resource, const LiveGrant* a) const {
        return resource < a->grant.resource;
    }
};

}  // namespace

Grants::Grants(std::vector<LiveGrant> grants) {
    grants_.reserve(grants.size());
    for (LiveGrant& grant : grants)
        grants_.push_back(std::make_shared<const LiveGrant>(std::move(grant)));
    for (const auto& grant : grants_)
        by_id_.push_back(grant.get());
    by_resource_ = by_id_;
    std::sort(by_id_.begin(), by_id_.end(), ById{});
    std::sort(by_resource_.begin(), by_resource_.end(), ByResource{});
}

Grants Grants::with(LiveGrant grant) const {
    Grants next = without(grant.grant.id);
    auto added = std::make_shared<const LiveGrant>(std::move(grant));
    const LiveGrant* const plain = added.get();
    next.by_id_.insert(std::lower_bound(next.by_id_.begin(), next.by_id_.end(), plain, ById{}), plain);
    next.by_resource_.insert(
        std::upper_bound(next.by_resource_.begin(), next.by_resource_.end(), plain, ByResource{}), plain);
    next.grants_.push_back(std::move(added));
    return next;
}

Grants Grants::without(const GrantId& id) const {
    Grants next = *this;
    if (find(id) == nullptr) return next;
    const auto is_gone = [&id](const auto& grant) { return grant->grant.id == id; };
    std::erase_if(next.by_id_, is_gone);
    std::erase_if(next.by_resource_, is_gone);
    std::erase_if(next.grants_, is_gone);
    return next;
}

const LiveGrant* Grants::find(const GrantId& id) const {
    const auto found = std::lower_bound(by_id_.begin(), by_id_.end(), id, ById{});
    return found == by_id_.end() || (*found)->grant.id != id ? nullptr : *found;
}

std::vector<const LiveGrant*> Grants::on_resource(std::string_view resource) const {
    const auto [first, last] =
        std::equal_range(by_resource_.begin(), by_resource_.end(), resource, ByResource{});
    return {first, last};
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
        if (!may_be_used(*candidate, attempt)) continue;
        if (attempt.store_away && !candidate->outlives_store) continue;
        if (now < candidate->starts) {
            only_later = true;
        } else if (attempt.replication && !candidate->grant.allow_replication) {
            only_without_replication = true;
        } else if (is_better(*candidate, best)) {
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
        // What a node runs something under has no credential, and nobody would be let in by one.
        if (is_of_the_node(candidate->grant.use)) continue;
        if (!candidate->grant.verifier || now < candidate->starts || now >= candidate->ends) continue;
        if (attempt.store_away && !candidate->outlives_store) continue;
        if (!covers(candidate->grant.subject, attempt.user, directory)) continue;
        if (attempt.replication && !candidate->grant.allow_replication) continue;
        if (is_better(*candidate, best)) best = candidate;
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

#include "policy/reviews.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace curfew::policy {
namespace {

bool counts(const Review& review, const Request& request, const Directory& directory) {
    const auto reviewer = directory.canonical(review.reviewer);
    return reviewer && directory.is_member(review.group, *reviewer) &&
           !directory.are_same_person(*reviewer, request.requester);
}

void add_reviewing_groups(GroupNames& groups, const Rule& rule) {
    groups.insert(rule.approval_groups.begin(), rule.approval_groups.end());
    groups.insert(rule.force_approval_groups.begin(), rule.force_approval_groups.end());
}

Progress::OfRule progress_of(const Rule& rule, const std::vector<const Review*>& approvals) {
    Progress::OfRule result;
    result.rule = &rule;
    // A rule that names nobody who may approve is satisfied by nobody, and none by no review at all.
    result.wanted = std::max(rule.min_approvals, 1U);
    if (rule.require_all_groups) {
        result.wanted = std::max(result.wanted, static_cast<unsigned>(rule.approval_groups.size()));
        result.missing_groups = rule.approval_groups;
    }
    bool forced = false;
    for (const Review* approval : approvals) {
        forced = forced || rule.force_approval_groups.contains(approval->group);
        if (!rule.approval_groups.contains(approval->group)) continue;
        ++result.approvals;
        result.missing_groups.erase(approval->group);
    }
    result.satisfied = forced || (result.approvals >= result.wanted && result.missing_groups.empty());
    return result;
}

}  // namespace

Terms terms_now(const Request& request, const Circumstances& circumstances) {
    return terms_for(request.requester, circumstances.target, request.type, circumstances.rules,
                     circumstances.directory);
}

std::vector<const Review*> counting_approvals(const Request& request, const Circumstances& circumstances) {
    const Directory& directory = circumstances.directory;
    std::vector<const Review*> result;
    for (auto review = request.reviews.rbegin(); review != request.reviews.rend(); ++review) {
        const bool superseded = std::any_of(request.reviews.rbegin(), review, [&](const Review& later) {
            return directory.are_same_person(later.reviewer, review->reviewer);
        });
        if (!superseded && review->verdict == Verdict::approve && counts(*review, request, directory))
            result.push_back(&*review);
    }
    return result;
}

GroupNames groups_concerned(const Request& request, const Circumstances& circumstances) {
    GroupNames result = terms_now(request, circumstances).reviewing_groups();
    for (const Rule& rule : circumstances.rules) {
        if (std::find(request.rules.begin(), request.rules.end(), rule.name) != request.rules.end())
            add_reviewing_groups(result, rule);
    }
    return result;
}

GroupNames in_common(const GroupNames& groups, std::string_view user, const Directory& directory) {
    GroupNames result;
    for (const std::string& group : groups) {
        if (directory.is_member(group, user)) result.insert(group);
    }
    return result;
}

const Review* own_review(std::string_view user, const Request& request, const Circumstances& circumstances) {
    const auto latest = std::find_if(
        request.reviews.rbegin(), request.reviews.rend(),
        [&](const Review& one) { return circumstances.directory.are_same_person(one.reviewer, user); });
    if (latest == request.reviews.rend()) return nullptr;
    const GroupNames reviewing = terms_now(request, circumstances).reviewing_groups();
    const bool stands =
        reviewing.contains(latest->group) && counts(*latest, request, circumstances.directory);
    return stands ? &*latest : nullptr;
}

bool has_signed(std::string_view user, const Request& request, const Circumstances& circumstances) {
    return request.approval == Decision::signed_offline &&
           std::any_of(request.reviews.begin(), request.reviews.end(), [&](const Review& one) {
               return circumstances.directory.are_same_person(one.reviewer, user);
           });
}

std::string listed(const GroupNames& groups) {
    return fmt::format("{}", fmt::join(groups, ", "));
}

Progress progress(const Request& request, const Circumstances& circumstances) {
    const auto approvals = counting_approvals(request, circumstances);
    Progress result;
    for (const Rule* rule : terms_now(request, circumstances).rules)
        result.rules.push_back(progress_of(*rule, approvals));
    result.approved = !result.rules.empty() && std::all_of(result.rules.begin(), result.rules.end(),
                                                           [](const auto& rule) { return rule.satisfied; });
    return result;
}

GroupNames reviewing_groups(const Request& request, const Circumstances& circumstances) {
    if (request.status == RequestStatus::pending) return terms_now(request, circumstances).reviewing_groups();
    GroupNames groups = groups_concerned(request, circumstances);
    // The rules are gone, or there never were any: somebody must still answer for what happened.
    if (groups.empty() || request.approval == Decision::signed_offline) groups.emplace(administrators);
    return groups;
}

GroupNames groups_to_review_for(std::string_view user, const Request& request,
                                const Circumstances& circumstances) {
    const Directory& directory = circumstances.directory;
    const auto name = directory.canonical(user);
    if (!name || directory.are_same_person(*name, request.requester)) return {};
    if (request.status == RequestStatus::pending) {
        if (circumstances.now >= request.review_ends_at ||
            own_review(*name, request, circumstances) != nullptr)
            return {};
    } else if (!request.review_due || has_signed(*name, request, circumstances)) {
        return {};
    }
    return in_common(reviewing_groups(request, circumstances), *name, directory);
}

}  // namespace curfew::policy

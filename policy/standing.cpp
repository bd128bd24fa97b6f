#include "policy/standing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "policy/approval.hpp"
#include "policy/reviews.hpp"
#include "policy/wording.hpp"

namespace curfew::policy {
namespace {

std::optional<std::string> pending_lost(const Request& request, const Circumstances& circumstances) {
    const Directory& directory = circumstances.directory;
    if (request.kind == RequestKind::extension) {
        if (not_extendable(circumstances.grant, request.requester, circumstances))
            return "the grant that it was to extend is over";
    }
    if (directory.is_administrator(request.requester) || terms_now(request, circumstances).may_ask())
        return std::nullopt;
    return fmt::format("no rule lets {} ask for '{}' any more", printable(request.requester, longest_shown),
                       printable(request.resource, longest_shown));
}

// True if the approval still stands on this rule, one of those that applied when it was given.
bool stands_on(const Rule& rule, const Request& request, std::string_view user, const Directory& directory) {
    switch (request.approval) {
        case Decision::break_glass:
            return !in_common(rule.break_glass_groups, user, directory).empty();
        case Decision::review_skipped:
            return !in_common(rule.skip_review_groups, user, directory).empty();
        default:
            return true;
    }
}

std::optional<std::string> approved_lost(const Request& request, const Circumstances& circumstances,
                                         std::string_view user) {
    const Directory& directory = circumstances.directory;
    if (request.approval == Decision::administrator) {
        if (directory.is_administrator(user)) return std::nullopt;
        return fmt::format("{} is no administrator any more", printable(user, longest_shown));
    }
    // No rule gave it: the approvers' signatures did, and it is short.
    if (request.approval == Decision::signed_offline) return std::nullopt;
    const Terms terms = terms_now(request, circumstances);
    const bool stands = std::any_of(terms.rules.begin(), terms.rules.end(), [&](const Rule* rule) {
        return std::find(request.rules.begin(), request.rules.end(), rule->name) != request.rules.end() &&
               stands_on(*rule, request, user, directory);
    });
    if (stands) return std::nullopt;
    return fmt::format("no rule that it was approved under covers {} and '{}' any more",
                       printable(user, longest_shown), printable(request.resource, longest_shown));
}

}  // namespace

std::optional<std::string> right_lost(const Request& request, const Circumstances& circumstances) {
    const auto user = circumstances.directory.canonical(request.requester);
    if (!user) return fmt::format("{} is no user here any more", printable(request.requester, longest_shown));
    if (!circumstances.target.known)
        return fmt::format("there is no resource '{}' any more", printable(request.resource, longest_shown));
    return request.status == RequestStatus::pending ? pending_lost(request, circumstances)
                                                    : approved_lost(request, circumstances, *user);
}

}  // namespace curfew::policy

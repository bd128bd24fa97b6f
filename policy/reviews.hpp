// Which reviews count, whose could, and who may say something about a request. For lifecycle.cpp and its
// neighbours.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/lifecycle.hpp"

namespace curfew::policy {

// The terms of the request's requester, as they are now.
Terms terms_now(const Request& request, const Circumstances& circumstances);

// The approvals that count, one of a person at most: their latest, if they are a member of the group that
// they chose, and not the requester.
std::vector<const Review*> counting_approvals(const Request& request, const Circumstances& circumstances);

// The groups that may review the request afterwards, or revoke it: those of the rules that apply now and of
// the rules that it was approved under.
GroupNames groups_concerned(const Request& request, const Circumstances& circumstances);

// The groups that the user is in, out of these. `user`: canonical.
GroupNames in_common(const GroupNames& groups, std::string_view user, const Directory& directory);

// The user's own review while it counts; null: they have not reviewed. `user`: canonical.
const Review* own_review(std::string_view user, const Request& request, const Circumstances& circumstances);

// True if the request was signed offline and `user` is one who signed. `user`: canonical.
bool has_signed(std::string_view user, const Request& request, const Circumstances& circumstances);

// `dba, security`.
std::string listed(const GroupNames& groups);

}  // namespace curfew::policy

#include "api/access_review_views.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>

#include "api/history_views.hpp"
#include "api/json_values.hpp"
#include "api/json_views.hpp"
#include "api/request_views.hpp"
#include "base/time_text.hpp"
#include "policy/request.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

std::int64_t in_seconds(Duration duration) {
    return std::chrono::round<std::chrono::seconds>(duration).count();
}

// How long it was good for: to its end, or to its revocation.
Duration given_time(const policy::Grant& grant) {
    WallInstant end = grant.window.ends_at;
    if (grant.revoked) end = std::min(end, grant.revoked->at);
    return std::max<Duration>(end - grant.window.starts_at, Duration::zero());
}

json::array approvers_of(const store::ReviewedGrant& reviewed) {
    std::set<std::string> names;
    if (!reviewed.request) {
        names.insert(reviewed.grant.grant.given_by);
    } else {
        for (const policy::Review& review : reviewed.request->reviews) {
            if (review.verdict == policy::Verdict::approve) names.insert(review.reviewer);
        }
    }
    json::array list;
    for (const std::string& name : names)
        list.emplace_back(text_value(name));
    return list;
}

// What an auditor is to look at, as fixed words.
json::array findings_on(const store::ReviewedGrant& reviewed) {
    const auto& [grant, request, extensions, use] = reviewed;
    json::array found;
    // By a rule for commands people may connect at any time; what they do is approved by itself.
    const bool by_rule =
        grant.grant.use == policy::GrantUse::commands || grant.grant.use == policy::GrantUse::preview;
    if (!request && !by_rule) found.emplace_back("given_by_hand");
    if (request && request->approval == policy::Decision::break_glass) found.emplace_back("break_glass");
    if (request && request->approval != policy::Decision::reviewed &&
        request->approval != policy::Decision::break_glass && request->approval != policy::Decision::none)
        found.emplace_back(policy::to_string(request->approval));
    if (request && request->review_due) found.emplace_back("review_due");
    const auto state = grant.state();
    const bool over = state == policy::GrantState::ended || state == policy::GrantState::revoked;
    if (use.sessions == 0 && over && !by_rule) found.emplace_back("unused");
    if (use.overstayed > 0) found.emplace_back("overstayed");
    if (use.unconfirmed > 0) found.emplace_back("unconfirmed");
    return found;
}

json::object use_view(const store::UseOfGrant& use) {
    json::array users;
    for (const std::string& user : use.users)
        users.emplace_back(text_value(user));
    return {{"sessions", use.sessions},
            {"users", std::move(users)},
            {"used_seconds", in_seconds(use.used)},
            {"first_at", instant_or_null(use.first_at)},
            {"not_over", use.not_over},
            {"enforced", use.enforced},
            {"overstayed", use.overstayed},
            {"longest_overstay_ms",
             std::int64_t{std::chrono::ceil<std::chrono::milliseconds>(use.longest_overstay).count()}},
            {"unconfirmed", use.unconfirmed}};
}

}  // namespace

json::object view(const store::ReviewedGrant& reviewed) {
    const auto& request = reviewed.request;
    return {{"grant", view(reviewed.grant)},
            {"request", request ? json::value(view(*request)) : json::value(nullptr)},
            {"extensions", view(reviewed.extensions)},
            {"asked_seconds", request ? json::value(in_seconds(request->duration)) : json::value(nullptr)},
            {"given_seconds", in_seconds(given_time(reviewed.grant.grant))},
            {"approvers", approvers_of(reviewed)},
            {"use", use_view(reviewed.use)},
            {"findings", findings_on(reviewed)}};
}

json::object view(const workflow::StandingPrivilege& privilege) {
    return {{"kind", to_string(privilege.kind)},
            {"resource", text_or_null(privilege.resource)},
            {"who", text_or_null(privilege.who)},
            {"detail", text_value(privilege.detail)},
            {"source", text_or_null(privilege.source)}};
}

}  // namespace curfew::api

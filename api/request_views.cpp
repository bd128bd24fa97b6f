#include "api/request_views.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "api/json_values.hpp"
#include "api/json_views.hpp"
#include "base/duration.hpp"
#include "base/time_text.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

json::array reviews(const policy::Request& request) {
    json::array list;
    for (const auto& review : request.reviews) {
        list.emplace_back(json::object{{"reviewer", text_value(review.reviewer)},
                                       {"group", text_value(review.group)},
                                       {"verdict", to_string(review.verdict)},
                                       {"comment", text_value(review.comment)},
                                       {"duration", duration_or_null(review.duration)},
                                       {"at", format_utc(review.at)}});
    }
    return list;
}

json::value progress(const workflow::RequestView& view) {
    if (view.request.status != policy::RequestStatus::pending) return nullptr;
    json::array rules;
    for (const auto& rule : view.progress) {
        rules.emplace_back(json::object{{"rule", text_value(rule.rule)},
                                        {"approval_groups", text_list(rule.approval_groups)},
                                        {"approvals", rule.approvals},
                                        {"wanted", rule.wanted},
                                        {"missing_groups", text_list(rule.missing_groups)},
                                        {"satisfied", rule.satisfied}});
    }
    const bool approved =
        !view.progress.empty() && std::all_of(view.progress.begin(), view.progress.end(),
                                              [](const auto& rule) { return rule.satisfied; });
    return json::object{{"rules", std::move(rules)}, {"approved", approved}};
}

}  // namespace

json::object view(const policy::Request& request, Extent extent) {
    return {{"id", request.id.text()},
            {"kind", to_string(request.kind)},
            {"type", to_string(request.type)},
            {"requester", text_value(request.requester)},
            {"resource", text_value(request.resource)},
            {"duration", format_duration(request.duration)},
            {"starts_at", instant_or_null(request.starts_at)},
            {"reason", text_value(request.reason)},
            {"replication", request.allow_replication},
            {"asked_at", format_utc(request.asked_at)},
            {"review_ends_at", format_utc(request.review_ends_at)},
            {"status", to_string(request.status)},
            {"decision", to_string(request.decision)},
            {"decided_by", text_or_null(request.decided_by)},
            {"decided_at", instant_or_null(request.decided_at)},
            {"decision_comment", text_value(request.decision_comment)},
            {"approval", to_string(request.approval)},
            {"approved_at", instant_or_null(request.approved_at)},
            {"reviews", reviews(request)},
            {"rules", text_list(request.rules)},
            {"granted", duration_or_null(request.granted)},
            {"grant", request.grant ? json::value(request.grant->text()) : json::value(nullptr)},
            {"review_due", request.review_due},
            {"command", view(request.command, extent)},
            {"command_result", view(request.command_result, extent)},
            {"view", nullptr}};
}

json::object view(const workflow::RequestView& seen, const Viewer& viewer, Extent extent) {
    const policy::Request& request = seen.request;
    const bool pending = request.status == policy::RequestStatus::pending;
    const auto page = viewer.people_address.empty()
                          ? std::string{}
                          : viewer.people_address + "/requests/" + std::string{request.id.text()};
    json::object result = view(request, extent);
    result["view"] =
        json::object{{"progress", progress(seen)},
                     {"may_review_for", viewer.is_user ? text_list(seen.may_review_for) : json::array{}},
                     {"may_cancel", seen.may_revoke && pending},
                     {"may_revoke", seen.may_revoke && !pending},
                     {"grant", seen.grant ? json::value(view(*seen.grant)) : json::value(nullptr)},
                     {"url", text_or_null(page)}};
    return result;
}

}  // namespace curfew::api

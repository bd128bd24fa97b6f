#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "api/json_input.hpp"
#include "api/json_values.hpp"
#include "api/operations.hpp"
#include "api/problem.hpp"
#include "base/duration.hpp"
#include "base/time_text.hpp"
#include "policy/offline_grant.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

json::value id_or_null(const std::string& id) {
    return id.empty() ? json::value(nullptr) : json::value(id);
}

json::object view(const proxy::OfflineGrantView& grant) {
    return {{"document", grant.document},
            {"grant", id_or_null(grant.grant.text())},
            {"request", id_or_null(grant.request.text())},
            {"user", text_value(grant.user)},
            {"resource", text_value(grant.resource)},
            {"duration", format_duration(grant.duration)},
            {"reason", text_value(grant.reason)},
            {"signers", text_list(grant.signers)},
            {"submitted_by", text_value(grant.submitted_by)},
            {"taken_at", format_utc(grant.taken_at)},
            {"remaining_seconds", std::chrono::floor<std::chrono::seconds>(grant.remaining).count()},
            {"revoked", grant.revoked},
            {"entered", grant.entered}};
}

json::object view(const proxy::OfflineStatus& status) {
    json::array approvers;
    for (const auto& approver : status.approvers) {
        approvers.push_back(
            json::object{{"user", text_value(approver.user)}, {"fingerprint", approver.fingerprint}});
    }
    json::array grants;
    for (const auto& grant : status.grants)
        grants.push_back(view(grant));
    return {{"enabled", status.enabled},
            {"installation", text_or_null(status.installation)},
            {"node", text_value(status.node)},
            {"approvals", status.approvals},
            {"max_duration", status.enabled ? json::value(format_duration(status.max_duration)) : nullptr},
            {"approvers", std::move(approvers)},
            {"store_answers", status.store_answers},
            {"grants", std::move(grants)},
            {"sessions_not_entered", status.sessions_not_entered}};
}

json::object view(const proxy::OfflineTaken& taken) {
    // Told once, to who handed the document in.
    return {{"grant", view(taken.grant)},
            {"remarks", text_list(taken.remarks)},
            {"secret", taken.password ? json::value(taken.password->reveal()) : json::value(nullptr)}};
}

Awaitable<Reply> show_offline_grants(RemoteNode& node, Call) {
    auto asking = node.offline_grants();
    const auto status = co_await std::move(asking);
    co_return json_response(http::status::ok, view(status));
}

Awaitable<Reply> submit_offline_grant(RemoteNode& node, Call call) {
    auto reader = ObjectReader::parse(call.request);
    if (!reader) co_return refused("offline_grant", call.actor(), "", reader.error());
    auto document = reader->required_text("document", policy::longest_offline_document);
    const bool only_look = reader->optional_flag("check");
    if (const auto error = reader->error()) co_return refused("offline_grant", call.actor(), "", *error);
    const auto trial = only_look ? proxy::OfflineTrial::only_look : proxy::OfflineTrial::take;
    auto taking = node.take_offline_grant(std::move(document), call.actor(), trial);
    const auto taken = co_await std::move(taking);
    if (!taken) co_return refused("offline_grant", call.actor(), "", taken.error());
    if (!only_look) log_done("admin.offline_grant_taken", call.actor(), taken->grant.grant.text());
    co_return json_response(only_look ? http::status::ok : http::status::created, view(*taken));
}

}  // namespace

void add_offline_operations(Router& router, RemoteNode& node) {
    router.add({http::verb::get, "/offline-grants", {Access::administrator, {Scope::read}}},
               [&node](Call call) { return show_offline_grants(node, std::move(call)); });
    router.add({http::verb::post, "/offline-grants", {Access::administrator, {Scope::admin}}},
               [&node](Call call) { return submit_offline_grant(node, std::move(call)); });
}

}  // namespace curfew::api

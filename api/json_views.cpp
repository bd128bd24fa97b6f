#include "api/json_views.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <string_view>

#include "api/json_values.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

json::value cause_text(const std::optional<policy::EndCause>& cause) {
    return cause ? json::value(to_string(*cause)) : json::value(nullptr);
}

json::value pid_value(std::int32_t pid) {
    return pid == 0 ? json::value(nullptr) : json::value(pid);
}

std::int64_t whole_seconds(Duration duration) {
    return std::chrono::floor<std::chrono::seconds>(duration).count();
}

json::array listeners(const std::vector<proxy::ListenerStatus>& open) {
    json::array list;
    for (const auto& listener : open)
        list.emplace_back(text_value(listener.name + " " + config::to_string(listener.address)));
    return list;
}

json::array admin_logins(const std::vector<proxy::AdminLoginStatus>& logins) {
    json::array list;
    for (const auto& login : logins) {
        list.emplace_back(json::object{{"resource", text_value(login.resource)},
                                       {"up", login.up},
                                       {"since", format_utc(login.since)},
                                       {"problem", text_or_null(login.problem)}});
    }
    return list;
}

json::value revocation(const std::optional<policy::Grant::Revocation>& revoked) {
    if (!revoked) return nullptr;
    return json::object{{"at", format_utc(revoked->at)},
                        {"by", text_value(revoked->by)},
                        {"reason", text_value(revoked->reason)}};
}

json::value statement_of(const proxy::SessionView& session) {
    if (!session.statement) return nullptr;
    const std::string& sql = session.statement->sql;
    return json::object{{"sql", printable_lines(sql, sql.size())},
                        {"since", format_utc(session.statement->since)}};
}

}  // namespace

json::object view(const store::GrantCountdown& countdown) {
    const policy::Grant& grant = countdown.grant;
    const auto state = countdown.state();
    const bool over = state == policy::GrantState::ended || state == policy::GrantState::revoked;
    const auto left = [&](Duration duration) {
        return over ? std::int64_t{0} : std::max<std::int64_t>(0, whole_seconds(duration));
    };
    return {{"id", grant.id.text()},
            {"subject", text_value(policy::to_string(grant.subject))},
            {"resource", text_value(grant.resource)},
            {"state", to_string(state)},
            {"starts_at", format_utc(grant.window.starts_at)},
            {"ends_at", format_utc(grant.window.ends_at)},
            {"starts_in_seconds", left(countdown.starts_in)},
            {"remaining_seconds", left(countdown.remaining)},
            {"replication", grant.allow_replication},
            {"use", to_string(grant.use)},
            {"reason", text_value(grant.reason)},
            {"given_by", text_value(grant.given_by)},
            {"given_at", format_utc(grant.given_at)},
            {"revoked", revocation(grant.revoked)}};
}

json::object view(const proxy::SessionView& session, WallInstant now) {
    const auto known = [&](auto value) {
        return session.is_elsewhere ? json::value(nullptr) : json::value(value);
    };
    return {{"id", session.id.text()},
            {"grant", session.grant.text()},
            {"user", text_value(session.user)},
            {"resource", text_value(session.resource)},
            {"database", text_value(session.database)},
            {"node", text_value(session.node)},
            {"client_address", text_value(session.client_address)},
            {"application_name", text_value(session.application_name)},
            {"phase", to_string(session.phase)},
            {"winding_down", known(session.winding_down)},
            {"recording", to_string(session.recording)},
            {"tls", known(session.tls)},
            {"backend_pid", pid_value(session.backend_pid)},
            {"started_at", format_utc(session.started_at)},
            {"ends_at", format_utc(now + std::chrono::floor<WallInstant::duration>(session.remaining))},
            {"remaining_seconds", whole_seconds(session.remaining)},
            {"bytes_from_client", known(session.bytes_from_client)},
            {"bytes_to_client", known(session.bytes_to_client)},
            {"statement", statement_of(session)},
            {"by_command", known(session.by_command)},
            {"waiting_for",
             session.waiting_for ? json::value(session.waiting_for->text()) : json::value(nullptr)},
            {"cause", cause_text(session.cause)}};
}

json::object view(const proxy::NodeStatus& status) {
    return {{"version", text_value(status.version)},
            {"node", text_value(status.node)},
            {"started_at", format_utc(status.started_at)},
            {"ready", status.ready},
            {"not_ready_because", text_list(status.not_ready_because)},
            {"sessions", status.sessions},
            {"unconfirmed_backends", status.unconfirmed_backends},
            {"listeners", listeners(status.listeners)},
            {"resources", text_list(status.resources)},
            {"admin_logins", admin_logins(status.admin_logins)},
            {"config_file", text_value(status.config_file)}};
}

json::object view(const store::NodeRecord& node) {
    return {{"node", text_value(node.name)},
            {"state", node.is_gone() ? "gone" : "up"},
            {"version", text_value(node.version)},
            {"address", text_value(node.address)},
            {"resources", text_list(node.resources)},
            {"sessions", node.sessions},
            {"started_at", format_utc(node.started_at)},
            {"seen_at", format_utc(node.seen_at)},
            {"seen_seconds_ago", whole_seconds(node.seen_ago)}};
}

json::object view(const proxy::Diagnosis& diagnosis) {
    json::array findings;
    for (const policy::Finding& finding : diagnosis.findings) {
        findings.emplace_back(json::object{{"check", finding.check},
                                           {"severity", to_string(finding.severity)},
                                           {"problem", text_value(finding.problem)},
                                           {"remedy", text_value(finding.remedy)}});
    }
    return {{"resource", text_value(diagnosis.resource)},
            {"at", format_utc(diagnosis.at)},
            {"server_version", text_or_null(diagnosis.server_version)},
            {"findings", std::move(findings)}};
}

json::object view(const identity::Principal& principal, std::string_view display_name) {
    json::array scopes;
    for (const auto scope : principal.scopes.list())
        scopes.emplace_back(to_string(scope));
    return {{"name", text_value(principal.recorded_as)},
            {"user", text_or_null(principal.user)},
            {"display_name", text_or_null(display_name)},
            {"administrator", principal.is_administrator},
            {"groups", text_list(principal.groups)},
            {"via", to_string(principal.via)},
            {"scopes", std::move(scopes)},
            {"expires_at", instant_or_null(principal.expires_at)}};
}

}  // namespace curfew::api

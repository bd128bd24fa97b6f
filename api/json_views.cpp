#include "api/json_views.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::api {
namespace {

namespace json = boost::json;

json::string text(std::string_view value) {
    return json::string{printable(value, 4000)};
}

json::value instant(const std::optional<WallInstant>& value) {
    return value ? json::value(format_utc(*value)) : json::value(nullptr);
}

json::value cause_text(const std::optional<policy::EndCause>& cause) {
    return cause ? json::value(to_string(*cause)) : json::value(nullptr);
}

json::value pid_value(std::int32_t pid) {
    return pid == 0 ? json::value(nullptr) : json::value(pid);
}

std::int64_t whole_seconds(Duration duration) {
    return std::chrono::floor<std::chrono::seconds>(duration).count();
}

json::array text_list(const std::vector<std::string>& values) {
    json::array list;
    for (const auto& value : values)
        list.emplace_back(text(value));
    return list;
}

json::array listeners(const std::vector<proxy::ListenerStatus>& open) {
    json::array list;
    for (const auto& listener : open)
        list.emplace_back(text(listener.name + " " + config::to_string(listener.address)));
    return list;
}

json::array admin_logins(const std::vector<proxy::AdminLoginStatus>& logins) {
    json::array list;
    for (const auto& login : logins) {
        list.emplace_back(
            json::object{{"resource", text(login.resource)},
                         {"up", login.up},
                         {"since", format_utc(login.since)},
                         {"problem", login.problem.empty() ? json::value(nullptr) : text(login.problem)}});
    }
    return list;
}

json::value revocation(const std::optional<policy::Grant::Revocation>& revoked) {
    if (!revoked) return nullptr;
    return json::object{
        {"at", format_utc(revoked->at)}, {"by", text(revoked->by)}, {"reason", text(revoked->reason)}};
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
            {"subject", text(policy::to_string(grant.subject))},
            {"resource", text(grant.resource)},
            {"state", to_string(state)},
            {"starts_at", format_utc(grant.window.starts_at)},
            {"ends_at", format_utc(grant.window.ends_at)},
            {"starts_in_seconds", left(countdown.starts_in)},
            {"remaining_seconds", left(countdown.remaining)},
            {"replication", grant.allow_replication},
            {"reason", text(grant.reason)},
            {"given_by", text(grant.given_by)},
            {"given_at", format_utc(grant.given_at)},
            {"revoked", revocation(grant.revoked)}};
}

json::object view(const proxy::SessionView& session, WallInstant now) {
    return {{"id", session.id.text()},
            {"grant", session.grant.text()},
            {"user", text(session.user)},
            {"resource", text(session.resource)},
            {"database", text(session.database)},
            {"client_address", text(session.client_address)},
            {"application_name", text(session.application_name)},
            {"phase", to_string(session.phase)},
            {"tls", session.tls},
            {"backend_pid", pid_value(session.backend_pid)},
            {"started_at", format_utc(session.started_at)},
            {"ends_at", format_utc(now + std::chrono::floor<WallInstant::duration>(session.remaining))},
            {"remaining_seconds", whole_seconds(session.remaining)},
            {"bytes_from_client", session.bytes_from_client},
            {"bytes_to_client", session.bytes_to_client},
            {"cause", cause_text(session.cause)}};
}

json::object view(const store::SessionRecord& session) {
    const json::object backend{
        {"pid", pid_value(session.backend.pid)},
        {"started", session.backend.started.empty() ? json::value(nullptr) : text(session.backend.started)}};
    return {{"id", session.id.text()},
            {"grant", session.grant.text()},
            {"user", text(session.user)},
            {"resource", text(session.resource)},
            {"database", text(session.database)},
            {"node", text(session.node)},
            {"client_address", text(session.client_address)},
            {"application_name", text(session.application_name)},
            {"backend", backend},
            {"started_at", format_utc(session.started_at)},
            {"state", to_string(session.state)},
            {"ended_at", instant(session.ended_at)},
            {"cause", cause_text(session.cause)},
            {"confirmation", to_string(session.confirmation)},
            {"detail", text(session.detail)}};
}

json::object view(const proxy::NodeStatus& status) {
    return {{"version", text(status.version)},
            {"node", text(status.node)},
            {"started_at", format_utc(status.started_at)},
            {"ready", status.ready},
            {"not_ready_because", text_list(status.not_ready_because)},
            {"sessions", status.sessions},
            {"unconfirmed_backends", status.unconfirmed_backends},
            {"listeners", listeners(status.listeners)},
            {"resources", text_list(status.resources)},
            {"admin_logins", admin_logins(status.admin_logins)},
            {"config_file", text(status.config_file)}};
}

json::object view(const identity::Principal& principal, std::string_view display_name) {
    json::array groups;
    for (const auto& group : principal.groups)
        groups.emplace_back(text(group));
    json::array scopes;
    for (const auto scope : principal.scopes.list())
        scopes.emplace_back(to_string(scope));
    return {{"name", text(principal.recorded_as)},
            {"user", principal.user.empty() ? json::value(nullptr) : json::value(text(principal.user))},
            {"display_name", display_name.empty() ? json::value(nullptr) : json::value(text(display_name))},
            {"administrator", principal.is_administrator},
            {"groups", std::move(groups)},
            {"via", to_string(principal.via)},
            {"scopes", std::move(scopes)},
            {"expires_at", instant(principal.expires_at)}};
}

}  // namespace curfew::api

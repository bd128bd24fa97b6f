#include "policy/end_cause.hpp"

#include <array>
#include <utility>

namespace curfew::policy {
namespace {

constexpr std::array<std::pair<EndCause, std::string_view>, 12> names{{
    {EndCause::grant_expired, "grant_expired"},
    {EndCause::grant_revoked, "grant_revoked"},
    {EndCause::session_killed, "session_killed"},
    {EndCause::user_removed, "user_removed"},
    {EndCause::resource_removed, "resource_removed"},
    {EndCause::store_lost, "store_lost"},
    {EndCause::recording_failed, "recording_failed"},
    {EndCause::node_stopping, "node_stopping"},
    {EndCause::node_crashed, "node_crashed"},
    {EndCause::client_closed, "client_closed"},
    {EndCause::server_closed, "server_closed"},
    {EndCause::failed, "failed"},
}};

}  // namespace

std::string_view to_string(EndCause cause) {
    for (const auto& [value, name] : names) {
        if (value == cause) return name;
    }
    return "failed";
}

std::optional<EndCause> parse_end_cause(std::string_view text) {
    for (const auto& [value, name] : names) {
        if (name == text) return value;
    }
    return std::nullopt;
}

bool is_enforced(EndCause cause) {
    switch (cause) {
        case EndCause::client_closed:
        case EndCause::server_closed:
        case EndCause::failed:
            return false;
        default:
            return true;
    }
}

}  // namespace curfew::policy

#include "policy/request.hpp"

#include <algorithm>

#include "policy/words.hpp"

namespace curfew::policy {
namespace {

constexpr Words<RequestStatus, 5> statuses{{
    {RequestStatus::pending, "PENDING"},
    {RequestStatus::approved, "APPROVED"},
    {RequestStatus::rejected, "REJECTED"},
    {RequestStatus::revoked, "REVOKED"},
    {RequestStatus::executed, "EXECUTED"},
}};

constexpr Words<RequestKind, 2> kinds{{
    {RequestKind::access, "access"},
    {RequestKind::extension, "extension"},
}};

constexpr Words<Decision, 14> decisions{{
    {Decision::none, "none"},
    {Decision::reviewed, "reviewed"},
    {Decision::force_approved, "force_approved"},
    {Decision::review_skipped, "review_skipped"},
    {Decision::administrator, "administrator"},
    {Decision::break_glass, "break_glass"},
    {Decision::signed_offline, "signed_offline"},
    {Decision::review_timed_out, "review_timed_out"},
    {Decision::cancelled, "cancelled"},
    {Decision::revoked, "revoked"},
    {Decision::right_lost, "right_lost"},
    {Decision::window_passed, "window_passed"},
    {Decision::command_run, "command_run"},
    {Decision::not_run, "not_run"},
}};

constexpr Words<Verdict, 2> verdicts{{
    {Verdict::approve, "approve"},
    {Verdict::reject, "reject"},
}};

}  // namespace

std::string_view to_string(RequestStatus status) {
    return word_of(statuses, status);
}

std::optional<RequestStatus> parse_request_status(std::string_view text) {
    return value_of(statuses, text);
}

std::string_view to_string(RequestKind kind) {
    return word_of(kinds, kind);
}

std::optional<RequestKind> parse_request_kind(std::string_view text) {
    return value_of(kinds, text);
}

std::string_view to_string(Decision decision) {
    return word_of(decisions, decision);
}

std::optional<Decision> parse_decision(std::string_view text) {
    return value_of(decisions, text);
}

std::string_view to_string(Verdict verdict) {
    return word_of(verdicts, verdict);
}

std::optional<Verdict> parse_verdict(std::string_view text) {
    return value_of(verdicts, text);
}

std::optional<Window> window_of(const Request& request) {
    if (!request.approved_at || !request.granted) return std::nullopt;
    const WallInstant start =
        std::max(*request.approved_at, request.starts_at.value_or(*request.approved_at));
    return Window{start, start + std::chrono::floor<std::chrono::milliseconds>(*request.granted)};
}

WallInstant end_of(const Request& request, const Grant* grant, WallInstant now) {
    const auto window = window_of(request);
    WallInstant end = window ? window->ends_at : now;
    if (grant == nullptr) return end;
    const WallInstant grant_ends =
        grant->ended ? std::min(grant->window.ends_at, now) : grant->window.ends_at;
    return request.kind == RequestKind::access ? grant_ends : std::min(end, grant_ends);
}

}  // namespace curfew::policy

#include "store/sql/request_checks.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace curfew::store {
namespace {

using policy::Decision;
using policy::GrantUse;
using policy::Request;
using policy::RequestKind;
using policy::RequestStatus;
using policy::RequestType;

Error wrong(const Request& request, std::string_view what) {
    return {ErrorCode::internal, "Request " + printable(request.id.text()) +
                                     " was to become what it must not: " + std::string{what}};
}

// Of a command: only a script that is run gives something, and that is the node's to run it under.
std::optional<Error> find_wrong_gift_of_command(RequestStatus before, const RequestChange& change) {
    const Request& next = change.next;
    const bool is_run = next.decision == Decision::command_run && before == RequestStatus::approved &&
                        next.status == RequestStatus::executed;
    const bool is_script = next.command && next.command->form == policy::CommandForm::script;
    if (change.extend || (change.give && !(is_run && is_script)))
        return wrong(next, "one that gives time for a command");
    if (is_run && is_script && !change.give) return wrong(next, "a script that is run under no grant");
    if (!change.give) return std::nullopt;
    if (change.give->use != GrantUse::script || change.give->resource != next.resource ||
        change.give->subject != policy::Subject{policy::Subject::Kind::user, next.requester})
        return wrong(next, "a script that gives more than what it is run under");
    return std::nullopt;
}

// Whether approval gives what it is for, once, and nothing else gives anything.
std::optional<Error> find_wrong_gift(RequestStatus before, const RequestChange& change) {
    const Request& next = change.next;
    const bool approved = next.status == RequestStatus::approved && before != RequestStatus::approved;
    const bool gives = change.give || change.extend;
    if (next.type == RequestType::command) {
        if (auto error = find_wrong_gift_of_command(before, change)) return error;
    } else {
        if (gives && !approved) return wrong(next, "one that gives something without being approved now");
        if (approved && !gives) return wrong(next, "approved, and given nothing");
        if (change.give && change.give->use != GrantUse::sessions)
            return wrong(next, "one that gives something else than time to connect");
    }
    if (change.give && (next.kind != RequestKind::access || next.grant))
        return wrong(next, "one that gives a second grant");
    if (change.extend && (next.kind != RequestKind::extension || !next.grant))
        return wrong(next, "one that extends what is not its to extend");
    if (change.revoke && !next.grant) return wrong(next, "one that revokes what it never gave");
    return std::nullopt;
}

std::optional<Error> find_wrong_times(const Request& request, WallInstant now) {
    if (std::chrono::floor<std::chrono::milliseconds>(request.duration) <= Duration::zero() ||
        request.duration > longest_grant) {
        return Error{ErrorCode::invalid, "A request is for longer than nothing and at most 366 days"};
    }
    if (request.starts_at &&
        (*request.starts_at > now + std::chrono::floor<std::chrono::milliseconds>(longest_grant) ||
         *request.starts_at < WallInstant{})) {
        return Error{ErrorCode::invalid, "A request starts at most 366 days from now"};
    }
    return std::nullopt;
}

}  // namespace

std::optional<Error> find_wrong(const Request& before, const RequestChange& change) {
    const Request& next = change.next;
    if (next.id != before.id || next.kind != before.kind || next.type != before.type ||
        next.requester != before.requester || next.resource != before.resource)
        return wrong(next, "another request");
    if (next.grant != before.grant) return wrong(next, "one that names another grant");
    if (next.reviews.size() < before.reviews.size() ||
        !std::equal(before.reviews.begin(), before.reviews.end(), next.reviews.begin()))
        return wrong(next, "one whose earlier reviews are others");
    if (next.starts_at != before.starts_at && next.kind != RequestKind::extension)
        return wrong(next, "one with another start");
    if (next.command != before.command) return wrong(next, "one whose command is another");
    if (next.command_result != before.command_result)
        return wrong(next, "one that something else came of than was seen");
    return find_wrong_gift(before.status, change);
}

std::optional<Error> find_wrong_beginning(const std::optional<GrantId>& extends, const RequestChange& change,
                                          WallInstant now) {
    const Request& next = change.next;
    if (next.grant != extends) return wrong(next, "one that names another grant");
    if (next.command.has_value() != (next.type == RequestType::command))
        return wrong(next, "one of a command without it, or of none with one");
    if (next.command && next.command->brief) return wrong(next, "one of a command that is not all there");
    if (next.command_result || next.decision == Decision::command_run)
        return wrong(next, "one of a command that was run before it was asked for");
    if (auto error = find_wrong_gift(RequestStatus::pending, change)) return error;
    return find_wrong_times(next, now);
}

}  // namespace curfew::store

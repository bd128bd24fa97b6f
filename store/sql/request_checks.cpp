#include "store/sql/request_checks.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace curfew::store {
namespace {

using policy::Request;
using policy::RequestKind;
using policy::RequestStatus;
using policy::RequestType;

Error wrong(const Request& request, std::string_view what) {
    return {ErrorCode::internal, "Request " + printable(request.id.text()) +
                                     " was to become what it must not: " + std::string{what}};
}

// Whether approval gives what it is for, once, and nothing else gives anything.
std::optional<Error> find_wrong_gift(RequestStatus before, const RequestChange& change) {
    const Request& next = change.next;
    const bool approved = next.status == RequestStatus::approved && before != RequestStatus::approved;
    const bool gives = change.give || change.extend;
    if (gives && !approved) return wrong(next, "one that gives something without being approved now");
    if (approved && !gives && next.type == RequestType::jit)
        return wrong(next, "approved, and given nothing");
    if (gives && next.type != RequestType::jit) return wrong(next, "one that gives time for a command");
    if (change.give && (next.kind != RequestKind::access || next.grant))
        return wrong(next, "one that gives a second grant");
    if (change.extend && (next.kind != RequestKind::extension || !next.grant))
        return wrong(next, "one that extends what is not its to extend");
    if (change.revoke && !next.grant) return wrong(next, "one that revokes what it never gave");
    return std::nullopt;
}

std::optional<Error> find_wrong_times(const Request& request, WallInstant now) {
    using Milliseconds = std::chrono::milliseconds;
    if (std::chrono::floor<Milliseconds>(request.duration) <= Milliseconds::zero() ||
        request.duration > longest_grant) {
        return Error{ErrorCode::invalid, "A request is for longer than nothing and at most 366 days"};
    }
    if (request.starts_at && (*request.starts_at > now + std::chrono::floor<Milliseconds>(longest_grant) ||
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
    return find_wrong_gift(before.status, change);
}

std::optional<Error> find_wrong_beginning(const std::optional<GrantId>& extends, const RequestChange& change,
                                          WallInstant now) {
    if (change.next.grant != extends) return wrong(change.next, "one that names another grant");
    if (auto error = find_wrong_gift(RequestStatus::pending, change)) return error;
    return find_wrong_times(change.next, now);
}

}  // namespace curfew::store

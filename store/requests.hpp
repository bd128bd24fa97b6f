// Requests in the store: each change judged and written in one transaction.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "policy/request.hpp"
#include "store/awaitable.hpp"
#include "store/grants.hpp"
#include "store/page.hpp"

namespace curfew::store {

// A request, and the grant that it gave or is to extend.
struct RequestRecord {
    policy::Request request;
    std::optional<GrantCountdown> grant;
};

// What an event makes of a request, and of its grant.
struct RequestChange {
    struct Extension {
        Duration more{};
        std::string by;
    };
    struct Revocation {
        std::string by;
        std::string reason;
    };
    // An event, as store::Event has it.
    struct Note {
        std::string kind;
        std::string id;
        std::string actor;
        std::string summary;  // a JSON object
    };

    policy::Request next;
    std::optional<NewGrant> give;      // its identifier is put into the request
    std::optional<Extension> extend;   // of the request's grant
    std::optional<Revocation> revoke;  // of the request's grant; nothing happens to one that is over
    // Of a new request by break-glass: the groups that have to hear of it at once, by an event of its own.
    std::set<std::string, std::less<>> alarmed_groups;
    // Of a new request: what else the events are to say, after those that say that it is there.
    std::vector<Note> notes;
    std::string from;  // as Actor's, of whose doing it is
};

// A request that was changed.
struct ChangedRequest {
    policy::Request before;
    RequestRecord after;
    bool grant_changed = false;  // given, extended or revoked
};

// A grant that was revoked, and those of its requests that changed with it.
struct RevokedGrant {
    GrantCountdown grant;
    std::vector<ChangedRequest> requests;
};

// Requests that wait for somebody to look at them.
struct WaitingRequests {
    struct OfKind {
        std::size_t count = 0;
        std::optional<BootInstant>
            oldest;  // since when, on this machine's boot clock; nullopt: there is none
    };
    OfKind pending;      // for their decision, since they were asked for
    OfKind reviews_due;  // for a review afterwards, since they were approved without one
};

// These are called on the store's thread, inside the transaction that writes what they give: they must be
// quick, thread-safe and pure, and must not ask the store. `now` is the store's clock.

// What the wish becomes. `extended`: the grant that is to be extended. Where the request has no identifier it
// is given one.
using MakeRequest =
    std::function<Result<RequestChange>(const std::optional<GrantCountdown>& extended, WallInstant now)>;
// What the event makes of the request. An error leaves it as it is.
using ChangeRequest = std::function<Result<RequestChange>(
    const policy::Request& request, const std::optional<GrantCountdown>& grant, WallInstant now)>;
// The same for each of many; nullopt leaves that one as it is.
using ReconsiderRequest = std::function<std::optional<RequestChange>(
    const policy::Request& request, const std::optional<GrantCountdown>& grant, WallInstant now)>;

// Which requests to list. What is empty or absent does not narrow the list.
struct RequestFilter {
    // What somebody may see: their own requests, and those on resources that they review or administer.
    struct Scope {
        std::string user;
        std::set<std::string> resources;
    };

    std::set<policy::RequestStatus> statuses;
    // Those that somebody is to review: PENDING, and those whose review afterwards is due. In place of
    // `statuses`.
    bool awaiting_review = false;
    // With awaiting_review: of those PENDING only the ones on these resources; absent: on all.
    std::optional<std::set<std::string>> pending_on;
    std::optional<std::string> requester;
    std::set<std::string> resources;
    std::optional<Scope> scope;
    // What else must be true. Called as the functions above are, for what the rest lets through.
    std::function<bool(const policy::Request&)> matches;
};

inline constexpr std::size_t largest_request_page = 500;

struct RequestPage {
    // Newest first. May be fewer than asked for, or none, though there are more: a page looks at a bounded
    // number of requests.
    std::vector<RequestRecord> requests;
    std::optional<std::string> next;  // absent: there are no more
};

// Errors as Store says. What changes something is durable when it returns.
class RequestStore {
public:
    virtual ~RequestStore() = default;

    // The error of `make`, or of the grant that it asks for, leaves no trace. not_found: there is no grant
    // `extends`.
    virtual Awaitable<Result<RequestRecord>> add_request(std::optional<GrantId> extends,
                                                         MakeRequest make) = 0;
    // The request, its reviews and its grant change together or not at all; who comes second is judged by
    // what the first one left. not_found: there is no such request. Errors of `change` and of what it asks
    // for as they are.
    virtual Awaitable<Result<ChangedRequest>> change_request(RequestId id, ChangeRequest change) = 0;
    // The same; and where it revokes the grant, `others` judges every other open request of that grant (its
    // own, and those of its extensions) in the same transaction. Gives the request first, then those.
    virtual Awaitable<Result<std::vector<ChangedRequest>>> change_request_and_others(
        RequestId id, ChangeRequest change, ReconsiderRequest others) = 0;
    // Revokes as revoke_grant does, and `requests` judges every open request of the grant, in one
    // transaction.
    virtual Awaitable<Result<RevokedGrant>> revoke_grant_and_requests(GrantId id, Actor by,
                                                                      std::string reason,
                                                                      ReconsiderRequest requests) = 0;
    // Every request that is PENDING or APPROVED, oldest first, in one transaction; those of a grant that this
    // revokes once more, as above. Gives those that changed.
    virtual Awaitable<Result<std::vector<ChangedRequest>>> change_open_requests(
        ReconsiderRequest reconsider) = 0;
    // The same for those whose time for review, or whose window, has passed.
    virtual Awaitable<Result<std::vector<ChangedRequest>>> change_due_requests(
        ReconsiderRequest reconsider) = 0;
    // When the first of those comes, on this machine's boot clock; the past if it has come. nullopt: none is
    // open. Comes earlier when the wall clock is set forwards.
    virtual Awaitable<Result<std::optional<BootInstant>>> next_due_request() = 0;
    virtual Awaitable<Result<WaitingRequests>> count_waiting_requests() = 0;

    // Keeps what came of a command that was run, once, as policy::keepable() has it. conflict: it was not
    // run, or it is known already. not_found: there is no such request.
    virtual Awaitable<Result<void>> set_command_result(RequestId id, policy::CommandResult result) = 0;

    // not_found: there is no such request.
    virtual Awaitable<Result<RequestRecord>> find_request(RequestId id) = 0;
    // The request that gave this grant; nullopt: it was given by hand.
    virtual Awaitable<Result<std::optional<RequestRecord>>> find_request_of(GrantId grant) = 0;
    // Of commands what policy::brief() leaves of them. invalid: a limit or a cursor that is none.
    virtual Awaitable<Result<RequestPage>> list_requests(RequestFilter filter, Page page) = 0;
};

}  // namespace curfew::store

// Requests: somebody's wish for a duration on a resource, and what became of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "policy/command.hpp"
#include "policy/grant.hpp"
#include "policy/rule.hpp"

namespace curfew::policy {

using curfew::RequestId;

// Exactly these five, written in capitals everywhere.
enum class RequestStatus { pending, approved, rejected, revoked, executed };
std::string_view to_string(RequestStatus status);  // `PENDING` …
std::optional<RequestStatus> parse_request_status(std::string_view text);

// What a request is for.
enum class RequestKind {
    access,     // a new grant
    extension,  // more time for a grant that the requester has
};
std::string_view to_string(RequestKind kind);
std::optional<RequestKind> parse_request_kind(std::string_view text);

// How it came to the status that it has; stands beside the status with who and when.
enum class Decision {
    none,      // PENDING
    reviewed,  // APPROVED: the reviews that the rules ask for are there. REJECTED: one of an approval group
    force_approved,    // one reviewer of a force-approval group alone
    review_skipped,    // the requester is in a skip-review group
    administrator,     // the requester is an administrator
    break_glass,       // the requester broke the glass; a review is due afterwards
    signed_offline,    // approvers signed it while the store was away; a review is due afterwards
    review_timed_out,  // REJECTED: nobody decided within review_timeout
    cancelled,         // REJECTED: by the requester while PENDING
    revoked,           // REVOKED: by the requester, a reviewer or an administrator
    right_lost,        // REVOKED or REJECTED: no rule, membership or user covers it any more
    window_passed,     // EXECUTED
    command_run,       // EXECUTED: the command was handed to PostgreSQL, once
    not_run,           // REVOKED: nobody was there to run the command while it might
};
std::string_view to_string(Decision decision);  // `review_timed_out`
std::optional<Decision> parse_decision(std::string_view text);

enum class Verdict { approve, reject };
std::string_view to_string(Verdict verdict);
std::optional<Verdict> parse_verdict(std::string_view text);

struct Review {
    std::string reviewer;  // canonical name
    std::string group;     // the one that it counts for
    Verdict verdict = Verdict::approve;
    std::string comment;
    std::optional<Duration> duration;  // shorter than what was asked for, if the reviewer said so
    WallInstant at;

    bool operator==(const Review&) const = default;
};

struct Request {
    RequestId id;
    RequestKind kind = RequestKind::access;
    RequestType type = RequestType::jit;
    std::string requester;  // canonical name
    std::string resource;
    Duration duration{};  // asked for; of an extension: how much more
    // Asked for; absent: at the final approval. Of an extension: where the grant ends that it extends.
    std::optional<WallInstant> starts_at;
    std::string reason;
    bool allow_replication = false;
    WallInstant asked_at;
    WallInstant review_ends_at;  // asked_at + review_timeout

    RequestStatus status = RequestStatus::pending;
    Decision decision = Decision::none;
    std::string decided_by;  // canonical name; empty where nobody did (a time-out)
    std::optional<WallInstant> decided_at;
    std::string decision_comment;
    std::vector<Review> reviews;  // in their order

    // Once it was approved; these stay when it is EXECUTED or REVOKED afterwards.
    Decision approval = Decision::none;  // reviewed, force_approved, review_skipped, administrator,
                                         // break_glass, signed_offline
    std::optional<WallInstant> approved_at;
    std::vector<std::string> rules;  // that it was approved under
    // How long the approval is for: never longer than `duration`. Of a command: how long it may begin, and of
    // a script also until when it is over.
    std::optional<Duration> granted;

    // What approval gave; of an extension: the grant that it is to extend, from the beginning.
    std::optional<GrantId> grant;

    // By break-glass, or signed offline: nobody has reviewed it yet. May be so in any status that follows
    // APPROVED.
    bool review_due = false;

    std::optional<Command> command;               // of type command: always
    std::optional<CommandResult> command_result;  // once it was run and its end is known

    bool operator==(const Request&) const = default;
};

// What the approval is for: from the approval, or from the start that was asked for where that is later. Of
// an extension, the time that it adds to its grant. nullopt: was never approved.
std::optional<Window> window_of(const Request& request);

// Until when what an APPROVED request gave lasts, as far as `now` tells: the end of its grant, extensions
// included; of an extension, the end of what it added; of what gave no grant, such as a command, the end of
// its window. `grant`: the request's, as it stands; null: it has none.
WallInstant end_of(const Request& request, const Grant* grant, WallInstant now);

}  // namespace curfew::policy

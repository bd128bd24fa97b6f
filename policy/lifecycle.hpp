// The life of a request: the only place where its status changes. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "policy/directory.hpp"
#include "policy/grant.hpp"
#include "policy/request.hpp"
#include "policy/terms.hpp"

namespace curfew::policy {

// Nobody asks for less, nor approves less.
inline constexpr Duration shortest_duration = std::chrono::seconds{1};
// An approval that allowed times, or a longest duration, would cut to less than this is refused: it is of no
// use.
inline constexpr Duration shortest_rest = std::chrono::minutes{1};
// How far ahead a start may be.
inline constexpr Duration furthest_start = std::chrono::hours{24 * 366};
// A reason or a comment, in bytes.
inline constexpr std::size_t longest_text = 2'000;

// What is true when an event is judged.
struct Circumstances {
    const Rules& rules;
    const Directory& directory;
    const Target& target;  // the request's resource
    WallInstant now;       // the store's clock
    // As it stands: the grant that an extension extends, or that an APPROVED request gave. Null: there is
    // none.
    const Grant* grant = nullptr;
};

// What somebody asks for, before it is a request.
struct Wish {
    RequestKind kind = RequestKind::access;
    RequestType type = RequestType::jit;
    std::string user;     // any of the person's names
    Duration duration{};  // zero: the default
    std::optional<WallInstant> starts_at;
    std::string reason;
    bool allow_replication = false;
    bool break_glass = false;
    std::optional<GrantId> extends;  // kind extension
    std::optional<Command> command;  // type command
};

// The request that the wish becomes, its id left for the store to give: PENDING, or APPROVED at once
// (administrator, review skipped, break-glass). An error says what the rules do not allow, which rule, and
// what would be.
Result<Request> submit(const Wish& wish, Duration review_timeout, const Circumstances& circumstances);

namespace event {
struct Reviewed {
    std::string reviewer;  // any of the person's names
    std::string group;     // empty: the only one of theirs that counts here; ambiguous otherwise
    Verdict verdict = Verdict::approve;
    std::string comment;
    // Shorter. Of a command: how long after the approval it may begin, and of a script also how long it may
    // take.
    std::optional<Duration> duration;
};
struct Cancelled {
    std::string by;
    std::string comment;
};
struct Revoked {
    std::string by;
    std::string comment;
};
struct ReviewTimedOut {};
struct WindowPassed {};
// The command is about to be handed to PostgreSQL, and never again: what comes of it is known afterwards.
struct CommandRun {};
// The directory or the rules changed: does what it stands on still stand?
struct Reconsidered {};
}  // namespace event
using Event = std::variant<event::Reviewed, event::Cancelled, event::Revoked, event::ReviewTimedOut,
                           event::WindowPassed, event::CommandRun, event::Reconsidered>;

// The request after the event. forbidden: this person may not; conflict: not in this status, or not yet (a
// time-out before its time). A Reconsidered that changes nothing returns the request as it is. A grant that
// was revoked takes all requests of it along, each at its next Reconsidered, or at its end.
Result<Request> apply(const Request& request, const Event& event, const Circumstances& circumstances);

// Whether apply() would let `user` (any of the person's names) do this now, as far as rights and status go.
bool may_cancel(std::string_view user, const Request& request, const Circumstances& circumstances);
bool may_revoke(std::string_view user, const Request& request, const Circumstances& circumstances);

// How far a PENDING request is: for those who wait, and those who are waited for.
struct Progress {
    struct OfRule {
        const Rule* rule = nullptr;
        unsigned approvals = 0;  // that count
        unsigned wanted = 0;
        GroupNames missing_groups;  // with require_all_groups: no approval of theirs yet
        bool satisfied = false;
    };
    std::vector<OfRule> rules;
    bool approved = false;
};
Progress progress(const Request& request, const Circumstances& circumstances);

// Whose members may review the request, its requester left out: while PENDING, those of the rules that apply
// now; after that, also those of the rules that it was approved under, and administrators where none of all
// these is left, or where it was signed offline.
GroupNames reviewing_groups(const Request& request, const Circumstances& circumstances);

// Which of the reviewing groups `user` may count for, on this request; empty: may not review it (not in any,
// its requester, or has reviewed it).
GroupNames groups_to_review_for(std::string_view user, const Request& request,
                                const Circumstances& circumstances);

}  // namespace curfew::policy

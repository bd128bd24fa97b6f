// The store: where grants and sessions are kept. What it acknowledged survives a crash at any instant.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "policy/end_cause.hpp"
#include "policy/grant.hpp"

namespace curfew::store {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

// No grant is given, or extended, for longer than this at a time.
inline constexpr Duration longest_grant = std::chrono::hours{24} * 366;

struct NewGrant {
    policy::Subject subject;
    std::string resource;
    Duration length{};
    Duration starts_in{};  // from the store's now; zero: at once
    bool allow_replication = false;
    std::string reason;
    std::string given_by;
};

// A grant and how far the store's clock is from its window's ends; negative once they have passed.
struct GrantCountdown {
    policy::Grant grant;
    Duration starts_in{};
    Duration remaining{};
    // This machine's boot clock when starts_in and remaining were true; never later than that, so a deadline
    // of `as_of + remaining` is never late, however long the answer took to arrive.
    BootInstant as_of{};

    policy::GrantState state() const;
};

// The server process behind a session, as PostgreSQL knows it. pids are reused; pid with start time is not.
struct Backend {
    std::int32_t pid = 0;
    std::string started;  // pg_stat_activity.backend_start as PostgreSQL prints it; empty if not known
};

// How the end of a session's backend was established.
enum class Confirmation {
    pending,        // not over yet
    activity,       // its socket reached EOF and its row left pg_stat_activity
    eof,            // its socket reached EOF; there is no admin login to look further with
    never_started,  // the session ended before a backend existed
    unconfirmed,    // could not be established
};
std::string_view to_string(Confirmation confirmation);
std::optional<Confirmation> parse_confirmation(std::string_view text);

enum class SessionState { live, ending, ended };
std::string_view to_string(SessionState state);
std::optional<SessionState> parse_session_state(std::string_view text);

// One admitted connection, as it is recorded.
struct SessionRecord {
    SessionId id;
    GrantId grant;
    std::string user;
    std::string resource;
    std::string database;
    std::string node;
    std::string client_address;
    std::string application_name;  // the client's own word: shown, never trusted
    Backend backend;
    WallInstant started_at;
    SessionState state = SessionState::live;
    std::optional<WallInstant> ended_at;
    std::optional<policy::EndCause> cause;
    Confirmation confirmation = Confirmation::pending;
    std::string detail;  // for people: what else is known of the end
};

struct SessionEnd {
    SessionId id;
    policy::EndCause cause{};
    Confirmation confirmation{};
    std::string detail;
};

// All functions may be awaited on any executor and resume there; none blocks the caller's thread. Errors:
// `unavailable` when the store cannot be reached or written (the change did not happen, or is not known to
// have happened: ask again), `not_found`, `conflict`, `invalid` as named.
class Store {
public:
    virtual ~Store() = default;

    // Durable when it returns. The window is set on the store's clock, in whole milliseconds. invalid: a
    // length that is not above zero or is beyond longest_grant, a start in the past or further off than that,
    // a subject that cannot be written as text.
    virtual Awaitable<Result<GrantCountdown>> add_grant(NewGrant grant) = 0;
    // conflict: already revoked or ended. not_found: there is no such grant. Durable when it returns.
    virtual Awaitable<Result<GrantCountdown>> revoke_grant(GrantId id, std::string by,
                                                           std::string reason) = 0;
    // Moves the end of a grant that is not over by `by` (above zero). conflict: revoked or ended. not_found:
    // there is no such grant. invalid: more would be left of it than longest_grant. Durable when it returns.
    virtual Awaitable<Result<GrantCountdown>> extend_grant(GrantId id, Duration by) = 0;
    // Grants that are upcoming or active; with include_over all of them. Newest first.
    virtual Awaitable<Result<std::vector<GrantCountdown>>> grants(bool include_over) = 0;

    // Records a session as live, whatever end it holds. Durable when it returns: a crash after that finds its
    // backend. not_found: there is no such grant. conflict: the session is recorded already.
    virtual Awaitable<Result<void>> session_started(SessionRecord session) = 0;
    // Records that a session is being ended, before its backend is known to be gone. Of several causes the
    // first one stays; nothing happens to a session that has ended. not_found: there is no such session.
    virtual Awaitable<Result<void>> session_ending(SessionId id, policy::EndCause cause) = 0;
    // Records how a session ended. Of two ends the first one stays. Durable when it returns. not_found: there
    // is no such session. invalid: the confirmation is `pending`.
    virtual Awaitable<Result<void>> session_ended(SessionEnd end) = 0;
    // Sessions of `node` that are not recorded as ended: after a crash, those to be reaped. Where the store
    // is one node's alone these are all of them, whatever the node was called when it took them.
    virtual Awaitable<Result<std::vector<SessionRecord>>> unfinished_sessions(std::string node) = 0;
    // The most recently started sessions, newest first.
    virtual Awaitable<Result<std::vector<SessionRecord>>> recent_sessions(std::size_t limit) = 0;

    // Writes something small and reads it back: the store is there and takes writes. Marks grants whose
    // window has passed as ended, and remembers how far the store's clock has come.
    virtual Awaitable<Result<void>> check_health() = 0;

    // 32 random bytes that were made once, with the store, and stay the same for good. Whatever has to look
    // random to strangers and yet be steady is derived from them.
    virtual Awaitable<Result<Secret>> installation_secret() = 0;
};

}  // namespace curfew::store

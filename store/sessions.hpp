// Sessions in the store: what was live, how it ended, and what a crash left behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "policy/end_cause.hpp"
#include "store/awaitable.hpp"
#include "store/page.hpp"

namespace curfew::store {

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

// A session that is not over, with the time that its grant leaves it.
struct LiveSession {
    SessionRecord record;
    WallInstant ends_at;   // the end of its grant
    Duration remaining{};  // until then, by the store's clock; negative once it has passed
};

struct SessionEnd {
    SessionId id;
    policy::EndCause cause{};
    Confirmation confirmation{};
    std::string detail;
};

struct SessionPage {
    std::vector<SessionRecord> sessions;  // those started last first
    std::optional<std::string> next;      // absent: there are no more
};
inline constexpr std::size_t largest_session_page = 1000;

// Errors as Store says.
class SessionStore {
public:
    virtual ~SessionStore() = default;

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
    // Those of all nodes that are not recorded as ended, by their start.
    virtual Awaitable<Result<std::vector<LiveSession>>> live_sessions() = 0;
    // not_found: there is no such session.
    virtual Awaitable<Result<SessionRecord>> find_session(SessionId id) = 0;
    // Asks the node that has this session, by an event (session.kill_asked), to end it: `by` wants that.
    // Gives the session as it is. not_found: there is no such session, or it is over.
    virtual Awaitable<Result<SessionRecord>> ask_to_end_session(SessionId id, std::string by) = 0;
    // All that were ever started. invalid: a limit or a cursor that is none.
    virtual Awaitable<Result<SessionPage>> list_sessions(Page page) = 0;
};

}  // namespace curfew::store

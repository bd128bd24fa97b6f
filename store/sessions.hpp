// Sessions in the store: what was live, how it ended, and what a crash left behind.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "policy/end_cause.hpp"
#include "policy/recording_mode.hpp"
#include "policy/transaction_outcome.hpp"
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

// A statement is kept up to so many bytes.
inline constexpr std::size_t longest_last_statement = 1000;

// What was seen of a session. Absent: not known, as of a session whose node crashed, or that ended before
// this was kept.
struct SessionFacts {
    // As they came from the client's socket and were written to it, what Curfew itself said included.
    std::optional<std::uint64_t> bytes_from_client = std::nullopt;
    std::optional<std::uint64_t> bytes_to_client = std::nullopt;
    // How long after its right ended its client was left, and its backend was known to be gone. Only of a
    // session that was ended; zero or more.
    std::optional<Duration> client_overstay = std::nullopt;
    std::optional<Duration> backend_overstay = std::nullopt;
    // What the client asked for last, as it stands in the recording: redacted. Empty: nothing. Known where
    // the session was recorded.
    std::optional<std::string> last_statement = std::nullopt;
    std::optional<policy::TransactionOutcome> transaction_outcome = std::nullopt;
    // How much of it was written down, known from its start on; the hash and size of what was, by its end.
    std::optional<policy::RecordingMode> recording = std::nullopt;
    std::optional<Sha256Digest> recording_hash = std::nullopt;
    std::optional<std::uint64_t> recording_bytes = std::nullopt;

    bool operator==(const SessionFacts&) const = default;
};

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
    // By the store's clock; absent as in `facts`.
    std::optional<WallInstant> client_closed_at = std::nullopt;
    std::optional<WallInstant> backend_gone_at = std::nullopt;
    SessionFacts facts = {};
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
    // On this machine's boot clock: the store knows what that is on its own.
    std::optional<BootInstant> client_closed_at = std::nullopt;
    std::optional<BootInstant> backend_gone_at = std::nullopt;
    SessionFacts facts = {};  // what is absent here stays as it was
};

// A session, over or not, with the instant by which it has to be.
struct ListedSession {
    SessionRecord record;
    WallInstant deadline;  // the end of its grant as it stands: by its time, or as it was revoked

    // How long after its deadline its end was recorded, zero if it was before; nullopt: it is not over. Never
    // less than it lived past it, and more by as long as the record had to wait.
    std::optional<Duration> overstay() const;
};

// Beyond this, a session outlived its deadline by more than it takes to end one and to record that.
inline constexpr std::chrono::seconds notable_overstay{1};

// What became of a session, by the question that is asked of it.
enum class SessionOutcome {
    not_over,
    by_itself,    // either side closed it, or it failed
    enforced,     // it was ended, or is being
    unconfirmed,  // over, and it could not be established that its backend is gone
    overstayed,   // over later than its deadline by a notable_overstay
};
std::string_view to_string(SessionOutcome outcome);
std::optional<SessionOutcome> parse_session_outcome(std::string_view text);

// Which sessions to list. What is absent does not narrow the list.
struct SessionFilter {
    std::optional<std::string> user = std::nullopt;
    std::optional<std::string> resource = std::nullopt;
    // Those that were there at some instant of [from, to).
    std::optional<WallInstant> from = std::nullopt;
    std::optional<WallInstant> to = std::nullopt;
    std::optional<policy::EndCause> cause = std::nullopt;
    std::optional<SessionOutcome> outcome = std::nullopt;
    bool recorded = false;  // those alone of which there is a recording, or was
};

struct SessionPage {
    // Those started last first. May be fewer than asked for, or none, though there are more: a page looks at
    // a bounded number of sessions.
    std::vector<ListedSession> sessions;
    std::optional<std::string> next;  // absent: there are no more
};
inline constexpr std::size_t largest_session_page = 1000;

// Errors as Store says.
class SessionStore {
public:
    virtual ~SessionStore() = default;

    // Records a session as live, whatever end it holds; of its facts, how it is recorded. Durable when it
    // returns: a crash after that finds its backend. not_found: there is no such grant. conflict: the session
    // is recorded already.
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
    virtual Awaitable<Result<SessionRecord>> ask_to_end_session(SessionId id, Actor by) = 0;
    // Of all that were ever started. invalid: a limit or a cursor that is none.
    virtual Awaitable<Result<SessionPage>> list_sessions(SessionFilter filter, Page page) = 0;
};

}  // namespace curfew::store

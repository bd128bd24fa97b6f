// What a recording holds: an entry for each thing that happened in a session, in the order in which curfewd
// saw it. The names are those of PostgreSQL's protocol ("Message Formats").
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "policy/end_cause.hpp"
#include "policy/recording_mode.hpp"
#include "policy/transaction_outcome.hpp"

namespace curfew::recording {

// Since the recording began, on the boot clock.
using Offset = std::chrono::microseconds;

// A value as it went over the wire: of a parameter, an argument or a column.
struct Value {
    enum class Form {
        null,
        text,      // `bytes` are the client's or the server's text, in the session's encoding
        binary,    // PostgreSQL's binary form of the type
        redacted,  // by the settings: `bytes` are empty
    };
    Form form = Form::null;
    std::string bytes;
    std::uint64_t size = 0;  // as it went over the wire; more than bytes.size() where it was cut

    bool operator==(const Value&) const = default;
};

namespace entry {

// First in each recording, once.
struct Started {
    SessionId session;
    GrantId grant;
    std::string user;
    std::string resource;
    std::string database;
    std::string node;
    std::string client_address;
    std::map<std::string, std::string> parameters;  // of the startup message, as PostgreSQL was sent them
    std::string login_role;                         // as whom it is logged in to PostgreSQL
    std::int32_t backend_pid = 0;
    bool tls = false;
    bool replication = false;
    WallInstant at;  // what Offset 0 is
    policy::RecordingMode mode = policy::RecordingMode::statements;

    bool operator==(const Started&) const = default;
};

// --- What the client asks for

struct Query {
    std::string sql;         // redacted by pattern, and cut at a cap; see `size`
    std::uint64_t size = 0;  // in bytes, as sent
    bool redacted = false;

    bool operator==(const Query&) const = default;
};
struct Parse {
    std::string statement;  // its name; empty: the unnamed one
    std::string sql;
    std::uint64_t size = 0;
    bool redacted = false;
    std::vector<std::uint32_t> parameter_types;  // object ids; 0: left to PostgreSQL

    bool operator==(const Parse&) const = default;
};
struct Bind {
    std::string portal;
    std::string statement;
    std::vector<Value> parameters;

    bool operator==(const Bind&) const = default;
};
struct Execute {
    std::string portal;
    std::string statement;       // that the portal was bound to; empty also where that is not known
    std::uint32_t max_rows = 0;  // 0: all

    bool operator==(const Execute&) const = default;
};
struct FunctionCall {
    std::uint32_t function = 0;  // its object id
    std::vector<Value> arguments;

    bool operator==(const FunctionCall&) const = default;
};
// A CancelRequest for this session came, and was passed on.
struct CancelAsked {
    bool operator==(const CancelAsked&) const = default;
};

// --- What PostgreSQL answers

// Mode full.
struct Columns {
    std::vector<std::string> names;

    bool operator==(const Columns&) const = default;
};
// Mode full, up to the cap on results of one statement.
struct Row {
    std::vector<Value> values;

    bool operator==(const Row&) const = default;
};
struct CopyStarted {
    enum class Direction { in, out, both };
    Direction direction = Direction::in;

    bool operator==(const CopyStarted&) const = default;
};
struct CopyEnded {
    CopyStarted::Direction direction = CopyStarted::Direction::in;
    std::uint64_t bytes = 0;     // of CopyData's bodies
    std::uint64_t messages = 0;  // CopyData messages: rows, as a rule
    std::string failed;          // the client's reason, where it sent CopyFail

    bool operator==(const CopyEnded&) const = default;
};
struct Completed {
    std::string tag;         // `INSERT 0 1`; empty: EmptyQueryResponse; `FUNCTION CALL`: of a FunctionCall
    bool suspended = false;  // PortalSuspended instead: there are more rows
    std::uint64_t rows = 0;  // DataRow messages
    std::uint64_t row_bytes = 0;  // of their bodies
    std::uint64_t rows_kept = 0;  // of which there are entries
    Offset took{};                // since the Query, Execute or FunctionCall that it answers

    bool operator==(const Completed&) const = default;
};
struct Failed {
    std::string severity;  // ERROR, FATAL, PANIC: not localized
    std::string sqlstate;
    std::string message;
    std::string detail;
    std::string hint;
    Offset took{};

    bool operator==(const Failed&) const = default;
};
struct Notice {
    std::string severity;
    std::string sqlstate;
    std::string message;
    bool by_curfew = false;  // a warning of Curfew's own, or its last words

    bool operator==(const Notice&) const = default;
};
// NotificationResponse.
struct Notified {
    std::string channel;
    std::string payload;

    bool operator==(const Notified&) const = default;
};
// ParameterStatus, after the session began.
struct ParameterChanged {
    std::string name;
    std::string value;

    bool operator==(const ParameterChanged&) const = default;
};
struct Ready {
    char status = 'I';  // `I` idle, `T` in a transaction block, `E` in a failed one

    bool operator==(const Ready&) const = default;
};

// --- The recording itself

// Something is not in it.
struct Gap {
    std::string what;  // a sentence without a full stop
    std::uint64_t bytes = 0;

    bool operator==(const Gap&) const = default;
};
// Last in each recording that was brought to its end.
struct Ended {
    policy::EndCause cause{};
    std::string why;             // for people, as the client was told; may be empty
    std::string last_statement;  // what was asked for last, as above
    policy::TransactionOutcome outcome = policy::TransactionOutcome::none;
    WallInstant at;
    std::uint64_t bytes_from_client = 0;
    std::uint64_t bytes_to_client = 0;

    bool operator==(const Ended&) const = default;
};

using Content =
    std::variant<Started, Query, Parse, Bind, Execute, FunctionCall, CancelAsked, Columns, Row, CopyStarted,
                 CopyEnded, Completed, Failed, Notice, Notified, ParameterChanged, Ready, Gap, Ended>;

}  // namespace entry

struct Entry {
    Offset at{};
    entry::Content content;

    bool operator==(const Entry&) const = default;
};

}  // namespace curfew::recording

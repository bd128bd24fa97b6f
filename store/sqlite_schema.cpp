#include "store/sqlite_schema.hpp"

#include <array>
#include <string>

namespace curfew::store {
namespace {

// "Curf": tells a store of ours from any other SQLite database (PRAGMA application_id).
constexpr std::int64_t application_id = 0x43757266;

// Instants are UTC in milliseconds since 1970, on the store's clock, below the year 2262, so that the
// distance of any two fits into 64 bits of nanoseconds. `seq` is the order in which rows were added; nothing
// is deleted. Causes of ends are not listed in a CHECK: SQLite cannot change one without rewriting its table.
constexpr const char* version_1 = R"sql(
CREATE TABLE installation (
    only_one   INTEGER PRIMARY KEY CHECK (only_one = 1),
    secret     BLOB    NOT NULL CHECK (length(secret) = 32),
    clock_ms   INTEGER NOT NULL CHECK (clock_ms BETWEEN 0 AND 9223372036854),
    health_check INTEGER NOT NULL
) STRICT;

CREATE TABLE grants (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE CHECK (length(id) = 10 AND id GLOB 'g-*'),
    subject    TEXT    NOT NULL CHECK (subject <> ''),
    resource   TEXT    NOT NULL CHECK (resource <> ''),
    starts_at_ms INTEGER NOT NULL CHECK (starts_at_ms >= 0),
    ends_at_ms INTEGER NOT NULL CHECK (ends_at_ms <= 9223372036854),
    allow_replication INTEGER NOT NULL CHECK (allow_replication IN (0, 1)),
    reason     TEXT    NOT NULL,
    given_by   TEXT    NOT NULL,
    given_at_ms INTEGER NOT NULL CHECK (given_at_ms BETWEEN 0 AND 9223372036854),
    revoked_at_ms INTEGER CHECK (revoked_at_ms BETWEEN 0 AND 9223372036854),
    revoked_by TEXT,
    revoke_reason TEXT,
    ended      INTEGER NOT NULL DEFAULT 0 CHECK (ended IN (0, 1)),
    CHECK (starts_at_ms < ends_at_ms),
    CHECK ((revoked_at_ms IS NULL) = (revoked_by IS NULL)),
    CHECK ((revoked_at_ms IS NULL) = (revoke_reason IS NULL))
) STRICT;
CREATE INDEX grants_not_over ON grants (seq) WHERE ended = 0 AND revoked_at_ms IS NULL;
CREATE INDEX grants_by_end ON grants (ends_at_ms) WHERE ended = 0 AND revoked_at_ms IS NULL;

CREATE TABLE grant_extensions (
    seq        INTEGER PRIMARY KEY,
    grant_id   TEXT    NOT NULL REFERENCES grants (id),
    at_ms      INTEGER NOT NULL,
    from_ms    INTEGER NOT NULL,
    to_ms      INTEGER NOT NULL CHECK (to_ms > from_ms)
) STRICT;

CREATE TABLE sessions (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE CHECK (length(id) = 10 AND id GLOB 's-*'),
    grant_id   TEXT    NOT NULL REFERENCES grants (id),
    user_name  TEXT    NOT NULL,
    resource   TEXT    NOT NULL,
    database_name TEXT NOT NULL,
    node       TEXT    NOT NULL,
    client_address TEXT NOT NULL,
    application_name TEXT NOT NULL,
    backend_pid INTEGER NOT NULL,
    backend_started TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('live', 'ending', 'ended')),
    ending_at_ms INTEGER,
    ended_at_ms INTEGER,
    cause      TEXT    CHECK (cause <> ''),
    confirmation TEXT  NOT NULL
        CHECK (confirmation IN ('pending', 'activity', 'eof', 'never_started', 'unconfirmed')),
    detail     TEXT    NOT NULL,
    CHECK ((state = 'live') = (cause IS NULL)),
    CHECK ((state = 'ended') = (ended_at_ms IS NOT NULL)),
    CHECK ((state = 'ended') = (confirmation <> 'pending'))
) STRICT;
CREATE INDEX sessions_unfinished ON sessions (node, seq) WHERE state <> 'ended';
)sql";

// Forward only: a released step is never changed, a further one is added.
constexpr std::array<const char*, 1> steps{version_1};

std::int64_t pragma(Connection& connection, std::string_view sql) {
    Query query{connection, sql};
    return query.next() ? query.integer(0) : 0;
}

Result<void> refuse_what_is_not_ours(Connection& connection) {
    const std::int64_t id = pragma(connection, "PRAGMA application_id");
    if (id == application_id) return {};
    if (id == 0 && pragma(connection, "SELECT count(*) FROM sqlite_schema") == 0) return {};
    return Error{ErrorCode::unavailable, "The store " + connection.path().string() +
                                             " is an SQLite database, but of something other than Curfew; "
                                             "let store.path name another file"};
}

// Everything but the sessions: of those there may be years, and what a crash left running waits for the start
// that ends it. Damage among them is met, and told, when they are read.
Result<void> refuse_damage(Connection& connection) {
    for (const char* check : {"PRAGMA quick_check(installation)", "PRAGMA quick_check(grants)",
                              "PRAGMA quick_check(grant_extensions)"}) {
        Query row{connection, check};
        const std::string found = row.next() ? row.text(0) : "no answer";
        if (found == "ok") continue;
        return Error{ErrorCode::unavailable, "The store " + connection.path().string() + " is damaged (" +
                                                 found + "); put a backup in its place"};
    }
    return {};
}

Result<void> refuse_newer(const Connection& connection, std::int64_t version) {
    if (version <= schema_version()) return {};
    return Error{ErrorCode::unavailable,
                 "The store " + connection.path().string() + " is of version " + std::to_string(version) +
                     ", and this curfewd knows versions up to " + std::to_string(schema_version()) +
                     "; run the newer curfewd that wrote it, or put a backup in its place"};
}

void take_step(Connection& connection, std::size_t step) {
    connection.execute("BEGIN IMMEDIATE");
    connection.execute(steps[step]);
    connection.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
    connection.execute(("PRAGMA user_version = " + std::to_string(step + 1)).c_str());
    connection.execute("COMMIT");
}

}  // namespace

int schema_version() noexcept {
    return static_cast<int>(steps.size());
}

Result<void> bring_schema_up_to_date(Connection& connection) {
    if (auto ours = refuse_what_is_not_ours(connection); !ours) return ours;
    const std::int64_t version = pragma(connection, "PRAGMA user_version");
    if (auto known = refuse_newer(connection, version); !known) return known;
    for (auto step = static_cast<std::size_t>(version); step < steps.size(); ++step)
        take_step(connection, step);
    return refuse_damage(connection);
}

}  // namespace curfew::store

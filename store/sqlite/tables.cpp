#include "store/sqlite/tables.hpp"

#include <array>

namespace curfew::store {
namespace {

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

// Whoever has a NULL for the columns that are added to `grants` had none before. A request's `due_at_ms` is
// when time decides about it: the end of its review, then of what it gave. `version` of a live object is the
// number of the event that it was changed by. Kinds, types, decisions and methods are not listed in a CHECK,
// as above.
constexpr const char* version_2 = R"sql(
CREATE TABLE requests (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE CHECK (length(id) = 10 AND id GLOB 'r-*'),
    kind       TEXT    NOT NULL CHECK (kind <> ''),
    type       TEXT    NOT NULL CHECK (type <> ''),
    requester  TEXT    NOT NULL CHECK (requester <> ''),
    resource   TEXT    NOT NULL CHECK (resource <> ''),
    duration_ms INTEGER NOT NULL CHECK (duration_ms BETWEEN 1 AND 9223372036854),
    starts_at_ms INTEGER CHECK (starts_at_ms BETWEEN 0 AND 9223372036854),
    reason     TEXT    NOT NULL,
    allow_replication INTEGER NOT NULL CHECK (allow_replication IN (0, 1)),
    asked_at_ms INTEGER NOT NULL CHECK (asked_at_ms BETWEEN 0 AND 9223372036854),
    review_ends_at_ms INTEGER NOT NULL CHECK (review_ends_at_ms BETWEEN 0 AND 9223372036854),
    status     TEXT    NOT NULL CHECK (status IN ('PENDING', 'APPROVED', 'REJECTED', 'REVOKED', 'EXECUTED')),
    decision   TEXT    NOT NULL CHECK (decision <> ''),
    decided_by TEXT    NOT NULL,
    decided_at_ms INTEGER CHECK (decided_at_ms BETWEEN 0 AND 9223372036854),
    decision_comment TEXT NOT NULL,
    approval   TEXT    NOT NULL CHECK (approval <> ''),
    approved_at_ms INTEGER CHECK (approved_at_ms BETWEEN 0 AND 9223372036854),
    rules      TEXT    NOT NULL CHECK (rules GLOB '[[]*]'),
    granted_ms INTEGER CHECK (granted_ms BETWEEN 1 AND 9223372036854),
    grant_id   TEXT    REFERENCES grants (id),
    review_due INTEGER NOT NULL CHECK (review_due IN (0, 1)),
    due_at_ms  INTEGER CHECK (due_at_ms BETWEEN 0 AND 9223372036854),
    CHECK ((approved_at_ms IS NULL) = (approval = 'none')),
    CHECK ((approved_at_ms IS NULL) = (granted_ms IS NULL)),
    CHECK (approved_at_ms IS NOT NULL OR status IN ('PENDING', 'REJECTED')),
    CHECK ((due_at_ms IS NOT NULL) = (status IN ('PENDING', 'APPROVED')))
) STRICT;
CREATE INDEX requests_by_status ON requests (status);
CREATE INDEX requests_by_requester ON requests (requester, status);
CREATE INDEX requests_by_resource ON requests (resource, status);
CREATE INDEX requests_by_grant ON requests (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX requests_review_due ON requests (review_due) WHERE review_due = 1;
CREATE INDEX requests_due ON requests (due_at_ms) WHERE due_at_ms IS NOT NULL;

CREATE TABLE reviews (
    seq        INTEGER PRIMARY KEY,
    request_id TEXT    NOT NULL REFERENCES requests (id),
    reviewer   TEXT    NOT NULL CHECK (reviewer <> ''),
    group_name TEXT    NOT NULL,
    verdict    TEXT    NOT NULL CHECK (verdict IN ('approve', 'reject')),
    comment    TEXT    NOT NULL,
    duration_ms INTEGER CHECK (duration_ms BETWEEN 1 AND 9223372036854),
    at_ms      INTEGER NOT NULL CHECK (at_ms BETWEEN 0 AND 9223372036854)
) STRICT;
CREATE INDEX reviews_by_request ON reviews (request_id);

ALTER TABLE grants ADD COLUMN request_id TEXT REFERENCES requests (id);
ALTER TABLE grants ADD COLUMN verifier TEXT CHECK (verifier <> '');
CREATE UNIQUE INDEX grants_by_request ON grants (request_id) WHERE request_id IS NOT NULL;
ALTER TABLE grant_extensions ADD COLUMN extended_by TEXT NOT NULL DEFAULT '';
ALTER TABLE grant_extensions ADD COLUMN request_id TEXT REFERENCES requests (id);
CREATE INDEX grant_extensions_by_grant ON grant_extensions (grant_id);

CREATE TABLE live_objects (
    kind       TEXT    NOT NULL CHECK (kind IN ('user', 'group', 'resource', 'rule')),
    name       TEXT    NOT NULL CHECK (name <> ''),
    document   TEXT    NOT NULL CHECK (document <> ''),
    version    INTEGER NOT NULL UNIQUE REFERENCES events (number),
    changed_by TEXT    NOT NULL,
    changed_at_ms INTEGER NOT NULL CHECK (changed_at_ms BETWEEN 0 AND 9223372036854),
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE passwords (
    user_name  TEXT    PRIMARY KEY CHECK (user_name <> ''),
    hash       TEXT    NOT NULL CHECK (hash <> ''),
    changed_by TEXT    NOT NULL,
    changed_at_ms INTEGER NOT NULL CHECK (changed_at_ms BETWEEN 0 AND 9223372036854)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE CHECK (length(id) = 10 AND id GLOB 't-*'),
    user_name  TEXT    NOT NULL CHECK (user_name <> ''),
    name       TEXT    NOT NULL,
    scopes     TEXT    NOT NULL CHECK (scopes GLOB '[[]*]'),
    hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms BETWEEN 0 AND 9223372036854),
    expires_at_ms INTEGER CHECK (expires_at_ms BETWEEN 0 AND 9223372036854),
    last_used_at_ms INTEGER CHECK (last_used_at_ms BETWEEN 0 AND 9223372036854),
    revoked_at_ms INTEGER CHECK (revoked_at_ms BETWEEN 0 AND 9223372036854),
    revoked_by TEXT,
    CHECK ((revoked_at_ms IS NULL) = (revoked_by IS NULL))
) STRICT;
CREATE INDEX tokens_by_user ON tokens (user_name);

CREATE TABLE sign_ins (
    seq        INTEGER PRIMARY KEY,
    hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    user_name  TEXT    NOT NULL CHECK (user_name <> ''),
    method     TEXT    NOT NULL CHECK (method <> ''),
    claims     TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms BETWEEN 0 AND 9223372036854),
    last_seen_at_ms INTEGER NOT NULL CHECK (last_seen_at_ms BETWEEN 0 AND 9223372036854),
    expires_at_ms INTEGER NOT NULL CHECK (expires_at_ms BETWEEN 0 AND 9223372036854)
) STRICT;
CREATE INDEX sign_ins_by_user ON sign_ins (user_name);
CREATE INDEX sign_ins_by_end ON sign_ins (expires_at_ms);

CREATE TABLE claims (
    user_name  TEXT    PRIMARY KEY CHECK (user_name <> ''),
    claims     TEXT    NOT NULL CHECK (claims <> ''),
    at_ms      INTEGER NOT NULL CHECK (at_ms BETWEEN 0 AND 9223372036854)
) STRICT, WITHOUT ROWID;

CREATE TABLE one_time_links (
    hash       BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    purpose    TEXT    NOT NULL CHECK (purpose <> ''),
    user_name  TEXT    NOT NULL,
    made_by    TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms BETWEEN 0 AND 9223372036854),
    expires_at_ms INTEGER NOT NULL CHECK (expires_at_ms BETWEEN 0 AND 9223372036854),
    UNIQUE (purpose, user_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    actor      TEXT    NOT NULL,
    key        TEXT    NOT NULL CHECK (key <> ''),
    method     TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    body_hash  BLOB    NOT NULL CHECK (length(body_hash) = 32),
    at_ms      INTEGER NOT NULL CHECK (at_ms BETWEEN 0 AND 9223372036854),
    status     INTEGER,
    body       TEXT,
    PRIMARY KEY (actor, key),
    CHECK ((status IS NULL) = (body IS NULL))
) STRICT;
CREATE INDEX idempotency_by_age ON idempotency (at_ms);
CREATE INDEX idempotency_of_actor ON idempotency (actor, at_ms);

CREATE TABLE events (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms      INTEGER NOT NULL CHECK (at_ms BETWEEN 0 AND 9223372036854),
    kind       TEXT    NOT NULL CHECK (kind <> ''),
    id         TEXT    NOT NULL,
    actor      TEXT    NOT NULL,
    summary    TEXT    NOT NULL CHECK (summary GLOB '{*}')
) STRICT;
)sql";

// From `orphans_from_ms` on, sessions that the node has left are seen to by another one: its `reaper`, until
// `reaper_until_ms`.
constexpr const char* version_3 = R"sql(
CREATE TABLE nodes (
    name       TEXT    PRIMARY KEY CHECK (name <> ''),
    instance   TEXT    NOT NULL CHECK (instance <> ''),
    version    TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    resources  TEXT    NOT NULL CHECK (resources GLOB '[[]*]'),
    sessions   INTEGER NOT NULL CHECK (sessions >= 0),
    started_at_ms INTEGER NOT NULL CHECK (started_at_ms BETWEEN 0 AND 9223372036854),
    seen_at_ms INTEGER NOT NULL CHECK (seen_at_ms BETWEEN 0 AND 9223372036854),
    lease_ends_at_ms INTEGER NOT NULL CHECK (lease_ends_at_ms BETWEEN 0 AND 9223372036854),
    orphans_from_ms INTEGER NOT NULL CHECK (orphans_from_ms BETWEEN 0 AND 9223372036854)
) STRICT, WITHOUT ROWID;
ALTER TABLE sessions ADD COLUMN reaper TEXT;
ALTER TABLE sessions ADD COLUMN reaper_until_ms INTEGER;
)sql";

// What is there already gets its hash by C++: SQLite has no SHA-256.
constexpr const char* version_4 = R"sql(
ALTER TABLE events ADD COLUMN hash BLOB NOT NULL CHECK (length(hash) = 32)
    DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';
)sql";

// `wanted_at_ms` is the place of a delivery among those about the same subject; `due_at_ms` when the next
// attempt may be made, when a claim ends, or when it came to its end. States and kinds are not listed in a
// CHECK, as above. A subscription without a resource is one to all of them.
constexpr const char* version_5 = R"sql(
CREATE TABLE notifier_places (
    notifier   TEXT    PRIMARY KEY CHECK (notifier <> ''),
    event      INTEGER NOT NULL CHECK (event >= 0),
    hash       BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE deliveries (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE CHECK (length(id) = 10 AND id GLOB 'd-*'),
    notifier   TEXT    NOT NULL CHECK (notifier <> ''),
    recipient  TEXT    NOT NULL CHECK (recipient <> ''),
    kind       TEXT    NOT NULL CHECK (kind <> ''),
    subject    TEXT    NOT NULL CHECK (subject <> ''),
    event      INTEGER NOT NULL CHECK (event >= 0),
    content    TEXT    NOT NULL CHECK (content <> ''),
    state      TEXT    NOT NULL CHECK (state <> ''),
    created_at_ms INTEGER NOT NULL CHECK (created_at_ms BETWEEN 0 AND 9223372036854),
    wanted_at_ms INTEGER NOT NULL CHECK (wanted_at_ms BETWEEN 0 AND 9223372036854),
    due_at_ms  INTEGER NOT NULL CHECK (due_at_ms BETWEEN 0 AND 9223372036854),
    attempts   INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    problem    TEXT    NOT NULL DEFAULT '',
    receipt    TEXT    NOT NULL DEFAULT '',
    claimed_by TEXT    NOT NULL DEFAULT '',
    withdrawn  INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),
    UNIQUE (notifier, recipient, kind, subject, event)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (notifier, due_at_ms) WHERE state IN ('waiting', 'claimed');
CREATE INDEX deliveries_in_order ON deliveries (notifier, recipient, subject, wanted_at_ms, seq)
    WHERE state IN ('waiting', 'claimed');
CREATE INDEX deliveries_by_subject ON deliveries (notifier, subject, recipient);
CREATE INDEX deliveries_by_state ON deliveries (notifier, state, wanted_at_ms);
CREATE INDEX deliveries_over ON deliveries (due_at_ms) WHERE state NOT IN ('waiting', 'claimed');

CREATE TABLE chat_accounts (
    team       TEXT    NOT NULL CHECK (team <> ''),
    account    TEXT    NOT NULL CHECK (account <> ''),
    user_name  TEXT    NOT NULL CHECK (user_name <> ''),
    linked_by  TEXT    NOT NULL,
    linked_at_ms INTEGER NOT NULL CHECK (linked_at_ms BETWEEN 0 AND 9223372036854),
    PRIMARY KEY (team, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_accounts_by_user ON chat_accounts (user_name);

CREATE TABLE chat_subscriptions (
    notifier   TEXT    NOT NULL CHECK (notifier <> ''),
    team       TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    resource   TEXT    NOT NULL,
    PRIMARY KEY (notifier, team, account, resource),
    FOREIGN KEY (team, account) REFERENCES chat_accounts (team, account)
) STRICT, WITHOUT ROWID;
CREATE INDEX chat_subscriptions_of_account ON chat_subscriptions (team, account);
CREATE INDEX chat_subscriptions_to ON chat_subscriptions (notifier, resource);

CREATE TABLE seen_once (
    key        TEXT    PRIMARY KEY CHECK (key <> ''),
    until_ms   INTEGER NOT NULL CHECK (until_ms BETWEEN 0 AND 9223372036854)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_once_by_end ON seen_once (until_ms);

CREATE INDEX events_by_time ON events (at_ms);
CREATE INDEX requests_by_time ON requests (asked_at_ms);
CREATE INDEX grants_by_any_end ON grants (ends_at_ms);
CREATE INDEX sessions_by_end ON sessions (ended_at_ms);
CREATE INDEX sessions_by_grant ON sessions (grant_id);
)sql";

// What was seen of a session, NULL where it is not known: of those that ended before, or in a crash.
// `receipt_due`: it has ended, and its receipt is still to be written. A command that is asked for, and what
// came of it, are whole in `commands`; requests have of both what lists show, which may be much less.
constexpr const char* version_6 = R"sql(
ALTER TABLE sessions ADD COLUMN bytes_from_client INTEGER CHECK (bytes_from_client >= 0);
ALTER TABLE sessions ADD COLUMN bytes_to_client INTEGER CHECK (bytes_to_client >= 0);
ALTER TABLE sessions ADD COLUMN client_closed_at_ms INTEGER
    CHECK (client_closed_at_ms BETWEEN 0 AND 9223372036854);
ALTER TABLE sessions ADD COLUMN backend_gone_at_ms INTEGER
    CHECK (backend_gone_at_ms BETWEEN 0 AND 9223372036854);
ALTER TABLE sessions ADD COLUMN client_overstay_ms INTEGER CHECK (client_overstay_ms >= 0);
ALTER TABLE sessions ADD COLUMN backend_overstay_ms INTEGER CHECK (backend_overstay_ms >= 0);
ALTER TABLE sessions ADD COLUMN last_statement TEXT;
ALTER TABLE sessions ADD COLUMN transaction_outcome TEXT CHECK (transaction_outcome <> '');
ALTER TABLE sessions ADD COLUMN recording TEXT CHECK (recording <> '');
ALTER TABLE sessions ADD COLUMN recording_hash BLOB CHECK (length(recording_hash) = 32);
ALTER TABLE sessions ADD COLUMN recording_bytes INTEGER CHECK (recording_bytes >= 0);
ALTER TABLE sessions ADD COLUMN receipt_due INTEGER NOT NULL DEFAULT 0 CHECK (receipt_due IN (0, 1));
CREATE INDEX sessions_receipt_due ON sessions (seq) WHERE receipt_due = 1;

CREATE TABLE receipts (
    session_id TEXT    PRIMARY KEY REFERENCES sessions (id),
    document   TEXT    NOT NULL CHECK (document GLOB '{*}'),
    signature  BLOB    NOT NULL CHECK (length(signature) = 64),
    public_key BLOB    NOT NULL CHECK (length(public_key) = 32),
    issued_at_ms INTEGER NOT NULL CHECK (issued_at_ms BETWEEN 0 AND 9223372036854)
) STRICT, WITHOUT ROWID;

CREATE TABLE commands (
    request_id TEXT    PRIMARY KEY REFERENCES requests (id),
    command    TEXT    NOT NULL CHECK (command GLOB '{*}'),
    result     TEXT    CHECK (result GLOB '{*}')
) STRICT;
ALTER TABLE requests ADD COLUMN command TEXT CHECK (command GLOB '{*}');
ALTER TABLE requests ADD COLUMN command_result TEXT CHECK (command_result GLOB '{*}');
ALTER TABLE grants ADD COLUMN use TEXT NOT NULL DEFAULT 'sessions' CHECK (use <> '');
)sql";

constexpr std::array<const char*, 6> steps{version_1, version_2, version_3, version_4, version_5, version_6};

}  // namespace

std::span<const char* const> schema_steps() noexcept {
    return steps;
}

}  // namespace curfew::store

PRAGMA application_id = 0x43757266;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE installation (
    only_one   INTEGER PRIMARY KEY CHECK (only_one = 1),
    secret     BLOB    NOT NULL CHECK (length(secret) = 32),
    clock_ms   INTEGER NOT NULL CHECK (clock_ms BETWEEN 0 AND 9223372036854),
    health_check INTEGER NOT NULL
) STRICT;
INSERT INTO installation VALUES(1,X'cc0ac9f431739a1119693199a9ceb80c7e43e7b66f2dc434050bc2cb0338809b',1576800360000,1);
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
INSERT INTO grants VALUES(1,'g-nrb00gv9','bob','prod-postgres',1576800000000,1576800060000,0,'ticket 4711','root',1576800000000,NULL,NULL,NULL,1);
INSERT INTO grants VALUES(2,'g-rj69y3gm','alice','prod-postgres',1576800300000,1576890300000,0,'ticket 4711','root',1576800300000,NULL,NULL,NULL,0);
INSERT INTO grants VALUES(3,'g-c3tmfjxd','group:dba','prod-postgres',1576800300000,1576807500000,1,'ticket 4711','root',1576800300000,1576800360000,'root','leaves today',0);
INSERT INTO grants VALUES(4,'g-1a41p1re','*','prod-postgres',1576802100000,1576809300000,0,replace('it''s übel\nreally','\n',char(10)),'root',1576800300000,NULL,NULL,NULL,0);
CREATE TABLE grant_extensions (
    seq        INTEGER PRIMARY KEY,
    grant_id   TEXT    NOT NULL REFERENCES grants (id),
    at_ms      INTEGER NOT NULL,
    from_ms    INTEGER NOT NULL,
    to_ms      INTEGER NOT NULL CHECK (to_ms > from_ms)
) STRICT;
INSERT INTO grant_extensions VALUES(1,'g-rj69y3gm',1576800300000,1576886700000,1576890300000);
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
INSERT INTO sessions VALUES(1,'s-hfsefv5m','g-rj69y3gm','alice','prod-postgres','orders','node-a','192.0.2.7:50123','psql',4711,'2026-11-24T14:05:00.123456Z',1700000000123,'live',NULL,NULL,NULL,'pending','');
INSERT INTO sessions VALUES(2,'s-gsz1m8b9','g-c3tmfjxd','alice','prod-postgres','orders','node-a','192.0.2.7:50123','psql',4711,'2026-11-24T14:05:00.123456Z',1700000000123,'ended',1576800360000,1576800360000,'grant_revoked','activity','gone');
CREATE INDEX grants_not_over ON grants (seq) WHERE ended = 0 AND revoked_at_ms IS NULL;
CREATE INDEX grants_by_end ON grants (ends_at_ms) WHERE ended = 0 AND revoked_at_ms IS NULL;
CREATE INDEX sessions_unfinished ON sessions (node, seq) WHERE state <> 'ended';
COMMIT;

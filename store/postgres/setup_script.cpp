#include "store/postgres/setup_script.hpp"

#include "store/postgres/tables.hpp"

namespace curfew::store {

std::string postgres_setup_script() {
    std::string script =
        R"sql(-- The store of Curfew: roles, schema and tables. Run it with psql as somebody who may create roles and
-- schemas, in the database that the store is to be in; again with each new version of Curfew.
\set ON_ERROR_STOP on
BEGIN;
SELECT NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'curfew_owner') AS no_owner,
       NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'curfew_node') AS no_node,
       NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'curfew_auditor') AS no_auditor \gset
\if :no_owner
CREATE ROLE curfew_owner NOLOGIN;
\endif
\if :no_node
CREATE ROLE curfew_node NOLOGIN;
\endif
\if :no_auditor
CREATE ROLE curfew_auditor NOLOGIN;
\endif
CREATE SCHEMA IF NOT EXISTS curfew AUTHORIZATION curfew_owner;
REVOKE ALL ON SCHEMA curfew FROM PUBLIC;
SET LOCAL ROLE curfew_owner;
SET LOCAL search_path = curfew, pg_catalog;
CREATE TABLE IF NOT EXISTS curfew.schema_version (only_one integer PRIMARY KEY CHECK (only_one = 1), version integer NOT NULL);
INSERT INTO curfew.schema_version VALUES (1, 0) ON CONFLICT DO NOTHING;
LOCK TABLE curfew.schema_version IN EXCLUSIVE MODE;
)sql";
    int version = 0;
    for (const char* step : postgres_schema_steps()) {
        ++version;
        const std::string number = std::to_string(version);
        script += "\nSELECT version < " + number + " AS step FROM curfew.schema_version \\gset\n\\if :step" +
                  step + "UPDATE curfew.schema_version SET version = " + number + ";\n\\endif\n";
    }
    script += R"sql(
-- What curfewd needs. What happened is added to and read, never changed or deleted.
GRANT USAGE ON SCHEMA curfew TO curfew_node, curfew_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA curfew TO curfew_node;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA curfew TO curfew_node;
REVOKE INSERT, UPDATE, DELETE ON curfew.schema_version FROM curfew_node;
REVOKE UPDATE, DELETE ON curfew.events, curfew.receipts, curfew.commands FROM curfew_node;
GRANT UPDATE (result) ON curfew.commands TO curfew_node;
REVOKE DELETE ON curfew.grants, curfew.grant_extensions, curfew.requests, curfew.reviews, curfew.sessions,
    curfew.installation FROM curfew_node;
-- What an auditor reads: no verifier, no hash, no secret.
GRANT SELECT ON curfew.events, curfew.requests, curfew.commands, curfew.reviews, curfew.grant_extensions, curfew.sessions,
    curfew.receipts, curfew.nodes, curfew.live_objects, curfew.chat_accounts, curfew.chat_subscriptions, curfew.schema_version TO curfew_auditor;
GRANT SELECT (seq, id, subject, resource, starts_at_ms, ends_at_ms, allow_replication, reason, given_by, given_at_ms,
    revoked_at_ms, revoked_by, revoke_reason, ended, request_id, use) ON curfew.grants TO curfew_auditor;
COMMIT;

-- A login for the nodes; its password does not belong into a script.
--   CREATE ROLE curfewd LOGIN IN ROLE curfew_node;
--   \password curfewd
)sql";
    return script;
}

}  // namespace curfew::store

#include "store/postgres/schema.hpp"

#include <string_view>
#include <vector>

#include "store/postgres/tables.hpp"

namespace curfew::store {
namespace {

constexpr std::string_view find_version_table = "SELECT to_regclass('curfew.schema_version') IS NOT NULL";
constexpr const char* make_version_table =
    "CREATE TABLE curfew.schema_version (only_one integer PRIMARY KEY CHECK (only_one = 1), "
    "version integer NOT NULL)";

// The statements of a step: each ends with a semicolon at the end of a line.
std::vector<std::string> statements_of(std::string_view step) {
    std::vector<std::string> statements;
    for (;;) {
        const std::size_t end = step.find(";\n");
        if (end == std::string_view::npos) return statements;
        statements.emplace_back(step.substr(0, end));
        step.remove_prefix(end + 2);
    }
}

void run(PostgresConnection& connection, const std::string& statement) {
    (void)connection.ask_once(statement);
}

// 0: there is nothing yet.
int version_of(PostgresConnection& connection) {
    if (connection.ask(find_version_table, {}).value(0, 0) != "t") return 0;
    const pq::Answer answer = connection.ask("SELECT version FROM curfew.schema_version", {});
    return answer.rows() == 1 ? std::stoi(std::string{answer.value(0, 0)}) : 0;
}

Error newer(const PostgresConnection& connection, int version) {
    return {ErrorCode::unavailable, "The store " + connection.name() + " is of version " +
                                        std::to_string(version) + ", and this curfewd knows versions up to " +
                                        std::to_string(postgres_schema_version()) +
                                        "; run the newer curfewd that the other nodes run"};
}

Error may_not(const PostgresConnection& connection, int version, const PostgresFailure& failure) {
    return {ErrorCode::unavailable, "The store " + connection.name() + " is of version " +
                                        std::to_string(version) + " and has to be brought to version " +
                                        std::to_string(postgres_schema_version()) +
                                        ", which this role may not do (" + failure.what() +
                                        "); have its owner run: curfew admin store-sql | psql"};
}

void take_steps(PostgresConnection& connection, int version) {
    if (version == 0) {
        // Only where it is missing: the right to make schemas is not needed where somebody made it.
        if (connection.ask("SELECT to_regnamespace('curfew') IS NULL", {}).value(0, 0) == "t")
            run(connection, "CREATE SCHEMA curfew");
        run(connection, make_version_table);
        run(connection, "INSERT INTO curfew.schema_version VALUES (1, 0)");
    }
    const auto steps = postgres_schema_steps();
    for (auto step = static_cast<std::size_t>(version); step < steps.size(); ++step) {
        for (const std::string& statement : statements_of(steps[step]))
            run(connection, statement);
    }
    run(connection,
        "UPDATE curfew.schema_version SET version = " + std::to_string(postgres_schema_version()));
}

}  // namespace

int postgres_schema_version() noexcept {
    return static_cast<int>(postgres_schema_steps().size());
}

Result<void> bring_schema_up_to_date(PostgresConnection& connection) {
    connection.begin_alone();
    const int version = version_of(connection);
    if (version > postgres_schema_version()) {
        connection.roll_back();
        return newer(connection, version);
    }
    if (version < postgres_schema_version()) {
        try {
            take_steps(connection, version);
        } catch (const PostgresFailure& failure) {
            connection.roll_back();
            constexpr std::string_view insufficient_privilege = "42501";
            if (failure.sqlstate() == insufficient_privilege) return may_not(connection, version, failure);
            throw;
        }
    }
    connection.commit(std::nullopt);
    return {};
}

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
REVOKE UPDATE, DELETE ON curfew.events FROM curfew_node;
REVOKE DELETE ON curfew.grants, curfew.grant_extensions, curfew.requests, curfew.reviews, curfew.sessions,
    curfew.installation FROM curfew_node;
-- What an auditor reads: no verifier, no hash, no secret.
GRANT SELECT ON curfew.events, curfew.requests, curfew.reviews, curfew.grant_extensions, curfew.sessions,
    curfew.live_objects, curfew.schema_version TO curfew_auditor;
GRANT SELECT (seq, id, subject, resource, starts_at_ms, ends_at_ms, allow_replication, reason, given_by, given_at_ms,
    revoked_at_ms, revoked_by, revoke_reason, ended, request_id) ON curfew.grants TO curfew_auditor;
COMMIT;

-- A login for the nodes; its password does not belong into a script.
--   CREATE ROLE curfewd LOGIN IN ROLE curfew_node;
--   \password curfewd
)sql";
    return script;
}

}  // namespace curfew::store

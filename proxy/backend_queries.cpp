#include "proxy/backend_queries.hpp"

#include <array>
#include <initializer_list>
#include <utility>

namespace curfew::proxy {
namespace {

constexpr std::string_view from_asked =
    " FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.int4[]), pg_catalog.unnest($2::pg_catalog.text[]))"
    " WITH ORDINALITY AS asked (pid, proof, n)"
    " LEFT JOIN pg_catalog.pg_stat_activity AS backend ON backend.pid = asked.pid";
constexpr std::string_view as_started =
    "pg_catalog.to_char(backend.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";

// backend_start is NULL in the rows of others for a role without pg_read_all_stats: then "not the one" would
// be a guess, and the proof that a backend is gone a lie.
constexpr std::string_view unless_unseen =
    "SELECT asked.n, CASE WHEN backend.pid IS NULL THEN 'absent'"
    " WHEN backend.backend_start IS NULL THEN 'hidden'";

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string text;
    for (const std::string_view part : parts)
        text += part;
    return text;
}

std::string identify_sql() {
    return joined({unless_unseen,
                   " WHEN backend.client_port::pg_catalog.text IS DISTINCT FROM asked.proof THEN 'different'"
                   " ELSE 'found' END, ",
                   as_started, from_asked});
}

std::string is_running_sql() {
    return joined({unless_unseen, " WHEN ", as_started,
                   " <> asked.proof THEN 'absent' ELSE 'found' END, NULL", from_asked});
}

// The conditions are those of PostgreSQL's own check. pg_terminate_backend gives false for a process that
// left between the two looks at it.
std::string terminate_sql() {
    return joined({unless_unseen, " WHEN ", as_started,
                   " <> asked.proof THEN 'absent'"
                   " WHEN NOT (pg_catalog.current_setting('is_superuser') = 'on'"
                   "  OR (backend.usesysid IS NOT NULL AND NOT coalesce(role.rolsuper, false)"
                   "   AND (pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')"
                   "    OR pg_catalog.pg_has_role(backend.usesysid, 'USAGE')))) THEN 'refused'"
                   " WHEN pg_catalog.pg_terminate_backend(backend.pid) THEN 'sent'"
                   " ELSE 'absent' END, NULL",
                   from_asked, " LEFT JOIN pg_catalog.pg_roles AS role ON role.oid = backend.usesysid"});
}

void append_quoted(std::string& array, std::string_view element) {
    array += '"';
    for (const char c : element) {
        if (c == '"' || c == '\\') array += '\\';
        array += c;
    }
    array += '"';
}

}  // namespace

std::string batch_sql(BackendQuestion question) {
    switch (question) {
        case BackendQuestion::terminate:
            return terminate_sql();
        case BackendQuestion::identify:
            return identify_sql();
        case BackendQuestion::is_running:
            return is_running_sql();
    }
    return is_running_sql();
}

std::vector<std::string> batch_parameters(const std::vector<BackendQuery>& queries) {
    std::string pids = "{";
    std::string proofs = "{";
    for (const BackendQuery& query : queries) {
        if (pids.size() > 1) {
            pids += ',';
            proofs += ',';
        }
        pids += std::to_string(query.pid);
        append_quoted(proofs, query.proof);
    }
    return {pids + '}', proofs + '}'};
}

std::optional<BackendFinding> parse_finding(std::string_view verdict, std::string_view start) {
    static constexpr std::array<std::pair<std::string_view, Verdict>, 6> words{{
        {"absent", Verdict::absent},
        {"hidden", Verdict::hidden},
        {"different", Verdict::different},
        {"found", Verdict::found},
        {"sent", Verdict::sent},
        {"refused", Verdict::refused},
    }};
    for (const auto& [word, meaning] : words) {
        if (word == verdict) return BackendFinding{meaning, std::string{start}};
    }
    return std::nullopt;
}

// Both views are open to every role.
std::string_view leftovers_sql(Leftover kind) {
    switch (kind) {
        case Leftover::prepared_transactions:
            return "SELECT gid, owner, database,"
                   " pg_catalog.to_char(prepared AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
                   " FROM pg_catalog.pg_prepared_xacts ORDER BY prepared";
        case Leftover::replication_slots:
            break;
    }
    return "SELECT slot_name FROM pg_catalog.pg_replication_slots WHERE NOT temporary ORDER BY slot_name";
}

std::string_view rights_sql() {
    return "SELECT superuser OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'),"
           " superuser OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')"
           " FROM (SELECT pg_catalog.current_setting('is_superuser') = 'on' AS superuser) AS own";
}

}  // namespace curfew::proxy

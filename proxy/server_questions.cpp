#include "proxy/server_questions.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <initializer_list>

namespace curfew::proxy {
namespace {

// Between the texts of a list: chr(31) in SQL.
constexpr char separator = '\x1f';

constexpr std::string_view time_format = "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'";

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string text;
    for (const std::string_view part : parts)
        text += part;
    return text;
}

// `what` is a name among $1, or matches $2; and never the asker.
std::string is_governed(std::string_view what) {
    return joined({"(", what, " <> CURRENT_USER AND (", what,
                   "::pg_catalog.text = ANY ($1::pg_catalog.text[]) OR ($2 <> '' AND ", what,
                   "::pg_catalog.text OPERATOR(pg_catalog.~) $2)))"});
}

std::string array_of(const std::vector<std::string>& texts) {
    std::string array = "{";
    for (const std::string& text : texts) {
        if (array.size() > 1) array += ',';
        array += '"';
        for (const char c : text) {
            if (c == '"' || c == '\\') array += '\\';
            array += c;
        }
        array += '"';
    }
    return array + '}';
}

std::vector<std::string> parameters_of(const policy::GovernedRoles& roles) {
    return {array_of(roles.names), roles.pattern};
}

template <class Number>
Number number(std::string_view text) {
    Number value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

bool flag(std::string_view text) {
    return text == "t";
}

std::vector<std::string> list(std::string_view text) {
    std::vector<std::string> texts;
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        texts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return texts;
}

}  // namespace

ServerQuestion backends_question(const policy::GovernedRoles& roles) {
    // backend_type is NULL in the rows of others for a role without pg_read_all_stats.
    return {joined({"SELECT CASE WHEN backend_type IS NULL THEN NULL ELSE pid END,"
                    " pg_catalog.to_char(backend_start AT TIME ZONE 'UTC', ",
                    time_format,
                    "), usename, datname, pg_catalog.host(client_addr), application_name"
                    " FROM pg_catalog.pg_stat_activity"
                    " WHERE (backend_type IS NULL OR backend_type IN ('client backend', 'walsender'))"
                    " AND pid <> pg_catalog.pg_backend_pid() AND ",
                    is_governed("usename"), " ORDER BY pid"}),
            parameters_of(roles)};
}

policy::SeenBackend read_backend(const ServerRow& row) {
    return {{number<std::int32_t>(row.at(0)), row.at(1)}, row.at(2), row.at(3), row.at(4), row.at(5)};
}

ServerQuestion asker_question() {
    return {
        "SELECT CURRENT_USER, superuser,"
        " superuser OR pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'),"
        " superuser OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE'),"
        " pg_catalog.current_setting('server_version_num')"
        " FROM (SELECT pg_catalog.current_setting('is_superuser') = 'on' AS superuser) AS own",
        {}};
}

void read_asker(const ServerRow& row, policy::ServerFacts& facts) {
    facts.admin_role = row.at(0);
    facts.admin_is_superuser = flag(row.at(1));
    facts.admin_sees_all = flag(row.at(2));
    facts.admin_signals_all = flag(row.at(3));
    facts.version = number<int>(row.at(4));
}

ServerQuestion settings_question() {
    return {
        "SELECT name, setting FROM pg_catalog.pg_settings"
        " WHERE name IN ('listen_addresses', 'unix_socket_permissions', 'idle_session_timeout',"
        " 'client_connection_check_interval')",
        {}};
}

ServerQuestion roles_question(const policy::GovernedRoles& roles) {
    return {joined({"WITH RECURSIVE governed AS (SELECT * FROM pg_catalog.pg_roles WHERE ",
                    is_governed("rolname"),
                    "), membership (member, roleid) AS ("
                    " SELECT member, roleid FROM pg_catalog.pg_auth_members"
                    " WHERE member IN (SELECT oid FROM governed)"
                    " UNION SELECT membership.member, further.roleid FROM membership"
                    " JOIN pg_catalog.pg_auth_members AS further ON further.member = membership.roleid)"
                    " SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication,"
                    " rolbypassrls, CASE WHEN NOT pg_catalog.isfinite(rolvaliduntil) THEN ''"
                    " ELSE pg_catalog.to_char(rolvaliduntil AT TIME ZONE 'UTC', ",
                    time_format,
                    ") END, coalesce(rolvaliduntil < pg_catalog.now(), false),"
                    " (SELECT pg_catalog.string_agg(had.rolname::pg_catalog.text, pg_catalog.chr(31))"
                    "  FROM membership JOIN pg_catalog.pg_roles AS had ON had.oid = membership.roleid"
                    "  WHERE membership.member = governed.oid),"
                    " (SELECT pg_catalog.string_agg(DISTINCT given.rolname::pg_catalog.text,"
                    "   pg_catalog.chr(31))"
                    "  FROM pg_catalog.pg_auth_members AS may"
                    "  JOIN pg_catalog.pg_roles AS given ON given.oid = may.roleid"
                    "  WHERE may.member = governed.oid AND may.admin_option)"
                    " FROM governed ORDER BY rolname"}),
            parameters_of(roles)};
}

policy::RoleFacts read_role(const ServerRow& row) {
    policy::RoleFacts role;
    role.name = row.at(0);
    role.can_log_in = flag(row.at(1));
    role.superuser = flag(row.at(2));
    role.create_role = flag(row.at(3));
    role.create_database = flag(row.at(4));
    role.replication = flag(row.at(5));
    role.bypass_rls = flag(row.at(6));
    role.valid_until = row.at(7);
    role.expired = flag(row.at(8));
    role.member_of = list(row.at(9));
    role.admin_of = list(row.at(10));
    return role;
}

ServerQuestion hba_question() {
    return {
        "SELECT line_number, type, pg_catalog.array_to_string(database, pg_catalog.chr(31)),"
        " pg_catalog.array_to_string(user_name, pg_catalog.chr(31)), address, netmask, auth_method, error"
        " FROM pg_catalog.pg_hba_file_rules",
        {}};
}

policy::HbaRule read_hba_rule(const ServerRow& row) {
    return {number<int>(row.at(0)),
            row.at(1),
            list(row.at(2)),
            list(row.at(3)),
            row.at(4),
            row.at(5),
            row.at(6),
            row.at(7)};
}

ServerQuestion nodes_question() {
    return {
        "SELECT DISTINCT coalesce(pg_catalog.host(client_addr), '') FROM pg_catalog.pg_stat_activity"
        " WHERE usename = CURRENT_USER AND application_name = 'curfewd' ORDER BY 1",
        {}};
}

ServerQuestion prepared_question(const policy::GovernedRoles& roles) {
    return {joined({"SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE ", is_governed("owner"),
                    " ORDER BY prepared"}),
            parameters_of(roles)};
}

ServerQuestion inactive_slots_question() {
    return {
        "SELECT slot_name FROM pg_catalog.pg_replication_slots WHERE NOT active AND NOT temporary"
        " ORDER BY slot_name",
        {}};
}

ServerQuestion making_question() {
    return {
        "SELECT rolcreaterole OR pg_catalog.current_setting('is_superuser') = 'on'"
        " FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER",
        {}};
}

// A superuser has every role. Before 16 CREATEROLE gives away whatever is no superuser; from 16 on it takes
// the admin option, and a membership need not let one become the role.
ServerQuestion giving_question(const std::vector<std::string>& names, int server_version) {
    constexpr int memberships_have_options = 160000;
    const bool options = server_version >= memberships_have_options;
    return {joined({"SELECT wanted.name, role.oid IS NOT NULL,"
                    " coalesce(pg_catalog.pg_has_role(role.oid, 'USAGE')",
                    options ? " AND pg_catalog.pg_has_role(role.oid, 'SET')" : "",
                    ", false), coalesce(pg_catalog.pg_has_role(role.oid, 'MEMBER WITH ADMIN OPTION')",
                    options ? "" : " OR (own.rolcreaterole AND NOT role.rolsuper)",
                    ", false) FROM pg_catalog.unnest($1::pg_catalog.text[]) AS wanted (name)"
                    " LEFT JOIN pg_catalog.pg_roles AS role ON role.rolname = wanted.name"
                    " LEFT JOIN pg_catalog.pg_roles AS own ON own.rolname = CURRENT_USER"}),
            {array_of(names)}};
}

policy::RoleMaking read_role_making(const ServerRows& making, const ServerRows& giving,
                                    const config::EphemeralRoles& wanted) {
    policy::RoleMaking facts;
    facts.may_make = !making.empty() && flag(making.front().at(0));
    facts.owner = wanted.owner;
    for (const ServerRow& row : giving) {
        const std::string& name = row.at(0);
        const bool exists = flag(row.at(1));
        if (name == wanted.owner) {
            facts.owner_exists = exists;
            facts.may_give_to_owner = flag(row.at(2));
        }
        if (std::find(wanted.member_of.begin(), wanted.member_of.end(), name) == wanted.member_of.end())
            continue;
        if (!exists) facts.missing.push_back(name);
        if (exists && !flag(row.at(3))) facts.not_its_to_give.push_back(name);
    }
    return facts;
}

// Whoever prepared before the statement began was connected by then: if they still are, they are seen.
ServerQuestion left_prepared_question(const std::string& role, const std::string& database,
                                      const std::string& started) {
    return {joined({"SELECT gid, NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS backend"
                    "  WHERE backend.usename = owner AND backend.datname = database"
                    "  AND (backend.backend_start IS NULL OR backend.backend_start <= prepared)"
                    "  AND backend.pid <> pg_catalog.pg_backend_pid())"
                    " FROM pg_catalog.pg_prepared_xacts"
                    " WHERE owner = $1 AND database = $2 AND prepared < pg_catalog.statement_timestamp()"
                    " AND pg_catalog.to_char(prepared AT TIME ZONE 'UTC', ",
                    time_format, ") >= $3 ORDER BY prepared"}),
            {role, database, started}};
}

}  // namespace curfew::proxy

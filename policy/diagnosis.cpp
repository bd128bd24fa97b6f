#include "policy/diagnosis.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"

namespace curfew::policy {
namespace {

constexpr std::size_t most_named = 3;

std::string quoted(std::string_view name) {
    std::string text = "\"";
    for (const char c : printable(name)) {
        if (c == '"') text += '"';
        text += c;
    }
    return text + '"';
}

std::string joined(const std::vector<std::string>& texts) {
    std::string text;
    for (const auto& one : texts)
        text += (text.empty() ? "" : ", ") + printable(one);
    return text;
}

std::string setting(const ServerFacts& facts, std::string_view name) {
    const auto found = facts.settings.find(name);
    return found == facts.settings.end() ? std::string{} : found->second;
}

// --- Curfew's own role
// ----------------------------------------------------------------------------------------

void check_admin(const ServerFacts& facts, std::vector<Finding>& findings) {
    const std::string role = quoted(facts.admin_role);
    if (!facts.admin_sees_all) {
        findings.push_back(
            {"admin_rights", Severity::serious,
             "Role " + role + " does not see other roles' backends, so no end of a session can be proven",
             "GRANT pg_read_all_stats TO " + role + ";"});
    }
    if (!facts.admin_signals_all) {
        findings.push_back({"admin_rights", Severity::serious,
                            "Role " + role + " cannot terminate other roles' backends",
                            "GRANT pg_signal_backend TO " + role + ";"});
    }
    const std::string timeout = setting(facts, "idle_session_timeout");
    if (!timeout.empty() && timeout != "0") {
        findings.push_back({"admin_idle_timeout", Severity::warning,
                            "PostgreSQL closes Curfew's administrative connection whenever it is idle for " +
                                timeout + " ms (idle_session_timeout)",
                            "ALTER ROLE " + role + " SET idle_session_timeout = 0;"});
    }
}

// Each of these is refused or left undone only when somebody comes in, or their grant is over.
void check_role_making(const ServerFacts& facts, std::vector<Finding>& findings) {
    if (!facts.role_making) return;
    const RoleMaking& making = *facts.role_making;
    const std::string role = quoted(facts.admin_role);
    const std::string owner = quoted(making.owner);
    const auto add = [&findings](std::string problem, std::string remedy) {
        findings.push_back({"ephemeral_roles", Severity::serious, std::move(problem), std::move(remedy)});
    };
    if (!making.may_make) {
        add("Role " + role + " cannot make the roles that people are to have: nobody gets in through Curfew",
            "ALTER ROLE " + role + " CREATEROLE;");
    }
    for (const std::string& group : making.missing) {
        add("There is no role " + quoted(group) +
                ", which ephemeral.member_of names: nobody gets in through Curfew",
            "CREATE ROLE " + quoted(group) + " NOLOGIN; or change ephemeral.member_of");
    }
    for (const std::string& group : making.not_its_to_give) {
        add("Role " + role + " cannot make anybody a member of " + quoted(group) +
                ", which ephemeral.member_of names: nobody gets in through Curfew",
            "GRANT " + quoted(group) + " TO " + role + " WITH ADMIN OPTION;");
    }
    if (!making.owner_exists) {
        add("There is no role " + owner +
                ", to which ephemeral.owner gives what people leave: roles that own something are not "
                "dropped",
            "CREATE ROLE " + owner + " NOLOGIN; GRANT " + owner + " TO " + role + ";");
    } else if (!making.may_give_to_owner) {
        add("Role " + role + " cannot give what people leave to " + owner +
                " (ephemeral.owner): roles that own something are not dropped",
            "GRANT " + owner + " TO " + role + "; with INHERIT and SET, where PostgreSQL has these options");
    }
}

// --- Governed roles
// -------------------------------------------------------------------------------------------

void check_superuser(const RoleFacts& role, const ServerFacts& facts, std::vector<Finding>& findings) {
    std::string problem = "Role " + quoted(role.name) +
                          " is a superuser: it can change pg_hba.conf, make itself other ways in, and end "
                          "Curfew's own connection";
    if (!facts.admin_is_superuser)
        problem += "; and role " + quoted(facts.admin_role) + " cannot terminate its backends";
    findings.push_back({"role_superuser", Severity::serious, std::move(problem),
                        "ALTER ROLE " + quoted(role.name) +
                            " NOSUPERUSER; and grant what it is needed for instead (pg_read_all_data, "
                            "pg_write_all_data, pg_monitor, ownership)"});
}

void check_attributes(const RoleFacts& role, std::vector<Finding>& findings) {
    const auto add = [&](bool is, const char* check, Severity severity, const char* what, const char* fix) {
        if (!is) return;
        findings.push_back({check, severity, "Role " + quoted(role.name) + " " + what,
                            "ALTER ROLE " + quoted(role.name) + " " + fix + ";"});
    };
    add(role.create_role, "role_createrole", Severity::serious,
        "has CREATEROLE: it can make roles and passwords that stay when its time is over", "NOCREATEROLE");
    add(role.replication, "role_replication", Severity::warning,
        "has REPLICATION: it can copy the whole server, and make replication slots that hold back WAL",
        "NOREPLICATION");
    add(role.create_database, "role_createdb", Severity::warning,
        "has CREATEDB: the databases that it makes stay when its time is over", "NOCREATEDB");
    add(role.bypass_rls, "role_bypassrls", Severity::warning, "has BYPASSRLS: row security does not hold it",
        "NOBYPASSRLS");
}

void check_memberships(const RoleFacts& role, std::vector<Finding>& findings) {
    static constexpr std::array<std::pair<const char*, const char*>, 4> dangerous{{
        {"pg_signal_backend", "it can end Curfew's administrative connection, and other people's sessions"},
        {"pg_execute_server_program", "it can run programs on the server, which no time box holds"},
        {"pg_write_server_files", "it can write the server's files, and so make itself a superuser"},
        {"pg_read_server_files", "it can read the server's files, passwords' verifiers among them"},
    }};
    for (const auto& [group, why] : dangerous) {
        if (!contains(role.member_of, group)) continue;
        findings.push_back({"role_membership", Severity::serious,
                            "Role " + quoted(role.name) + " is a member of " + group + ": " + why,
                            std::string{"REVOKE "} + group + " FROM " + quoted(role.name) +
                                "; or from the role that it has it by"});
    }
    if (!role.admin_of.empty()) {
        findings.push_back(
            {"role_admin_option", Severity::warning,
             "Role " + quoted(role.name) + " may give " + joined(role.admin_of) +
                 " to others, who keep it when its time is over",
             "REVOKE ADMIN OPTION FOR " + joined(role.admin_of) + " FROM " + quoted(role.name) + ";"});
    }
}

void check_validity(const RoleFacts& role, bool shared, std::vector<Finding>& findings) {
    if (role.valid_until.empty() || (!shared && !role.expired)) return;
    const std::string name = quoted(role.name);
    const std::string when = printable(role.valid_until);
    const auto severity = shared && role.expired ? Severity::serious : Severity::warning;
    const std::string who = shared ? "nobody gets in through Curfew" : "it does not get in by its password";
    findings.push_back({"role_valid_until", severity,
                        role.expired
                            ? "The password of role " + name + " was valid until " + when + ": " + who
                            : "The password of role " + name + " is valid until " + when + ": from then on " +
                                  who + ", and who is in stays",
                        "ALTER ROLE " + name +
                            " VALID UNTIL 'infinity'; VALID UNTIL concerns passwords alone and ends no "
                            "session: leave the time to Curfew's grants"});
}

// `passing`: it was made for one grant, and has an end of its own.
void check_role(const RoleFacts& role, const ServerFacts& facts, bool shared, bool passing,
                std::vector<Finding>& findings) {
    if (shared && !passing && !role.can_log_in) {
        findings.push_back({"role_missing", Severity::serious,
                            "Role " + quoted(role.name) + " may not log in: nobody gets in through Curfew",
                            "ALTER ROLE " + quoted(role.name) + " LOGIN;"});
    }
    // A superuser has all of these anyway.
    if (role.superuser) {
        check_superuser(role, facts, findings);
    } else {
        check_attributes(role, findings);
        check_memberships(role, findings);
    }
    if (!passing) check_validity(role, shared, findings);
}

void check_roles(const ServerFacts& facts, const GovernedRoles& governed, std::vector<Finding>& findings) {
    for (const RoleFacts& role : facts.roles)
        check_role(role, facts, governed.shared, !contains(governed.names, role.name), findings);
    if (!governed.shared) return;  // not everybody has to have a role on every server
    for (const std::string& name : governed.names) {
        const bool exists = std::any_of(facts.roles.begin(), facts.roles.end(),
                                        [&](const RoleFacts& role) { return role.name == name; });
        if (exists) continue;
        findings.push_back({"role_missing", Severity::serious,
                            "There is no role " + quoted(name) + ": nobody gets in through Curfew",
                            "CREATE ROLE " + quoted(name) + " LOGIN …, or change the resource's role"});
    }
}

// --- Settings, and what is there now
// --------------------------------------------------------------------------

void check_settings(const ServerFacts& facts, std::vector<Finding>& findings) {
    const std::string interval = setting(facts, "client_connection_check_interval");
    if (interval.empty()) {
        findings.push_back({"client_connection_check", Severity::warning,
                            "This PostgreSQL has no client_connection_check_interval (14 and later have): "
                            "what runs goes on where curfewd and its machine are gone",
                            "Move to a newer version when you can"});
    } else if (interval == "0") {
        findings.push_back({"client_connection_check", Severity::warning,
                            "client_connection_check_interval is 0: what runs goes on, and commits, where "
                            "curfewd or its machine is gone before it could end it",
                            "ALTER SYSTEM SET client_connection_check_interval = '10s'; "
                            "SELECT pg_reload_conf();"});
    }
}

std::string described(const SeenBackend& backend) {
    std::string text = "pid " + std::to_string(backend.key.pid) + " (role " + quoted(backend.role) +
                       ", database " + quoted(backend.database) + ", ";
    text += backend.client_address.empty() ? "by the Unix socket" : "from " + backend.client_address;
    return text + ")";
}

void check_ungoverned(const ServerFacts& facts, std::vector<Finding>& findings) {
    if (!facts.ungoverned) {
        findings.push_back(
            {"ungoverned_backends", Severity::unchecked,
             "Whether anybody is in without Curfew right now is not known: " + facts.ungoverned_problem,
             "Ask again once that is settled"});
        return;
    }
    for (const SeenBackend& backend : *facts.ungoverned) {
        findings.push_back(
            {"ungoverned_backends", Severity::serious,
             "Somebody works as a governed role without a session of Curfew's: " + described(backend),
             "Find the way by which they came among the other findings and close it; end it "
             "by SELECT pg_terminate_backend(" +
                 std::to_string(backend.key.pid) +
                 "); or have Curfew do that from now on, by the resource's ungoverned: "
                 "{ enforce: terminate }"});
    }
}

void check_left_behind(const ServerFacts& facts, std::vector<Finding>& findings) {
    for (const std::string& transaction : facts.prepared_transactions) {
        findings.push_back(
            {"prepared_transactions", Severity::warning,
             "A governed role's prepared transaction keeps its locks: " + printable(transaction),
             "COMMIT PREPARED or ROLLBACK PREPARED it in its database; where nothing needs "
             "them, set max_prepared_transactions = 0"});
    }
    for (const std::string& role : facts.unkept_roles) {
        findings.push_back(
            {"unkept_roles", Severity::warning,
             "Role " + quoted(role) +
                 " was made for a grant on a resource that this node does not have with login: "
                 "ephemeral, so it does not drop it when that is over",
             "Where no other node has that resource: in each database REASSIGN OWNED BY " + quoted(role) +
                 " TO …; DROP OWNED BY " + quoted(role) + "; then DROP ROLE " + quoted(role) + ";"});
    }
    for (const std::string& slot : facts.inactive_slots) {
        findings.push_back({"inactive_slots", Severity::warning,
                            "Nobody uses replication slot " + quoted(slot) +
                                ", and it holds back WAL until the disk is full",
                            "If nobody will: SELECT pg_drop_replication_slot(…); and set "
                            "max_slot_wal_keep_size"});
    }
}

}  // namespace

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::serious:
            return "serious";
        case Severity::warning:
            return "warning";
        case Severity::unchecked:
            return "unchecked";
    }
    return "unchecked";
}

std::string named_roles(const std::vector<std::string>& names) {
    std::string text;
    const std::size_t shown = names.size() <= most_named + 1 ? names.size() : most_named;
    for (std::size_t i = 0; i < shown; ++i) {
        const bool last = i + 1 == names.size();
        text += (i == 0 ? "" : last ? " and " : ", ") + quoted(names[i]);
    }
    if (shown < names.size()) text += " and " + std::to_string(names.size() - shown) + " others";
    return text;
}

std::vector<Finding> diagnose(const ServerFacts& facts, const GovernedRoles& governed) {
    std::vector<Finding> findings;
    check_admin(facts, findings);
    check_role_making(facts, findings);
    check_ungoverned(facts, findings);
    for (Finding& finding : diagnose_ways_in(facts, governed))
        findings.push_back(std::move(finding));
    check_roles(facts, governed, findings);
    check_settings(facts, findings);
    check_left_behind(facts, findings);
    std::stable_sort(findings.begin(), findings.end(),
                     [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
    return findings;
}

}  // namespace curfew::policy

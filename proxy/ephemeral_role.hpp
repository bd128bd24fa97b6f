// The roles that Curfew makes in a resource's PostgreSQL: their names, how they are known again, and the
// statements that make, move and drop them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/secret.hpp"

namespace curfew::proxy {

// Whom such a role is for.
struct EphemeralRole {
    std::string user;
    GrantId grant;
    std::string resource;  // by whose name it was made

    bool operator==(const EphemeralRole&) const = default;
};

inline constexpr std::string_view ephemeral_prefix = "curfew_";

// `curfew_<user>_<grant>`, 63 bytes at most. A user's name that is too long is cut between two characters,
// and
// `~` with 8 digits of a hash of it follows. Grants are all of one length, so that no two people, and no two
// grants, share a name.
std::string role_name(const EphemeralRole& role);

// Who made a role, in a form that gives away nothing of the secret: 32 hexadecimal digits.
std::string installation_mark(const Secret& installation_secret);

// The role's comment in PostgreSQL (COMMENT ON ROLE), by which it is known again after a crash, and told from
// those of other installations on the same server.
std::string role_comment(const EphemeralRole& role, std::string_view installation);
// nullopt: not of that installation, or nothing that role_comment wrote.
std::optional<EphemeralRole> parse_role_comment(std::string_view comment, std::string_view installation);

// As PQescapeIdentifier and PQescapeLiteral, for text in UTF-8 without NUL.
std::string quoted_identifier(std::string_view name);
std::string quoted_literal(std::string_view text);

// --- Statements. Each is one; names of functions are qualified, as PostgreSQL's search_path may be anything.

// $1: milliseconds. One row: that far from now, by PostgreSQL's clock, as VALID UNTIL takes it.
std::string_view end_by_their_clock_sql();
// $1: a role's name. No row, or: its oid, and its comment (NULL: none).
std::string_view find_role_sql();
// No parameters. For each role with our prefix: its name, its comment, and whether its VALID UNTIL has
// passed.
std::string_view list_roles_sql();

// In one transaction, make the role; nobody but who knows the verifier's password can log in as it.
// `valid_until` as end_by_their_clock_sql gives it, `verifier` as pg_authid keeps it.
std::vector<std::string> create_role_sql(const EphemeralRole& role, std::string_view installation,
                                         std::string_view verifier, std::string_view valid_until,
                                         const std::vector<std::string>& member_of);
// The same for one that is there: with another verifier, and possibly another end.
std::vector<std::string> renew_role_sql(const std::string& name, std::string_view verifier,
                                        std::string_view valid_until,
                                        const std::vector<std::string>& member_of);
std::string move_end_sql(const std::string& name, std::string_view valid_until);

// Nobody can log in as it any more; who has goes on.
std::string close_role_sql(const std::string& name);
// $1: the role's oid. One row: how many backends serve it, in whichever database, whoever they came by.
std::string_view count_backends_sql();
// $1: the same. Ends them.
std::string_view end_backends_sql();
// Makes our own role a member of it: without that PostgreSQL lets nobody but a superuser give away what it
// owns. `server_version` as PQserverVersion: since 16 a membership says what comes with it.
std::string join_role_sql(const std::string& name, int server_version);
// $1: the role's oid. The databases in which it owns something, or may do something.
std::string_view databases_of_role_sql();
// Within one database, and in one transaction: gives away what it owns, and takes its privileges. What is
// locked is waited for no longer than some seconds.
std::vector<std::string> empty_role_sql(const std::string& name, const std::string& owner);
std::string drop_role_sql(const std::string& name);

}  // namespace curfew::proxy

#include "proxy/ephemeral_role.hpp"

#include <fmt/format.h>

#include <array>
#include <span>

#include "protocol/postgres/scram_crypto.hpp"

namespace curfew::proxy {
namespace {

constexpr std::size_t longest_name = 63;  // NAMEDATALEN - 1
constexpr std::size_t digits_of_hash = 8;
constexpr std::string_view comment_begins = "curfew ephemeral role: installation=";

std::string hex(std::span<const unsigned char> bytes) {
    std::string text;
    for (const unsigned char byte : bytes)
        text += fmt::format("{:02x}", byte);
    return text;
}

// The key is no secret: what matters is that it tells names apart.
std::string hash_of(std::string_view user) {
    static constexpr std::array<unsigned char, 4> key{'n', 'a', 'm', 'e'};
    return hex(postgres::hmac_sha256(key, user)).substr(0, digits_of_hash);
}

// The longest beginning of `text` that has no more than `limit` bytes and ends with a whole character.
std::string_view cut(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
    while (limit > 0 && continues(text[limit]))
        --limit;
    return text.substr(0, limit);
}

// Takes what stands before `end` off the front; nullopt if there is no `end`.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view end) {
    const std::size_t at = text.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view taken = text.substr(0, at);
    text.remove_prefix(at + end.size());
    return taken;
}

void add_memberships(std::vector<std::string>& statements, const std::string& name,
                     const std::vector<std::string>& member_of) {
    for (const std::string& role : member_of)
        statements.push_back(fmt::format("GRANT {} TO {}", quoted_identifier(role), quoted_identifier(name)));
}

}  // namespace

std::string role_name(const EphemeralRole& role) {
    const std::size_t room = longest_name - ephemeral_prefix.size() - 1 - role.grant.text().size();
    std::string user = role.user;
    if (user.size() > room) user = fmt::format("{}~{}", cut(user, room - 1 - digits_of_hash), hash_of(user));
    return fmt::format("{}{}_{}", ephemeral_prefix, user, role.grant.text());
}

std::string installation_mark(const Secret& installation_secret) {
    const std::string_view secret = installation_secret.reveal();  // what comes out cannot be turned back
    const std::span<const unsigned char> key{reinterpret_cast<const unsigned char*>(secret.data()),
                                             secret.size()};
    const postgres::Digest digest = postgres::hmac_sha256(key, "who made an ephemeral role");
    return hex(std::span{digest}.first(16));
}

std::string role_comment(const EphemeralRole& role, std::string_view installation) {
    return fmt::format("{}{} grant={} resource={} user={}", comment_begins, installation, role.grant.text(),
                       role.resource, role.user);
}

std::optional<EphemeralRole> parse_role_comment(std::string_view comment, std::string_view installation) {
    if (!comment.starts_with(comment_begins) || installation.empty()) return std::nullopt;
    comment.remove_prefix(comment_begins.size());
    const auto made_by = take_until(comment, " grant=");
    if (made_by != installation) return std::nullopt;
    const auto grant = take_until(comment, " resource=");
    const auto resource = take_until(comment, " user=");
    if (!grant || !resource || comment.empty()) return std::nullopt;
    const auto id = GrantId::parse(*grant);
    if (!id) return std::nullopt;
    return EphemeralRole{std::string{comment}, *id, std::string{*resource}};
}

std::string quoted_identifier(std::string_view name) {
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string quoted_literal(std::string_view text) {
    // With a backslash in it, what it means would depend on standard_conforming_strings.
    std::string quoted = text.find('\\') == std::string_view::npos ? "'" : " E'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') quoted += c;
        quoted += c;
    }
    return quoted + '\'';
}

std::string_view end_by_their_clock_sql() {
    return "SELECT pg_catalog.to_char((pg_catalog.clock_timestamp()"
           " + $1::pg_catalog.float8 * '1 millisecond'::pg_catalog.interval) AT TIME ZONE 'UTC',"
           " 'YYYY-MM-DD HH24:MI:SS.US+00')";
}

std::string_view find_role_sql() {
    return "SELECT oid, pg_catalog.shobj_description(oid, 'pg_authid') FROM pg_catalog.pg_roles"
           " WHERE rolname = $1::pg_catalog.name";
}

std::string_view list_roles_sql() {
    return "SELECT rolname, pg_catalog.shobj_description(oid, 'pg_authid'),"
           " coalesce(rolvaliduntil < pg_catalog.clock_timestamp(), false) FROM pg_catalog.pg_roles"
           " WHERE pg_catalog.starts_with(rolname::pg_catalog.text, 'curfew_')";
}

std::vector<std::string> create_role_sql(const EphemeralRole& role, std::string_view installation,
                                         std::string_view verifier, std::string_view valid_until,
                                         const std::vector<std::string>& member_of) {
    const std::string name = role_name(role);
    const std::string quoted = quoted_identifier(name);
    std::vector<std::string> statements{
        fmt::format("CREATE ROLE {} LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
                    " NOBYPASSRLS PASSWORD {} VALID UNTIL {}",
                    quoted, quoted_literal(verifier), quoted_literal(valid_until)),
        fmt::format("COMMENT ON ROLE {} IS {}", quoted, quoted_literal(role_comment(role, installation)))};
    add_memberships(statements, name, member_of);
    return statements;
}

std::vector<std::string> renew_role_sql(const std::string& name, std::string_view verifier,
                                        std::string_view valid_until,
                                        const std::vector<std::string>& member_of) {
    std::vector<std::string> statements{fmt::format("ALTER ROLE {} LOGIN PASSWORD {} VALID UNTIL {}",
                                                    quoted_identifier(name), quoted_literal(verifier),
                                                    quoted_literal(valid_until))};
    add_memberships(statements, name, member_of);
    return statements;
}

std::string move_end_sql(const std::string& name, std::string_view valid_until) {
    return fmt::format("ALTER ROLE {} VALID UNTIL {}", quoted_identifier(name), quoted_literal(valid_until));
}

std::string close_role_sql(const std::string& name) {
    return fmt::format("ALTER ROLE {} NOLOGIN", quoted_identifier(name));
}

std::string_view count_backends_sql() {
    return "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity"
           " WHERE usesysid = $1::pg_catalog.oid";
}

std::string_view end_backends_sql() {
    return "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
           " WHERE usesysid = $1::pg_catalog.oid";
}

std::string join_role_sql(const std::string& name, int server_version) {
    constexpr int with_options_since = 160000;
    return fmt::format("GRANT {} TO CURRENT_USER{}", quoted_identifier(name),
                       server_version >= with_options_since ? " WITH INHERIT TRUE, SET TRUE" : "");
}

std::string_view databases_of_role_sql() {
    return "SELECT DISTINCT datname FROM pg_catalog.pg_shdepend AS depends"
           " JOIN pg_catalog.pg_database AS database ON database.oid = depends.dbid"
           " WHERE depends.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass"
           " AND depends.refobjid = $1::pg_catalog.oid ORDER BY datname";
}

std::vector<std::string> empty_role_sql(const std::string& name, const std::string& owner) {
    const std::string quoted = quoted_identifier(name);
    return {"SET LOCAL lock_timeout = '5s'", "SET LOCAL statement_timeout = '25s'",
            fmt::format("REASSIGN OWNED BY {} TO {}", quoted, quoted_identifier(owner)),
            fmt::format("DROP OWNED BY {}", quoted)};
}

std::string drop_role_sql(const std::string& name) {
    return fmt::format("DROP ROLE {}", quoted_identifier(name));
}

}  // namespace curfew::proxy

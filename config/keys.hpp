// Every key that a configuration file may hold. The readers know no others, and the reference documentation
// is checked against this list.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace curfew::config {

// The keys of one kind of section. In its name `[]` stands for an item of a list and `<…>` for a name that
// the administrator chooses; the top level has the name "".
struct KnownSection {
    std::string_view name;
    std::span<const std::string_view> keys;
};

namespace known {

namespace detail {

template <class... Texts>
constexpr std::array<std::string_view, sizeof...(Texts)> keys(Texts... texts) {
    return {std::string_view{texts}...};
}

inline constexpr auto top_level =
    keys("listeners", "resources", "users", "groups", "rules", "accept_unlisted_users", "requests", "api",
         "sign_in", "live", "offline_grants", "notifiers", "audit", "recordings", "store", "metrics", "admin",
         "timeouts", "limits", "warnings", "how_to_ask", "log", "node", "workers");
inline constexpr auto listener = keys("name", "address", "resource", "tls");
inline constexpr auto listener_tls = keys("mode", "certificate", "key", "client_ca");
inline constexpr auto resource =
    keys("description", "host", "port", "tls", "databases", "default_database", "login", "authentication",
         "role", "ephemeral", "admin_login", "ungoverned", "prepared_transactions", "on_store_loss",
         "recording", "wind_down", "attributes");
inline constexpr auto resource_tls = keys("sslmode", "root_certificate", "certificate", "key");
inline constexpr auto role = keys("user", "password");
inline constexpr auto ephemeral = keys("member_of", "owner");
inline constexpr auto admin_login = keys("user", "password", "database");
inline constexpr auto ungoverned = keys("enforce", "interval");
inline constexpr auto user =
    keys("display_name", "aliases", "email", "oidc_subject", "scram_verifier", "certificate_name");
inline constexpr auto group = keys("members");
inline constexpr auto rule =
    keys("description", "types", "resources", "attributes", "required_groups", "approval_groups",
         "require_all_groups", "min_approvals", "force_approval_groups", "skip_review_groups",
         "break_glass_groups", "max_duration", "default_duration", "break_glass_duration", "reason_required",
         "reason_pattern", "allowed_times", "recording", "allowed_statements", "preview");
inline constexpr auto allowed_statements = keys("select", "functions");
inline constexpr auto allowed_times = keys("time_zone", "windows");
inline constexpr auto requests = keys("review_timeout");
inline constexpr auto api = keys("address", "tls", "public_url");
inline constexpr auto api_tls = keys("certificate", "key", "client_ca");
inline constexpr auto sign_in = keys("passwords", "session", "oidc");
inline constexpr auto oidc = keys("issuer", "client_id", "client_secret", "root_certificate", "user_claim",
                                  "groups_claim", "administrators_from_claims", "scopes");
inline constexpr auto live = keys("files");
inline constexpr auto offline_grants =
    keys("installation", "directory", "approvals", "max_duration", "approvers");
inline constexpr auto offline_approver = keys("user", "public_key");
inline constexpr auto notifier =
    keys("name", "type", "notices", "resources", "bot_token", "signing_secret", "app_token", "channel",
         "channels", "match_email", "api_url", "url", "secret", "root_certificate", "allowed_networks",
         "server", "port", "tls", "user", "password", "from", "to_approvers", "to");
inline constexpr auto audit = keys("signing_key_file", "heads", "syslog", "webhook");
inline constexpr auto audit_heads = keys("file", "interval");
inline constexpr auto audit_syslog = keys("address", "facility", "app_name", "root_certificate");
inline constexpr auto audit_webhook = keys("url", "secret", "root_certificate", "allowed_networks");
inline constexpr auto recordings = keys("directory", "keep_for", "keep_bytes", "result_bytes",
                                        "statement_bytes", "redact", "max_wait", "on_failure", "s3");
inline constexpr auto redact = keys("patterns", "statements", "passwords");
inline constexpr auto redacted_statement = keys("pattern", "parameters");
inline constexpr auto s3 =
    keys("endpoint", "region", "bucket", "prefix", "access_key_id", "secret_access_key", "root_certificate",
         "keep_local", "part_bytes", "part_interval", "max_delay");
inline constexpr auto store = keys("path", "postgresql", "password", "max_staleness", "node_lease");
inline constexpr auto metrics = keys("address");
inline constexpr auto admin = keys("socket", "group");
inline constexpr auto timeouts = keys("handshake", "upstream_connect", "farewell", "drain");
inline constexpr auto limits = keys("half_open", "sessions");
inline constexpr auto log = keys("format", "level");
inline constexpr auto secret = keys("file", "env", "credential");

}  // namespace detail

inline constexpr KnownSection top_level{"", detail::top_level};
inline constexpr KnownSection listener{"listeners[]", detail::listener};
inline constexpr KnownSection listener_tls{"listeners[].tls", detail::listener_tls};
inline constexpr KnownSection resource{"resources.<name>", detail::resource};
inline constexpr KnownSection resource_tls{"resources.<name>.tls", detail::resource_tls};
inline constexpr KnownSection role{"resources.<name>.role", detail::role};
inline constexpr KnownSection ephemeral{"resources.<name>.ephemeral", detail::ephemeral};
inline constexpr KnownSection admin_login{"resources.<name>.admin_login", detail::admin_login};
inline constexpr KnownSection ungoverned{"resources.<name>.ungoverned", detail::ungoverned};
inline constexpr KnownSection user{"users.<name>", detail::user};
inline constexpr KnownSection group{"groups.<name>", detail::group};
inline constexpr KnownSection rule{"rules.<name>", detail::rule};
inline constexpr KnownSection allowed_times{"rules.<name>.allowed_times", detail::allowed_times};
inline constexpr KnownSection allowed_statements{"rules.<name>.allowed_statements",
                                                 detail::allowed_statements};
inline constexpr KnownSection requests{"requests", detail::requests};
inline constexpr KnownSection api{"api", detail::api};
inline constexpr KnownSection api_tls{"api.tls", detail::api_tls};
inline constexpr KnownSection sign_in{"sign_in", detail::sign_in};
inline constexpr KnownSection oidc{"sign_in.oidc", detail::oidc};
inline constexpr KnownSection live{"live", detail::live};
inline constexpr KnownSection offline_grants{"offline_grants", detail::offline_grants};
inline constexpr KnownSection offline_approver{"offline_grants.approvers[]", detail::offline_approver};
inline constexpr KnownSection notifier{"notifiers[]", detail::notifier};
inline constexpr KnownSection audit{"audit", detail::audit};
inline constexpr KnownSection audit_heads{"audit.heads", detail::audit_heads};
inline constexpr KnownSection audit_syslog{"audit.syslog", detail::audit_syslog};
inline constexpr KnownSection audit_webhook{"audit.webhook", detail::audit_webhook};
inline constexpr KnownSection recordings{"recordings", detail::recordings};
inline constexpr KnownSection redact{"recordings.redact", detail::redact};
inline constexpr KnownSection redacted_statement{"recordings.redact.statements[]",
                                                 detail::redacted_statement};
inline constexpr KnownSection s3{"recordings.s3", detail::s3};
inline constexpr KnownSection store{"store", detail::store};
inline constexpr KnownSection metrics{"metrics", detail::metrics};
inline constexpr KnownSection admin{"admin", detail::admin};
inline constexpr KnownSection timeouts{"timeouts", detail::timeouts};
inline constexpr KnownSection limits{"limits", detail::limits};
inline constexpr KnownSection log{"log", detail::log};
// Wherever a secret is expected.
inline constexpr KnownSection secret{"<secret>", detail::secret};

inline constexpr std::array all{top_level,
                                listener,
                                listener_tls,
                                resource,
                                resource_tls,
                                role,
                                ephemeral,
                                admin_login,
                                ungoverned,
                                user,
                                group,
                                rule,
                                allowed_times,
                                allowed_statements,
                                requests,
                                api,
                                api_tls,
                                sign_in,
                                oidc,
                                live,
                                offline_grants,
                                offline_approver,
                                notifier,
                                audit,
                                audit_heads,
                                audit_syslog,
                                audit_webhook,
                                recordings,
                                redact,
                                redacted_statement,
                                s3,
                                store,
                                metrics,
                                admin,
                                timeouts,
                                limits,
                                log,
                                secret};

}  // namespace known
}  // namespace curfew::config

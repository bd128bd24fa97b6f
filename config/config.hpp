// The configuration, typed and validated: what the YAML file says, with every default filled in, and the
// objects that were made live.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"
#include "config/audit.hpp"
#include "config/notifiers.hpp"
#include "config/object_name.hpp"
#include "config/problem.hpp"
#include "config/recordings.hpp"
#include "config/secret_reference.hpp"
#include "policy/directory.hpp"
#include "policy/offline_judgement.hpp"
#include "policy/recording_mode.hpp"
#include "policy/terms.hpp"

namespace curfew::config {

// A TCP address and port, or the path of a Unix socket (then `port` is 0). To listen on port 0 is to let the
// system choose one that is free.
struct Endpoint {
    std::string host;  // an IP address, a name, or an absolute path
    std::uint16_t port = 0;

    bool is_unix() const noexcept { return host.starts_with('/'); }
    bool operator==(const Endpoint&) const = default;
};
std::string to_string(const Endpoint& endpoint);  // `127.0.0.1:6432`, `[::1]:6432`, `/run/x.sock`

enum class ClientTls { disable, allow, require };
std::string_view to_string(ClientTls mode);

// How clients may use TLS on a listener, or of the API.
struct ServerTls {
    ClientTls mode = ClientTls::disable;
    std::string certificate_file;               // PEM, leaf first
    std::string key_file;                       // PEM; only ever named, never held here
    std::optional<std::string> client_ca_file;  // PEM; asks clients for certificates, and verifies them

    bool operator==(const ServerTls&) const = default;
};

struct Listener {
    std::string name;  // `main`; for logs and metrics, and socket activation's names
    Endpoint address;
    std::optional<std::string> resource;  // sidecar: all that arrives here is for this resource
    ServerTls tls;
};

// libpq's sslmode, for connections to a resource's PostgreSQL.
enum class SslMode { disable, allow, prefer, require, verify_ca, verify_full };
std::string_view to_string(SslMode mode);  // `verify-full`

struct UpstreamTls {
    SslMode mode = SslMode::prefer;                    // as libpq; never used on a Unix socket
    std::optional<std::string> root_certificate_file;  // required by verify-ca and verify-full
    std::optional<std::string> certificate_file;       // client certificate, with its key
    std::optional<std::string> key_file;

    bool operator==(const UpstreamTls&) const = default;
};

enum class LoginMode {
    passthrough,  // the client authenticates to PostgreSQL itself
    managed,      // Curfew authenticates the person and logs in with the resource's own role
    ephemeral,    // the same, with a role that Curfew makes for the person and the grant
};
std::string_view to_string(LoginMode mode);

// How a person proves who they are, where Curfew itself authenticates people.
enum class PersonAuthentication { scram, certificate, scram_or_certificate };
std::string_view to_string(PersonAuthentication method);

// A role of the resource's PostgreSQL that Curfew logs in with.
struct UpstreamRole {
    std::string user;
    std::optional<Secret> password;
    std::optional<SecretReference> password_reference = std::nullopt;  // where it was read from
};

// What the roles are like that Curfew makes, one for each person and grant, and drops when the grant is over.
struct EphemeralRoles {
    std::vector<std::string> member_of;  // the roles that they are members of; at least one
    std::string owner;                   // gets what they own when they are dropped

    bool operator==(const EphemeralRoles&) const = default;
};

// An administrative role used to end backends and to prove that they are gone.
// Needs pg_signal_backend and pg_read_all_stats (or superuser); with login: ephemeral, CREATEROLE as well.
struct AdminLogin {
    std::string user;
    std::optional<Secret> password;
    std::string database = "postgres";
    // Where the password is looked for if none is given, in the form of ~/.pgpass. Of dev mode alone: no key
    // of the configuration sets it.
    std::optional<std::string> password_file = std::nullopt;
    std::optional<SecretReference> password_reference = std::nullopt;  // where `password` was read from
};

// What is done about a backend that works as one of a resource's roles and that no session has.
enum class Enforcement {
    report,
    terminate,
};
std::string_view to_string(Enforcement enforcement);

// How backends are looked for that did not come through Curfew. Where there is an admin_login.
struct Ungoverned {
    Enforcement enforce = Enforcement::report;
    Duration interval = std::chrono::seconds{15};

    bool operator==(const Ungoverned&) const = default;
};

// What is done about a transaction that a session prepared and left behind.
enum class LeftTransactions {
    report,
    rollback,
};
std::string_view to_string(LeftTransactions transactions);

// What becomes of live sessions when the store is away and revocations cannot be heard.
enum class OnStoreLoss {
    keep_until_deadline,  // but no longer than Store::max_staleness
    end,
};
std::string_view to_string(OnStoreLoss choice);

struct Resource {
    std::string name;
    std::string description;  // for people to read; may be empty
    Endpoint upstream;        // for a Unix socket: the socket file itself (`…/.s.PGSQL.5432`)
    UpstreamTls tls;
    std::vector<std::string> databases;         // allowed database names; empty: any
    std::string default_database = "postgres";  // where a client names the resource alone
    LoginMode login = LoginMode::passthrough;
    PersonAuthentication authentication = PersonAuthentication::scram;
    std::optional<UpstreamRole> role;         // present exactly with login: managed
    std::optional<EphemeralRoles> ephemeral;  // present exactly with login: ephemeral, beside an admin_login
    std::optional<AdminLogin> admin_login;
    Ungoverned ungoverned;
    LeftTransactions prepared_transactions = LeftTransactions::report;
    OnStoreLoss on_store_loss = OnStoreLoss::keep_until_deadline;
    // Of its sessions at least; the rules that a grant was approved under may ask for more.
    policy::RecordingMode recording = policy::RecordingMode::off;
    // So long before their deadlines no new transaction begins in its sessions. Absent: at any time.
    std::optional<Duration> wind_down;
    std::map<std::string, std::string> attributes;

    bool allows_database(std::string_view database) const;
    // Curfew itself finds out who somebody is.
    bool authenticates_people() const noexcept { return login != LoginMode::passthrough; }
    // It asks people for a password, so that a grant can come with one.
    bool takes_passwords() const noexcept {
        return authenticates_people() && authentication != PersonAuthentication::certificate;
    }
    // The administrative role proves itself by who curfewd is (`peer`), and not by a password: PostgreSQL
    // would let anybody in as it who comes through Curfew.
    bool reserves_role(std::string_view role_name) const;
};

struct User {
    std::string name;
    std::string display_name;          // for people to read; may be empty
    std::vector<std::string> aliases;  // other names of the same person, for signing in
    std::string email;                 // may be empty
    std::string oidc_subject;          // `sub` at the OpenID Connect provider; empty: not told by that
    // `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`, PostgreSQL's format (RFC 5803). Absent: cannot log
    // in where Curfew asks for a password.
    std::optional<Secret> scram_verifier;
    std::optional<SecretReference> scram_verifier_reference;  // where it was read from
    // The Common Name that the user's client certificate carries; by default the user's name.
    std::string certificate_name;
};

// People that grants can be for, and that rules name.
struct Group {
    std::string name;
    std::vector<std::string> members;  // names of users
};

// What people ask for.
struct Requests {
    Duration review_timeout = std::chrono::hours{1};  // how long a request stays PENDING at most
};

// The API for people, their page and the CLI. Its local socket (Config::admin_socket) is there without it.
struct Api {
    Endpoint address{"127.0.0.1", 8432};
    std::optional<ServerTls> tls;  // absent: plain HTTP, on loopback or a Unix socket only
    // Where people reach it (`https://curfew.example.com`), with no slash at its end. Empty: where it
    // listens.
    std::string public_url;
};

// An OpenID Connect provider that people sign in with.
struct OidcProvider {
    std::string issuer;  // as in its tokens; https, or http on this machine
    std::string client_id;
    std::optional<Secret> client_secret;  // absent: a public client
    std::optional<SecretReference> client_secret_reference;
    // The claim that tells which user somebody is: `email` (which the provider must have verified) means
    // User::email, `sub` means User::oidc_subject, any other a user's name or alias.
    std::string user_claim = "preferred_username";
    // The claim that lists groups; its members count beside those that the configuration names. Empty: none.
    std::string groups_claim = "groups";
    // Whether that claim may put somebody into the group `administrators`. Who runs the provider decides then
    // who administers Curfew.
    bool administrators_from_claims = false;
    std::vector<std::string> scopes = {"openid", "profile", "email"};
    // PEM, of the authority that signed the provider's certificate; absent: those of the system.
    std::optional<std::string> root_certificate_file;
};

// How people prove who they are, to the API.
struct SignIn {
    bool passwords = true;
    Duration session = std::chrono::hours{12};  // how long it lasts
    std::optional<OidcProvider> oidc;
};

// What may be made by API and CLI while curfewd runs.
struct Live {
    // The one directory that live objects may name files of (secrets, certificates, keys). Absent: none.
    std::optional<std::string> files;
};

// Grants that named approvers sign while no store answers.
struct OfflineGrants {
    policy::OfflineTerms terms;
    // Where the node keeps what it took, and looks for documents (in `incoming`).
    std::string directory;
};

// One of the two: a file, for one node, or a PostgreSQL that many nodes share.
struct Store {
    std::string path;        // SQLite database file
    std::string postgresql;  // a connection string of libpq's, without a password
    std::optional<Secret> password;
    std::optional<SecretReference> password_reference;
    Duration max_staleness = std::chrono::seconds{60};
    Duration node_lease = std::chrono::seconds{30};  // unheard for so long, a node counts as gone
};

struct Timeouts {
    Duration handshake = std::chrono::seconds{15};  // accept to ReadyForQuery
    Duration upstream_connect = std::chrono::seconds{5};
    Duration farewell = std::chrono::milliseconds{80};  // to tell a client why and let it read that
    Duration drain = std::chrono::seconds{30};          // SIGTERM: how long sessions may go on
};

struct Limits {
    std::uint32_t half_open = 1000;  // connections that are not authenticated yet
    std::uint32_t sessions = 10000;
};

// In Config::how_to_ask, once.
inline constexpr std::string_view resource_placeholder = "{resource}";

struct LogSettings {
    std::optional<log::Format> format;  // absent: human on a terminal, JSON elsewhere
    log::Level level = log::Level::info;
};

struct Config {
    std::vector<Listener> listeners;
    std::map<std::string, Resource, std::less<>> resources;
    std::map<std::string, User, std::less<>> users;
    // By name, as they were written: members of a live group need not be users (any more); see directory().
    std::map<std::string, std::vector<std::string>, std::less<>> groups;
    policy::Rules rules;                 // in the order of their names
    bool accept_unlisted_users = false;  // passthrough only: people need not be listed under `users`
    Requests requests;
    std::optional<Api> api;  // absent: not served, but for the local socket
    SignIn sign_in;
    Live live;
    std::optional<OfflineGrants> offline_grants;  // absent: none are taken
    std::vector<Notifier> notifiers;              // in the file's order
    Audit audit;
    Recordings recordings;
    Store store;
    std::optional<Endpoint> metrics;  // where /metrics, /healthz and /readyz are served
    std::string admin_socket = "/run/curfew/admin.sock";
    std::string admin_group =
        "curfew";  // may use the admin socket, beside root; ignored if it does not exist
    Timeouts timeouts;
    Limits limits;
    std::vector<Duration> warnings = {std::chrono::minutes{5},
                                      std::chrono::minutes{1}};  // before the deadline
    // Shown to who is refused: how to ask for access. For resource_placeholder stands the resource's name.
    std::string how_to_ask;
    LogSettings log;
    std::string node;      // what this node is called in records; empty: the host's name
    unsigned workers = 0;  // data path threads; 0: one a core

    // Those of the objects above that are live; all others are declared in the file, and read-only elsewhere.
    std::set<ObjectName> live_objects;
    // What is valid, but perhaps not meant. For the log and `curfewd check`.
    std::vector<Problem> remarks;

    // Of people who are users, or of everybody with accept_unlisted_users.
    policy::Directory directory() const;
    // Whether any session may have to be recorded.
    bool records_sessions() const;
    bool has(const ObjectName& object) const;
    bool is_live(const ObjectName& object) const { return live_objects.contains(object); }
    const Resource* find_resource(std::string_view name) const;
    const User* find_user(std::string_view name) const;
    const policy::Rule* find_rule(std::string_view name) const;
};

// Where the key is, or is to be made, that this node signs heads and receipts with: as the file says, else
// beside a store in a file. nullopt: it signs nothing.
std::optional<std::string> signing_key_file(const Config& config);

}  // namespace curfew::config

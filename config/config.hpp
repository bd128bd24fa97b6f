// The configuration, typed and validated: what the YAML file says, with every default filled in.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/secret.hpp"
#include "policy/directory.hpp"

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

// How clients may use TLS on a listener.
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
};
std::string_view to_string(LoginMode mode);

// How a person proves who they are, with login: managed.
enum class PersonAuthentication { scram, certificate, scram_or_certificate };
std::string_view to_string(PersonAuthentication method);

// A role of the resource's PostgreSQL that Curfew logs in with.
struct UpstreamRole {
    std::string user;
    std::optional<Secret> password;
};

// An administrative role used to end backends and to prove that they are gone.
// Needs pg_signal_backend and pg_read_all_stats (or superuser).
struct AdminLogin {
    std::string user;
    std::optional<Secret> password;
    std::string database = "postgres";
    // Where the password is looked for if none is given, in the form of ~/.pgpass. Of dev mode alone: no key
    // of the configuration sets it.
    std::optional<std::string> password_file = std::nullopt;
};

struct Resource {
    std::string name;
    Endpoint upstream;  // for a Unix socket: the socket file itself (`…/.s.PGSQL.5432`)
    UpstreamTls tls;
    std::vector<std::string> databases;         // allowed database names; empty: any
    std::string default_database = "postgres";  // where a client names the resource alone
    LoginMode login = LoginMode::passthrough;
    PersonAuthentication authentication = PersonAuthentication::scram;
    std::optional<UpstreamRole> role;  // present exactly with login: managed
    std::optional<AdminLogin> admin_login;
    std::map<std::string, std::string> attributes;

    bool allows_database(std::string_view database) const;
    // The administrative role proves itself by who curfewd is (`peer`), and not by a password: PostgreSQL
    // would let anybody in as it who comes through Curfew.
    bool reserves_role(std::string_view role_name) const;
};

struct User {
    std::string name;
    // `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`, PostgreSQL's format (RFC 5803). Absent: cannot log
    // in where login is managed by SCRAM.
    std::optional<Secret> scram_verifier;
    // The Common Name that the user's client certificate carries; by default the user's name.
    std::string certificate_name;
};

struct Store {
    std::string path;  // SQLite database file
    Duration max_staleness = std::chrono::seconds{60};
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

struct LogSettings {
    std::optional<log::Format> format;  // absent: human on a terminal, JSON elsewhere
    log::Level level = log::Level::info;
};

struct Config {
    std::vector<Listener> listeners;
    std::map<std::string, Resource, std::less<>> resources;
    std::map<std::string, User, std::less<>> users;
    std::map<std::string, std::vector<std::string>, std::less<>> groups;
    bool accept_unlisted_users = false;  // passthrough only: people need not be listed under `users`
    Store store;
    std::optional<Endpoint> metrics;  // where /metrics, /healthz and /readyz are served
    std::string admin_socket = "/run/curfew/admin.sock";
    std::string admin_group =
        "curfew";  // may use the admin socket, beside root; ignored if it does not exist
    Timeouts timeouts;
    Limits limits;
    std::vector<Duration> warnings = {std::chrono::minutes{5},
                                      std::chrono::minutes{1}};  // before the deadline
    std::string how_to_ask;  // shown to who is refused: whom to ask for access
    LogSettings log;
    unsigned workers = 0;  // data path threads; 0: one a core

    policy::Directory directory() const;
    const Resource* find_resource(std::string_view name) const;
    const User* find_user(std::string_view name) const;
};

}  // namespace curfew::config

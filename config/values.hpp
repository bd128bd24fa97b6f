// Reading what is more than a plain type: addresses, names, paths, secrets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"
#include "config/reader.hpp"

namespace curfew::config {

// PostgreSQL cuts longer names without a word (NAMEDATALEN - 1).
inline constexpr std::size_t longest_name = 63;
// What fits into sockaddr_un::sun_path with its final NUL.
inline constexpr std::size_t longest_socket_path = 107;

// Each gives nullopt after reporting.

// `0.0.0.0:6432`, `[::1]:6432` or, where allowed, the absolute path of a Unix socket. IP addresses come out
// in their canonical form, so that equal ones compare equal. Port 0: any that is free.
enum class UnixSockets { allowed, refused };
std::optional<Endpoint> read_address(const Value& value, UnixSockets unix_sockets);

// The absolute path of a Unix socket.
std::optional<std::string> read_socket_path(const Value& value);

// Where a resource's PostgreSQL is, from libpq's `host` (a name, an IP address, or the directory of a Unix
// socket) and `port`.
std::optional<Endpoint> read_upstream(const Value& host, std::uint16_t port);

// 1 to 63 of the characters A-Z a-z 0-9 . _ -; what a person types after `dbname=`.
std::optional<std::string> read_plain_name(const Value& value);
// nullopt if `name` is such a name, else what is wrong with it.
std::optional<std::string> wrong_plain_name(std::string_view name);
// nullopt if `name` can be a PostgreSQL user, role, group or database: 1 to 63 bytes on one line.
std::optional<std::string> wrong_name(std::string_view name);
std::optional<std::string> read_name(const Value& value);

// A list of names, none of them twice; one that cannot be read is empty and keeps its place.
std::optional<std::vector<std::string>> read_names(const Value& value);

// One address for mail (`alice@example.org`), which is no list and no header.
std::optional<std::string> read_mail_address(const Value& value);

// What `description` says, for people to read; empty where it is not given.
std::string read_description(const Section& section);

// A file's path, made absolute: relative ones start in the configuration file's directory. Of a live object:
// within its bounds.
std::optional<std::string> read_path(const Value& value);

// A secret by reference: exactly one of {file: PATH}, {env: NAME}, {credential: NAME}; of a live object, the
// first of them alone.
struct ReferredSecret {
    Secret secret;
    SecretReference reference;
};
std::optional<ReferredSecret> read_secret(const Value& value);
// The same, into a section's pair of secret and reference: both, or neither.
void read_secret(const Section& section, std::string_view key, std::optional<Secret>& secret,
                 std::optional<SecretReference>& reference);
// The same where it must be given; both stay as they are where it cannot be read.
void require_secret(const Section& section, std::string_view key, Secret& secret, SecretReference& reference);

}  // namespace curfew::config

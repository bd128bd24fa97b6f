// Reading what is more than a plain type: addresses, names, paths, secrets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

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

// A file's path, made absolute: relative ones start in the configuration file's directory.
std::optional<std::string> read_path(const Value& value);

// A secret by reference: exactly one of {file: PATH}, {env: NAME}, {credential: NAME}.
std::optional<Secret> read_secret(const Value& value);

}  // namespace curfew::config

// Files that a configuration names: read and checked while loading, so that a mistake shows then and not at
// the first connection.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/secret.hpp"
#include "config/reader.hpp"

namespace curfew::config {

// Each gives nullopt after reporting at `value`.

std::optional<Secret> read_named_file(const Value& value, const std::string& path, std::size_t limit);
// The same, and refuses a file that everybody on the machine can reach (mode & 0007).
std::optional<Secret> read_private_file(const Value& value, const std::string& path, std::size_t limit);

// The values of a section that name a certificate and its key; both, or neither.
struct CertificatePair {
    std::optional<std::string> certificate_file;
    std::optional<std::string> key_file;
};
// Reads `certificate` and `key` and checks that both parse and belong together.
CertificatePair read_certificate_pair(const Section& section);
// Reads `key_name`, a file of certificates to verify others by.
std::optional<std::string> read_authorities(const Section& section, std::string_view key_name);

}  // namespace curfew::config

// What is kept of recorded sessions, where and for how long, as the configuration says.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "config/secret_reference.hpp"

namespace curfew::config {

// What becomes of a session whose recording cannot be written.
enum class OnRecordingFailure {
    end,       // it ends, and no new one begins that is to be recorded
    continue_  // it goes on; the recording has a gap, if it can still be told
};
std::string_view to_string(OnRecordingFailure choice);  // `continue`

// Parameters that are left out of what matches.
struct StatementRedaction {
    std::string pattern;            // RE2, found anywhere in a statement's SQL
    std::set<unsigned> parameters;  // which of its Bind values, `$1` first; empty: all

    bool operator==(const StatementRedaction&) const = default;
};

// What is never written down.
struct Redaction {
    // RE2. What they match in SQL, in values of parameters and in values of results is replaced by
    // `[redacted]`; where a pattern has a group, the first group alone.
    std::vector<std::string> patterns;
    std::vector<StatementRedaction> statements;
    // Passwords that stand in SQL: PASSWORD '…' of CREATE and ALTER ROLE, USER and GROUP, of user mappings
    // and of connection strings.
    bool passwords = true;

    bool operator==(const Redaction&) const = default;
};
// Of one pattern of a redaction, compiled: what RE2::Options::set_max_mem is given.
inline constexpr std::int64_t redaction_pattern_memory = std::int64_t{1} << 20U;

// Amazon S3, or what speaks as it does.
struct S3Settings {
    std::string endpoint;  // `https://s3.eu-central-1.amazonaws.com`, no slash at its end; http on loopback
    std::string region = "us-east-1";
    std::string bucket;  // named in the path, not in the host
    std::string prefix;  // of all keys; empty, or with a slash at its end
    std::string access_key_id;
    Secret secret_access_key;
    SecretReference secret_access_key_reference;
    std::optional<std::string> root_certificate_file;  // PEM; absent: the system's authorities
    bool keep_local = false;                           // the file stays when all of it is there
    // An object is made of so much of a live recording, or of what there is after so long.
    std::uint64_t part_bytes = std::uint64_t{8} << 20U;
    Duration part_interval = std::chrono::minutes{1};
    // What was recorded has to be there after so long; later, the storage has failed.
    Duration max_delay = std::chrono::minutes{5};
};

struct Recordings {
    std::string directory;  // where they are written; absolute unless the file's own path is not
    // Since the session's end; absent: for ever.
    std::optional<Duration> keep_for = std::chrono::hours{24} * 90;
    std::optional<std::uint64_t> keep_bytes;                  // of all of them; beyond it the oldest go first
    std::uint64_t result_bytes = std::uint64_t{64} << 10U;    // of one statement's results, in mode full
    std::uint64_t statement_bytes = std::uint64_t{1} << 20U;  // of one message: its SQL, or its parameters
    Redaction redact;
    // Where what a session relays cannot be taken down at once, it waits for so long.
    Duration max_wait = std::chrono::seconds{5};
    OnRecordingFailure on_failure = OnRecordingFailure::end;
    std::optional<S3Settings> s3;  // absent: the directory is all there is
};

// Whether both are to do the same, secrets included.
bool is_same(const S3Settings& one, const S3Settings& other);

}  // namespace curfew::config

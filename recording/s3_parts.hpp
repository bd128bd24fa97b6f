// A recording as objects: its parts, by number, in the order in which they follow each other.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "recording/s3_client.hpp"
#include "recording/storage.hpp"

namespace curfew::recording {

inline constexpr unsigned most_parts = 999'999;

// What the keys of a recording's parts begin with: `2026/11/29/s-7k3mq9xd/`.
std::string parts_prefix(const RecordingKey& key);
// `2026/11/29/s-7k3mq9xd/000001`; `number` from 1 to most_parts.
std::string part_key(const RecordingKey& key, unsigned number);

struct PartName {
    RecordingKey recording;
    unsigned number = 0;
};
// Reads what part_key writes; nullopt for anything else.
std::optional<PartName> part_of(std::string_view key);

// The parts of one recording that are there.
struct Parts {
    std::vector<std::uint64_t> sizes;  // of 1, 2, 3 …, up to the first that is missing
    std::uint64_t bytes = 0;           // of these together: how far the recording goes
    std::vector<unsigned> stray;       // numbers behind one that is missing
    WallInstant changed{};             // when the last of them came

    // Parts are added by rising numbers.
    void add(unsigned number, const S3Object& object);
};

// Of this recording; empty where there are none.
Result<Parts> find_parts(S3Client& client, const RecordingKey& key);
// Of all recordings whose parts' keys begin with this, by day and session (path_of); other objects are passed
// over.
using AllParts = std::map<std::string, std::pair<RecordingKey, Parts>>;
Result<AllParts> find_all_parts(S3Client& client, std::string_view beginning = {});

}  // namespace curfew::recording

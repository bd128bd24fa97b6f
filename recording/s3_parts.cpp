#include "recording/s3_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

namespace curfew::recording {
namespace {

constexpr std::string_view file_ending = ".curfewrec";
constexpr std::size_t number_digits = 6;

}  // namespace

std::string parts_prefix(const RecordingKey& key) {
    std::string path = path_of(key);
    if (path.ends_with(file_ending)) path.resize(path.size() - file_ending.size());
    return path + "/";
}

std::string part_key(const RecordingKey& key, unsigned number) {
    return fmt::format("{}{:06}", parts_prefix(key), number);
}

std::optional<PartName> part_of(std::string_view key) {
    const auto slash = key.rfind('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto digits = key.substr(slash + 1);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.size() != number_digits || error != std::errc{} || end != digits.data() + digits.size() ||
        number == 0)
        return std::nullopt;
    auto recording = key_of(std::string{key.substr(0, slash)} + std::string{file_ending});
    if (!recording) return std::nullopt;
    return PartName{std::move(*recording), number};
}

void Parts::add(unsigned number, const S3Object& object) {
    changed = std::max(changed, object.modified);
    if (number != sizes.size() + 1) {
        stray.push_back(number);
        return;
    }
    sizes.push_back(object.size);
    bytes += object.size;
}

Result<AllParts> find_all_parts(S3Client& client, std::string_view beginning) {
    AllParts found;
    std::string next;
    do {
        auto listing = client.list(beginning, next);
        if (!listing) return listing.error();
        for (const S3Object& object : listing->objects) {
            auto part = part_of(object.key);
            if (!part) continue;
            auto& [key, parts] = found[path_of(part->recording)];
            key = part->recording;
            parts.add(part->number, object);
        }
        next = std::move(listing->next);
    } while (!next.empty());
    return found;
}

Result<Parts> find_parts(S3Client& client, const RecordingKey& key) {
    auto found = find_all_parts(client, parts_prefix(key));
    if (!found) return found.error();
    const auto its = found->find(path_of(key));
    return its == found->end() ? Parts{} : std::move(its->second.second);
}

}  // namespace curfew::recording

#include "policy/offline_grant.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::policy {
namespace {

constexpr std::string_view purpose = "curfew offline grant, version 1\n";

template <class... Args>
Error invalid(fmt::format_string<Args...> text, Args&&... args) {
    return {ErrorCode::invalid, fmt::format(text, std::forward<Args>(args)...)};
}

void add_field(std::string& bytes, std::string_view name, std::string_view value) {
    bytes += fmt::format("{} {} ", name, value.size());
    bytes += value;
    bytes += '\n';
}

bool is_id(std::string_view text) {
    return text.size() == offline_id_length &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// One line of readable text: what a signer is shown is what is signed.
bool is_line(std::string_view text, std::size_t longest) {
    return !text.empty() && text.size() <= longest && printable(text, longest) == text;
}

bool is_whole_seconds(WallInstant instant) {
    return instant == std::chrono::floor<std::chrono::seconds>(instant);
}

Result<void> check_times(const OfflineGrant& grant) {
    if (grant.duration < std::chrono::seconds{1} || grant.duration > longest_offline_grant ||
        grant.duration != std::chrono::floor<std::chrono::seconds>(grant.duration)) {
        return invalid("an offline grant is for whole seconds, from 1s to {}; this one is for {}",
                       format_duration(longest_offline_grant), format_duration(grant.duration));
    }
    if (!is_whole_seconds(grant.not_before) || !is_whole_seconds(grant.not_after))
        return invalid("'not_before' and 'not_after' are whole seconds");
    // In milliseconds: nanoseconds do not reach from one end of the calendar to the other.
    constexpr auto longest = std::chrono::duration_cast<std::chrono::milliseconds>(longest_acceptance);
    if (grant.not_after <= grant.not_before || grant.not_after - grant.not_before > longest) {
        return invalid("'not_after' must be later than 'not_before', by at most {}",
                       format_duration(longest_acceptance));
    }
    return {};
}

}  // namespace

std::string signed_bytes(const OfflineGrant& grant) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(grant.duration).count();
    std::string bytes{purpose};
    add_field(bytes, "id", grant.id);
    add_field(bytes, "installation", grant.installation);
    add_field(bytes, "node", grant.node);
    add_field(bytes, "user", grant.user);
    add_field(bytes, "resource", grant.resource);
    add_field(bytes, "duration", std::to_string(seconds));
    add_field(bytes, "reason", grant.reason);
    add_field(bytes, "not_before", format_utc(grant.not_before));
    add_field(bytes, "not_after", format_utc(grant.not_after));
    return bytes;
}

Result<void> check_form(const OfflineGrant& grant) {
    if (!is_id(grant.id)) return invalid("'id' must be {} characters of 0-9 and a-f", offline_id_length);
    const struct {
        std::string_view name;
        std::string_view value;
        std::size_t longest;
    } lines[] = {{"installation", grant.installation, longest_offline_name},
                 {"node", grant.node, longest_node_name},
                 {"user", grant.user, longest_offline_name},
                 {"resource", grant.resource, longest_offline_name},
                 {"reason", grant.reason, longest_offline_reason}};
    for (const auto& line : lines) {
        if (!is_line(line.value, line.longest)) {
            return invalid("'{}' must be one line of readable text, of 1 to {} bytes", line.name,
                           line.longest);
        }
    }
    return check_times(grant);
}

Result<OfflineDocument> with_signatures_of(OfflineDocument document, const OfflineDocument& other) {
    if (!(document.grant == other.grant)) {
        return invalid("these are two grants, {} and {}: only signatures of the same one go together",
                       document.grant.id, other.grant.id);
    }
    for (const OfflineSignature& signature : other.signatures) {
        auto& all = document.signatures;
        if (std::find(all.begin(), all.end(), signature) == all.end()) all.push_back(signature);
    }
    if (document.signatures.size() > most_offline_signatures)
        return invalid("a grant has at most {} signatures", most_offline_signatures);
    return document;
}

std::vector<std::string> described(const OfflineGrant& grant) {
    return {fmt::format("user          {}", grant.user),
            fmt::format("resource      {}", grant.resource),
            fmt::format("for           {}, from the moment that the node takes it",
                        format_duration(grant.duration)),
            fmt::format("reason        {}", grant.reason),
            fmt::format("node          {}", grant.node),
            fmt::format("installation  {}", grant.installation),
            fmt::format("to be taken   from {}", format_local(grant.not_before)),
            fmt::format("              until {}", format_local(grant.not_after)),
            fmt::format("document      {}", grant.id)};
}

}  // namespace curfew::policy

// How an offline grant is written down and read: as JSON in a file, and as a token.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "base/base64.hpp"
#include "base/duration.hpp"
#include "base/ed25519.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "policy/offline_grant.hpp"

namespace curfew::policy {
namespace {

namespace json = boost::json;

constexpr int version = 1;
constexpr std::string_view token_prefix = "curfew-offline-1:";
constexpr std::size_t deepest = 4;

Error invalid(std::string message) {
    return {ErrorCode::invalid, std::move(message)};
}

Error not_a_document(std::string_view what) {
    return invalid("this is no offline grant: " + std::string{what} +
                   "; 'curfew offline request' writes one");
}

// --- Writing

json::object grant_object(const OfflineGrant& grant) {
    return {{"id", grant.id},
            {"installation", grant.installation},
            {"node", grant.node},
            {"user", grant.user},
            {"resource", grant.resource},
            {"duration", format_duration(grant.duration)},
            {"reason", grant.reason},
            {"not_before", format_utc(grant.not_before)},
            {"not_after", format_utc(grant.not_after)}};
}

json::array signatures_array(const std::vector<OfflineSignature>& signatures) {
    json::array array;
    for (const OfflineSignature& signature : signatures) {
        array.push_back(json::object{{"key", encode_base64(signature.key)},
                                     {"signature", encode_base64(signature.signature)}});
    }
    return array;
}

std::string compact(const OfflineDocument& document) {
    return json::serialize(json::object{{"version", version},
                                        {"grant", grant_object(document.grant)},
                                        {"signatures", signatures_array(document.signatures)}});
}

// --- Reading

// The members of one object, each to be asked for once; what is left at the end is not known here.
class Members {
public:
    Members(json::object object, std::string place) : object_{std::move(object)}, place_{std::move(place)} {}

    std::string text(std::string_view name) {
        const json::value value = take(name);
        if (value.is_string()) return std::string{value.get_string()};
        note(fmt::format("'{}{}' must be text", place_, name));
        return {};
    }
    WallInstant instant(std::string_view name) {
        const auto parsed = parse_utc(text(name));
        if (!parsed) note(fmt::format("'{}{}' must be a time as 2026-11-24T14:05:00Z", place_, name));
        return parsed.value_or(WallInstant{});
    }
    Duration duration(std::string_view name) {
        const auto parsed = parse_duration(text(name));
        if (!parsed) note(fmt::format("'{}{}': {}", place_, name, parsed.error().message));
        return parsed ? *parsed : Duration{};
    }
    std::string bytes(std::string_view name, std::size_t size) {
        auto decoded = decode_base64(text(name));
        if (decoded && decoded->size() == size) return std::move(*decoded);
        note(fmt::format("'{}{}' must be base64 of {} bytes", place_, name, size));
        return {};
    }
    json::value take(std::string_view name) {
        const auto found = object_.find(name);
        if (found == object_.end()) return nullptr;
        json::value value = std::move(found->value());
        object_.erase(found);
        return value;
    }
    // The first of what was wrong.
    std::optional<std::string> problem() const {
        if (!problem_.empty()) return problem_;
        if (object_.empty()) return std::nullopt;
        const auto key = object_.begin()->key();
        return fmt::format("'{}{}' is not known here", place_, printable({key.data(), key.size()}, 40));
    }

private:
    void note(std::string problem) {
        if (problem_.empty()) problem_ = std::move(problem);
    }
    json::object object_;
    std::string place_;
    std::string problem_;
};

Result<OfflineGrant> read_grant(json::value value) {
    if (!value.is_object()) return not_a_document("'grant' must be an object");
    Members members{std::move(value.get_object()), "grant."};
    OfflineGrant grant;
    grant.id = members.text("id");
    grant.installation = members.text("installation");
    grant.node = members.text("node");
    grant.user = members.text("user");
    grant.resource = members.text("resource");
    grant.duration = members.duration("duration");
    grant.reason = members.text("reason");
    grant.not_before = members.instant("not_before");
    grant.not_after = members.instant("not_after");
    if (const auto problem = members.problem()) return not_a_document(*problem);
    if (auto form = check_form(grant); !form) return not_a_document(form.error().message);
    return grant;
}

Result<std::vector<OfflineSignature>> read_signatures(json::value value) {
    if (!value.is_array()) return not_a_document("'signatures' must be a list");
    if (value.get_array().size() > most_offline_signatures)
        return not_a_document(fmt::format("it has more than {} signatures", most_offline_signatures));
    std::vector<OfflineSignature> signatures;
    for (json::value& item : value.get_array()) {
        if (!item.is_object()) return not_a_document("a signature must be an object");
        Members members{std::move(item.get_object()), "signatures[]."};
        OfflineSignature signature{members.bytes("key", ed25519_key_size),
                                   members.bytes("signature", ed25519_signature_size)};
        if (const auto problem = members.problem()) return not_a_document(*problem);
        signatures.push_back(std::move(signature));
    }
    return signatures;
}

std::string_view without_blank_ends(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

Result<OfflineDocument> read_json(std::string_view text) {
    json::error_code error;
    json::parse_options options;
    options.max_depth = deepest;
    json::value value = json::parse({text.data(), text.size()}, error, {}, options);
    if (error || !value.is_object()) return not_a_document("it is no JSON object");
    Members members{std::move(value.get_object()), ""};
    const json::value number = members.take("version");
    if (!number.is_int64() || number.get_int64() != version) {
        return not_a_document(
            fmt::format("its 'version' is not {}, the only one that this curfew knows", version));
    }
    json::value grant_value = members.take("grant");
    json::value signatures_value = members.take("signatures");
    if (const auto problem = members.problem()) return not_a_document(*problem);
    auto grant = read_grant(std::move(grant_value));
    if (!grant) return grant.error();
    auto signatures = read_signatures(std::move(signatures_value));
    if (!signatures) return signatures.error();
    return OfflineDocument{std::move(*grant), std::move(*signatures)};
}

}  // namespace

std::string to_json(const OfflineDocument& document) {
    std::string text = fmt::format("{{\n  \"version\": {},\n  \"grant\": {{\n", version);
    std::string_view separator = "";
    for (const auto& member : grant_object(document.grant)) {
        text += fmt::format("{}    {}: {}", separator, json::serialize(json::string{member.key()}),
                            json::serialize(member.value()));
        separator = ",\n";
    }
    text += "\n  },\n  \"signatures\": [";
    separator = "\n";
    for (const json::value& signature : signatures_array(document.signatures)) {
        text += fmt::format("{}    {}", separator, json::serialize(signature));
        separator = ",\n";
    }
    text += document.signatures.empty() ? "]\n}\n" : "\n  ]\n}\n";
    return text;
}

std::string to_token(const OfflineDocument& document) {
    return std::string{token_prefix} + encode_base64(compact(document));
}

Result<OfflineDocument> parse_offline_document(std::string_view text) {
    if (text.size() > longest_offline_document) {
        return not_a_document(fmt::format("it has more than {} bytes", longest_offline_document));
    }
    const std::string_view trimmed = without_blank_ends(text);
    if (!trimmed.starts_with(token_prefix)) return read_json(trimmed);
    const auto decoded = decode_base64(trimmed.substr(token_prefix.size()));
    if (!decoded) return not_a_document("its token is not whole");
    return read_json(*decoded);
}

}  // namespace curfew::policy

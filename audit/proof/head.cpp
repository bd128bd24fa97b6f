#include "audit/proof/head.hpp"

#include <boost/json/object.hpp>
#include <optional>
#include <utility>

#include "audit/proof/canonical_json.hpp"
#include "audit/proof/signature.hpp"
#include "audit/proof/trail_line.hpp"
#include "base/base64.hpp"
#include "base/ed25519.hpp"
#include "base/hmac.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace curfew::audit {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_head = 4096;
constexpr std::size_t installation_digits = 32;

json::object object_of(const Head& head) {
    return {{"number", head.place.number}, {"hash", to_hex(head.place.hash)},   {"at", format_utc(head.at)},
            {"node", head.node},           {"installation", head.installation}, {"key", head.key}};
}

std::string head_text_in(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

Error no_head(std::string_view why) {
    return {ErrorCode::invalid, "This is no head of an audit trail: " + std::string{why}};
}

}  // namespace

std::string installation_id(const Secret& installation_secret) {
    return to_hex(hmac_sha256(installation_secret, "curfew installation v1")).substr(0, installation_digits);
}

std::string head_document(const Head& head) {
    return canonical_json(object_of(head));
}

std::string signed_head(const Head& head, std::string_view signature) {
    json::object object = object_of(head);
    object["signature"] = encode_base64(signature);
    return canonical_json(object);
}

Result<SignedHead> read_signed_head(std::string_view line) {
    auto parsed = parse_signed_json(line, longest_head, "This is no head of an audit trail: it");
    if (!parsed) return parsed.error();
    SignedHead read;
    json::object& document = *parsed;
    const auto signature = decode_base64(head_text_in(document, "signature"));
    document.erase("signature");
    read.document = canonical_json(document);
    if (!signature || signature->size() != ed25519_signature_size) return no_head("it has no signature");
    read.signature = *signature;
    const auto number = number_in(document, "number");
    const auto hash = hash_in(document, "hash");
    const auto at = parse_utc(head_text_in(document, "at"));
    if (!number || !hash || !at) return no_head("its number, hash or time cannot be read");
    read.head = {{*number, *hash},
                 *at,
                 head_text_in(document, "node"),
                 head_text_in(document, "installation"),
                 head_text_in(document, "key")};
    return read;
}

bool is_signed_by(const SignedHead& head, std::string_view public_key) {
    return is_signed_by(public_key, Purpose::head, head.document, head.signature);
}

}  // namespace curfew::audit

#include "audit/proof/receipt_file.hpp"

#include <algorithm>
#include <optional>

#include "audit/proof/canonical_json.hpp"
#include "audit/proof/signature.hpp"
#include "base/base64.hpp"
#include "base/ed25519.hpp"

namespace curfew::audit {
namespace {

namespace json = boost::json;

// Hundreds of extensions fit.
constexpr std::size_t longest_receipt = 1024UL * 1024;

Error no_receipt(std::string why) {
    return {ErrorCode::invalid, "It is no receipt: " + std::move(why)};
}

// nullopt: it is not there, or not so many bytes in base64.
std::optional<std::string> bytes_of(const json::object& object, std::string_view name, std::size_t size) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    auto bytes = decode_base64(value->get_string());
    if (!bytes || bytes->size() != size) return std::nullopt;
    return bytes;
}

}  // namespace

std::string write_receipt_file(const ReceiptFile& file) {
    return "{\"receipt\":\n" + file.document + "\n,\"signature\":\"" + encode_base64(file.signature) +
           "\",\"public_key\":\"" + encode_base64(file.public_key) + "\"}\n";
}

Result<ReadReceipt> read_receipt_file(std::string_view text) {
    auto whole = parse_signed_json(text, longest_receipt, "The file");
    if (!whole) return whole.error();
    const auto* document = whole->if_contains("receipt");
    if (document == nullptr || !document->is_object()) return no_receipt("it has no object 'receipt'");
    ReadReceipt read;
    auto signature = bytes_of(*whole, "signature", ed25519_signature_size);
    auto key = bytes_of(*whole, "public_key", ed25519_key_size);
    if (!signature) return no_receipt("'signature' is not 64 bytes in base64");
    if (!key) return no_receipt("'public_key' is not 32 bytes in base64");
    if (whole->size() != 3) return no_receipt("it has members that are not signed");
    const auto* format = document->get_object().if_contains("format");
    if (format == nullptr || !format->is_string()) return no_receipt("it does not say its format");
    if (std::string_view{format->get_string()} != receipt_format)
        return no_receipt("its format is not '" + std::string{receipt_format} +
                          "'; verify it with the curfew command of the version that issued it");
    read.file = {canonical_json(*document), std::move(*signature), std::move(*key)};
    read.content = document->get_object();
    return read;
}

ReceiptVerdict judge_receipt(const ReceiptFile& file, const TrustedKeys& trusted) {
    if (!is_signed_by(file.public_key, Purpose::receipt, file.document, file.signature))
        return ReceiptVerdict::altered;
    const auto has = [](const std::vector<std::string>& all, const std::string& one) {
        return std::find(all.begin(), all.end(), one) != all.end();
    };
    if (has(trusted.keys, file.public_key)) return ReceiptVerdict::genuine;
    if (has(trusted.fingerprints, ed25519_fingerprint(file.public_key))) return ReceiptVerdict::genuine;
    return ReceiptVerdict::stranger;
}

}  // namespace curfew::audit

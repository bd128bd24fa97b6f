#include "protocol/postgres/scram_verifier.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <span>

#include "base/secret.hpp"
#include "protocol/postgres/base64.hpp"
#include "protocol/postgres/scram_attributes.hpp"

namespace curfew::postgres {
namespace {

constexpr std::string_view scheme = "SCRAM-SHA-256";
constexpr std::size_t mock_salt_size = 16;

// Takes what stands before `separator` off `rest`; nullopt if there is none.
std::optional<std::string_view> take_until(std::string_view& rest, char separator) {
    const auto end = rest.find(separator);
    if (end == std::string_view::npos) return std::nullopt;
    const auto part = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return part;
}

bool read_key(std::string_view base64, Digest& key) {
    const auto bytes = decode_base64(base64);
    if (!bytes || bytes->size() != key.size()) return false;
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return true;
}

}  // namespace

ScramVerifier::~ScramVerifier() {
    OPENSSL_cleanse(server_key.data(), server_key.size());
}

std::optional<ScramVerifier> ScramVerifier::parse(std::string_view text) {
    std::string_view rest = text;
    if (take_until(rest, '$') != scheme) return std::nullopt;
    const auto iterations_text = take_until(rest, ':');
    const auto salt_text = take_until(rest, '$');
    const auto stored_key_text = take_until(rest, ':');
    if (!iterations_text || !salt_text || !stored_key_text) return std::nullopt;

    const auto iterations = parse_scram_iterations(*iterations_text);
    auto salt = decode_base64(*salt_text);
    ScramVerifier verifier;
    if (!iterations || !salt || salt->empty() || !read_key(*stored_key_text, verifier.stored_key) ||
        !read_key(rest, verifier.server_key)) {
        return std::nullopt;
    }
    verifier.iterations = *iterations;
    verifier.salt = std::move(*salt);
    return verifier;
}

ScramVerifier ScramVerifier::make(std::string_view password, std::string_view salt, int iterations) {
    const ScramKeys keys = derive_scram_keys(password, salt, iterations);
    return {iterations, std::string{salt}, stored_key_of(keys.client_key), keys.server_key};
}

std::string to_string(const ScramVerifier& verifier) {
    std::string text{scheme};
    text += '$' + std::to_string(verifier.iterations);
    text += ':' + encode_base64(verifier.salt);
    text += '$' + encode_base64(verifier.stored_key);
    text += ':' + encode_base64(verifier.server_key);
    return text;
}

bool matches(const ScramVerifier& verifier, std::string_view password) {
    const ScramKeys keys = derive_scram_keys(password, verifier.salt, verifier.iterations);
    return equal_constant_time(stored_key_of(keys.client_key), verifier.stored_key);
}

ScramVerifier mock_verifier(std::string_view user, std::string_view server_secret, int iterations) {
    const auto* secret = reinterpret_cast<const unsigned char*>(server_secret.data());
    const Digest salt = hmac_sha256(std::span{secret, server_secret.size()}, user);
    return {iterations, std::string{salt.begin(), salt.begin() + mock_salt_size}, {}, {}};
}

}  // namespace curfew::postgres

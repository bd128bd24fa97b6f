#include "base/ed25519.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <stdexcept>

#include "base/base64.hpp"
#include "base/openssl_bytes.hpp"
#include "base/sha256.hpp"

namespace curfew {
namespace {

constexpr std::size_t fingerprint_bytes = 16;

struct FreeBio {
    void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeContext>;

struct FreeKey {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using AnyKey = std::unique_ptr<EVP_PKEY, FreeKey>;

// What OpenSSL had to say of a failure belongs to that failure alone.
[[noreturn]] void fail(const char* what) {
    ERR_clear_error();
    throw std::runtime_error{std::string{"OpenSSL could not "} + what};
}

Bio reading(std::string_view text) {
    return Bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

// A file that wants a passphrase is refused, and nobody is asked for one.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

bool is_ed25519(const AnyKey& key) {
    return key && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519;
}

std::string public_bytes(EVP_PKEY* key) {
    std::string bytes(ed25519_key_size, '\0');
    std::size_t size = bytes.size();
    if (EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &size) != 1 ||
        size != ed25519_key_size)
        fail("give the public part of an Ed25519 key");
    return bytes;
}

std::string_view without_blank_ends(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

void Ed25519Key::Free::operator()(evp_pkey_st* key) const noexcept {
    EVP_PKEY_free(key);
}

Ed25519Key Ed25519Key::generate() {
    Handle key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
    if (!key) fail("make an Ed25519 key");
    return Ed25519Key{std::move(key)};
}

Result<Ed25519Key> Ed25519Key::from_pem(const Secret& pem) {
    const Bio bio = reading(pem.reveal());  // to be parsed
    AnyKey key{bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr};
    ERR_clear_error();
    if (!is_ed25519(key)) {
        return Error{
            ErrorCode::invalid,
            "this is no Ed25519 private key in PEM without a passphrase; 'curfew offline keygen' makes one"};
    }
    return Ed25519Key{Handle{key.release()}};
}

Secret Ed25519Key::to_pem() const {
    // OpenSSL wipes the memory of a secure BIO when it frees it.
    const Bio bio{BIO_new(BIO_s_secmem())};
    if (!bio ||
        PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        fail("write an Ed25519 key");
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return Secret{std::string{text, static_cast<std::size_t>(size)}};
}

std::string Ed25519Key::public_key() const {
    return public_bytes(key_.get());
}

std::string Ed25519Key::sign(std::string_view message) const {
    const DigestContext context{EVP_MD_CTX_new()};
    std::string signature(ed25519_signature_size, '\0');
    std::size_t size = signature.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes_of(message), message.size()) != 1 ||
        size != ed25519_signature_size)
        fail("sign");
    return signature;
}

Result<std::string> parse_ed25519_public_key(std::string_view text) {
    const std::string_view trimmed = without_blank_ends(text);
    if (trimmed.starts_with("-----BEGIN PUBLIC KEY-----")) {
        const Bio bio = reading(trimmed);
        const AnyKey key{bio ? PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr) : nullptr};
        ERR_clear_error();
        if (is_ed25519(key)) return public_bytes(key.get());
    } else if (auto bytes = decode_base64(trimmed); bytes && bytes->size() == ed25519_key_size) {
        return std::move(*bytes);
    }
    return Error{ErrorCode::invalid,
                 "this is no Ed25519 public key: neither base64 of its 32 bytes nor PEM; 'curfew offline "
                 "keygen' prints one"};
}

std::string ed25519_public_pem(std::string_view public_key) {
    // What stands before the bytes in every SubjectPublicKeyInfo of this kind (RFC 8410).
    constexpr std::string_view prefix{"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12};
    return "-----BEGIN PUBLIC KEY-----\n" + encode_base64(std::string{prefix} + std::string{public_key}) +
           "\n-----END PUBLIC KEY-----\n";
}

bool ed25519_verify(std::string_view public_key, std::string_view message, std::string_view signature) {
    if (public_key.size() != ed25519_key_size || signature.size() != ed25519_signature_size) return false;
    const AnyKey key{
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(public_key), public_key.size())};
    const DigestContext context{EVP_MD_CTX_new()};
    const bool good = key && context &&
                      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                      EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                                       bytes_of(message), message.size()) == 1;
    ERR_clear_error();
    return good;
}

std::string ed25519_fingerprint(std::string_view public_key) {
    const std::string digits = to_hex(sha256(public_key));
    std::string text = "SHA256:";
    for (std::size_t i = 0; i < 2 * fingerprint_bytes; ++i) {
        if (i > 0 && i % 4 == 0) text += '-';
        text += digits[i];
    }
    return text;
}

}  // namespace curfew

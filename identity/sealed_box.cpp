#include "identity/sealed_box.hpp"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

#include "base/openssl_bytes.hpp"
#include "identity/base64.hpp"
#include "identity/crypto.hpp"

namespace curfew::identity {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)>;

void require(bool succeeded) {
    if (!succeeded) throw std::runtime_error("OpenSSL could not encrypt with AES-256-GCM");
}

}  // namespace

SealedBox::SealedBox(const Secret& secret, std::string_view purpose)
    : key_{derive_key(secret.reveal(), purpose)} {}  // to derive from

std::string SealedBox::seal(std::string_view text) const {
    const std::string nonce = random_bytes(nonce_size);
    const Cipher cipher{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
    require(cipher && EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_.reveal()),
                                         bytes_of(nonce)) == 1);
    std::string encrypted(text.size(), '\0');
    std::string tag(tag_size, '\0');
    int length = 0;
    require(EVP_EncryptUpdate(cipher.get(), bytes_of(encrypted), &length, bytes_of(text),
                              static_cast<int>(text.size())) == 1);
    require(EVP_EncryptFinal_ex(cipher.get(), bytes_of(encrypted) + length, &length) == 1);
    require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, tag.data()) == 1);
    return encode_base64(nonce + encrypted + tag, Base64::url);
}

std::optional<Secret> SealedBox::open(std::string_view sealed) const {
    const auto bytes = decode_base64(sealed, Base64::url);
    if (!bytes || bytes->size() < nonce_size + tag_size) return std::nullopt;
    const std::string_view all{*bytes};
    const auto encrypted = all.substr(nonce_size, all.size() - nonce_size - tag_size);
    std::string tag{all.substr(all.size() - tag_size)};

    const Cipher cipher{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
    require(cipher && EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key_.reveal()),
                                         bytes_of(all)) == 1);
    std::string text(encrypted.size(), '\0');
    int length = 0;
    require(EVP_DecryptUpdate(cipher.get(), bytes_of(text), &length, bytes_of(encrypted),
                              static_cast<int>(encrypted.size())) == 1);
    require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1);
    if (EVP_DecryptFinal_ex(cipher.get(), bytes_of(text) + length, &length) != 1) return std::nullopt;
    return Secret{std::move(text)};
}

}  // namespace curfew::identity

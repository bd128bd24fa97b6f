// Keys and signatures: OpenSSL's, told by the vectors of RFC 8032.
#include "base/ed25519.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base64.hpp"
#include "base/hex.hpp"

namespace curfew {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// RFC 8032, 7.1, test 2.
const std::string rfc_key =
    from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c").value();
const std::string rfc_message = from_hex("72").value();
const std::string rfc_signature = from_hex(
                                      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
                                      .value();

TEST(Ed25519, VerifiesTheSignatureOfTheStandard) {
    EXPECT_TRUE(ed25519_verify(rfc_key, rfc_message, rfc_signature));
}

TEST(Ed25519, RefusesAnotherMessageKeyOrSignature) {
    EXPECT_FALSE(ed25519_verify(rfc_key, "s", rfc_signature));
    EXPECT_FALSE(ed25519_verify(Ed25519Key::generate().public_key(), rfc_message, rfc_signature));
    std::string changed = rfc_signature;
    changed[40] ^= 1;
    EXPECT_FALSE(ed25519_verify(rfc_key, rfc_message, changed));
}

TEST(Ed25519, RefusesWhatIsTooShortOrTooLong) {
    EXPECT_FALSE(ed25519_verify(rfc_key.substr(1), rfc_message, rfc_signature));
    EXPECT_FALSE(ed25519_verify(rfc_key, rfc_message, rfc_signature + "x"));
    EXPECT_FALSE(ed25519_verify("", "", ""));
}

TEST(Ed25519, SignsWhatItsPublicKeyVerifies) {
    const auto key = Ed25519Key::generate();
    EXPECT_TRUE(ed25519_verify(key.public_key(), "a message", key.sign("a message")));
}

TEST(Ed25519, WritesAPublicKeyAsOpensslDoes) {
    const std::string key = Ed25519Key::generate().public_key();
    EXPECT_EQ(parse_ed25519_public_key(ed25519_public_pem(key)).value(), key);
}

TEST(Ed25519, ComesBackFromItsFile) {
    const auto key = Ed25519Key::generate();
    const auto read = Ed25519Key::from_pem(key.to_pem());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->public_key(), key.public_key());
    EXPECT_THAT(std::string{key.to_pem().reveal()}, StartsWith("-----BEGIN PRIVATE KEY-----"));
}

TEST(Ed25519, RefusesAFileThatHoldsNoKeyWithoutShowingIt) {
    const auto refused =
        Ed25519Key::from_pem(Secret{"-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid);
    EXPECT_THAT(refused.error().message, Not(HasSubstr("hunter2")));
    EXPECT_FALSE(Ed25519Key::from_pem(Secret{}));
}

TEST(Ed25519, RefusesAKeyOfAnotherKind) {
    // openssl genpkey -algorithm x25519
    EXPECT_FALSE(
        Ed25519Key::from_pem(Secret{"-----BEGIN PRIVATE KEY-----\n"
                                    "MC4CAQAwBQYDK2VuBCIEIHcHbQpzGKV9PBbBclGyZkXfTC+H68CZKrF3+6UdwSwq\n"
                                    "-----END PRIVATE KEY-----\n"}));
}

TEST(Ed25519PublicKey, IsReadFromBase64AndFromPem) {
    EXPECT_EQ(parse_ed25519_public_key(encode_base64(rfc_key)).value(), rfc_key);
    EXPECT_EQ(parse_ed25519_public_key(" " + encode_base64(rfc_key) + "\n").value(), rfc_key);
    const auto pem = parse_ed25519_public_key(
        "-----BEGIN PUBLIC KEY-----\n"
        "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
        "-----END PUBLIC KEY-----\n");
    EXPECT_EQ(encode_base64(pem.value()), "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
}

TEST(Ed25519PublicKey, IsNothingElse) {
    EXPECT_FALSE(parse_ed25519_public_key(""));
    EXPECT_FALSE(parse_ed25519_public_key("bob"));
    EXPECT_FALSE(parse_ed25519_public_key(encode_base64(rfc_key + "x")));
    EXPECT_FALSE(parse_ed25519_public_key("-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n"));
}

TEST(Ed25519PublicKey, HasAFingerprintForPeople) {
    EXPECT_EQ(ed25519_fingerprint(rfc_key).size(), std::string{"SHA256:"}.size() + 39);
    EXPECT_NE(ed25519_fingerprint(rfc_key), ed25519_fingerprint(Ed25519Key::generate().public_key()));
}

}  // namespace
}  // namespace curfew

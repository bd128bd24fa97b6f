#include "protocol/postgres/scram_crypto.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "protocol/postgres/base64.hpp"

namespace curfew::postgres {
namespace {

// The exchange of RFC 7677, section 3.
class Rfc7677 : public testing::Test {
protected:
    const std::string nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const std::string authenticated =
        "n=user,r=rOprNGfwEbeRWgbNEkqO,r=" + nonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=" + nonce;
    const ScramKeys keys = derive_scram_keys("pencil", *decode_base64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
};

TEST_F(Rfc7677, GivesTheClientsProof) {
    EXPECT_EQ(encode_base64(client_proof(keys.client_key, authenticated)),
              "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
}

TEST_F(Rfc7677, GivesTheServersSignature) {
    EXPECT_EQ(encode_base64(server_signature(keys.server_key, authenticated)),
              "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST_F(Rfc7677, ProvesThePasswordToWhoKeepsTheStoredKey) {
    const Digest proof = client_proof(keys.client_key, authenticated);
    EXPECT_TRUE(is_client_proof(proof, stored_key_of(keys.client_key), authenticated));
}

TEST_F(Rfc7677, ProvesNothingWithAnyBitChanged) {
    const Digest stored_key = stored_key_of(keys.client_key);
    for (std::size_t bit = 0; bit < scram_key_size * 8; ++bit) {
        Digest proof = client_proof(keys.client_key, authenticated);
        proof[bit / 8] ^= static_cast<unsigned char>(1U << (bit % 8));
        EXPECT_FALSE(is_client_proof(proof, stored_key, authenticated)) << "bit " << bit;
    }
}

TEST_F(Rfc7677, ProvesNothingForAnotherExchange) {
    const Digest proof = client_proof(keys.client_key, authenticated);
    EXPECT_FALSE(is_client_proof(proof, stored_key_of(keys.client_key), authenticated + "x"));
}

TEST(Base64, ReadsWhatItWrites) {
    std::string bytes;
    for (int length = 0; length < 70; ++length) {
        EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
        bytes.push_back(static_cast<char>(length * 37));
    }
}

// RFC 4648, section 10.
TEST(Base64, WritesTheVectorsOfTheRfc) {
    EXPECT_EQ(encode_base64(""), "");
    EXPECT_EQ(encode_base64("f"), "Zg==");
    EXPECT_EQ(encode_base64("fo"), "Zm8=");
    EXPECT_EQ(encode_base64("foo"), "Zm9v");
    EXPECT_EQ(encode_base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, RefusesWhatIsNotBase64) {
    for (const std::string_view text : {"Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zg==Zg==", "Zm9v\n",
                                        " Zm9", "Zm9v    ", "Zm-_", "Zm9=v", "=Zm9", "Zh==", "Zm9="}) {
        EXPECT_EQ(decode_base64(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace curfew::postgres

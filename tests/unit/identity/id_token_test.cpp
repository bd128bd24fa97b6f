#include "identity/id_token.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <string>

#include "identity/base64.hpp"
#include "token_signer.hpp"

namespace curfew::identity {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

const std::int64_t now = 1'790'000'000;

IdTokenTerms terms() {
    return {"https://id.example", "curfew", "a nonce", WallInstant{std::chrono::seconds{now}}};
}

json::object claims() {
    return {{"iss", "https://id.example"},
            {"aud", "curfew"},
            {"sub", "248289761001"},
            {"exp", now + 600},
            {"iat", now - 1},
            {"nonce", "a nonce"}};
}

json::object with(std::string_view name, json::value value) {
    json::object changed = claims();
    changed[{name.data(), name.size()}] = std::move(value);
    return changed;
}

json::object without(std::string_view name) {
    json::object changed = claims();
    changed.erase({name.data(), name.size()});
    return changed;
}

// What is wrong with the claims; empty if nothing.
std::string wrong(const json::object& about) {
    const auto met = check_claims(about, terms());
    return met ? "" : met.error().message;
}

// What becomes of `token`, with the signer's key.
std::string verdict(const std::string& token, const TokenSigner& signer) {
    const auto parsed = SignedToken::parse(token);
    if (!parsed) return parsed.error().message;
    const auto keys = KeySet::parse(signer.key_set());
    const VerificationKey* key = keys->find(parsed->key_id(), parsed->algorithm());
    if (key == nullptr) return "no key";
    const auto verified = parsed->verify(*key);
    return verified ? "verified" : verified.error().message;
}

class SignedTokenTest : public testing::TestWithParam<SignatureAlgorithm> {
protected:
    TokenSigner signer_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Algorithms, SignedTokenTest, testing::ValuesIn(all_signature_algorithms),
                         [](const auto& one) { return std::string{to_string(one.param)}; });

TEST_P(SignedTokenTest, IsVerifiedByItsKey) {
    EXPECT_EQ(verdict(signer_.sign(claims()), signer_), "verified");
}

TEST_P(SignedTokenTest, IsNotVerifiedByAnotherKeyOfTheSameName) {
    EXPECT_THAT(verdict(TokenSigner{GetParam()}.sign(claims()), signer_), HasSubstr("signature"));
}

TEST_P(SignedTokenTest, IsNotVerifiedOnceItsClaimsAreOthers) {
    const std::string token = signer_.sign(claims());
    const auto first = token.find('.');
    const auto second = token.rfind('.');
    const std::string other = encode_base64(json::serialize(with("sub", "1")), Base64::url);
    EXPECT_THAT(verdict(token.substr(0, first + 1) + other + token.substr(second), signer_),
                HasSubstr("signature"));
}

TEST_P(SignedTokenTest, IsNotVerifiedOnceItsHeaderIsAnother) {
    const std::string token = signer_.sign(claims());
    json::object header = signer_.header();
    header["extra"] = true;
    EXPECT_THAT(
        verdict(encode_base64(json::serialize(header), Base64::url) + token.substr(token.find('.')), signer_),
        HasSubstr("signature"));
}

TEST_P(SignedTokenTest, IsNotVerifiedWithoutItsSignature) {
    const std::string token = signer_.sign(claims());
    EXPECT_THAT(verdict(token.substr(0, token.rfind('.') + 1), signer_), HasSubstr("signature"));
}

// The classic: the header says that there is no signature, or that the public key is an HMAC's secret.
TEST_P(SignedTokenTest, IsRefusedWhereItsHeaderSaysNone) {
    for (const char* none : {"none", "None", "NONE", "nOnE"}) {
        json::object header = signer_.header();
        header["alg"] = none;
        EXPECT_THAT(verdict(compact(header, json::serialize(claims()), ""), signer_),
                    HasSubstr("signed with"));
        EXPECT_THAT(verdict(signer_.sign(header, claims()), signer_), HasSubstr("signed with"));
    }
}

TEST_P(SignedTokenTest, IsRefusedWhereThePublicKeyServesAsASecret) {
    json::object header = signer_.header();
    header["alg"] = "HS256";
    const std::string text = encode_base64(json::serialize(header), Base64::url) + '.' +
                             encode_base64(json::serialize(claims()), Base64::url);
    const std::string secret = json::serialize(signer_.jwk());
    std::string mac(32, '\0');
    ASSERT_TRUE(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     reinterpret_cast<unsigned char*>(mac.data()), nullptr));
    EXPECT_THAT(verdict(text + '.' + encode_base64(mac, Base64::url), signer_), HasSubstr("'HS256'"));
}

TEST_P(SignedTokenTest, IsRefusedForAnAlgorithmThatItsKeyIsNotFor) {
    for (const SignatureAlgorithm other : all_signature_algorithms) {
        if (other == GetParam()) continue;
        json::object header = signer_.header();
        header["alg"] = to_string(other);
        EXPECT_NE(verdict(signer_.sign(header, claims()), signer_), "verified") << to_string(other);
    }
}

TEST_P(SignedTokenTest, IsRefusedWithExtensionsThatMustBeUnderstood) {
    json::object header = signer_.header();
    header["crit"] = json::array{"b64"};
    header["b64"] = false;
    EXPECT_THAT(verdict(signer_.sign(header, claims()), signer_), HasSubstr("crit"));
}

TEST_P(SignedTokenTest, IsRefusedWhereItIsOfAnotherType) {
    for (const char* type : {"at+jwt", "logout+jwt", "secevent+jwt"}) {
        json::object header = signer_.header();
        header["typ"] = type;
        EXPECT_THAT(verdict(signer_.sign(header, claims()), signer_), HasSubstr("typ"));
    }
}

TEST_P(SignedTokenTest, MayLackAKeyIdWhereOneKeyFits) {
    json::object header = signer_.header();
    header.erase("kid");
    header.erase("typ");
    EXPECT_EQ(verdict(signer_.sign(header, claims()), signer_), "verified");
}

TEST(SignedToken, IsNoneInAnotherForm) {
    const TokenSigner signer{SignatureAlgorithm::es256};
    const std::string token = signer.sign(claims());
    for (const std::string& text : {std::string{}, std::string{".."}, std::string{"a.b"}, token + ".x",
                                    "x." + token, token + "=", token + "\n", std::string(100'000, 'a')})
        EXPECT_THAT(verdict(text, signer), HasSubstr("no signed token")) << text.substr(0, 40);
}

TEST(KeySet, FindsNothingWhereSeveralKeysFitAndNoneIsNamed) {
    const TokenSigner one{SignatureAlgorithm::es256, "one"};
    const TokenSigner two{SignatureAlgorithm::es256, "two"};
    const auto keys =
        KeySet::parse(json::serialize(json::object{{"keys", json::array{one.jwk(), two.jwk()}}}));
    ASSERT_TRUE(keys);
    EXPECT_EQ(keys->find("", SignatureAlgorithm::es256), nullptr);
    ASSERT_NE(keys->find("two", SignatureAlgorithm::es256), nullptr);
    EXPECT_EQ(keys->find("two", SignatureAlgorithm::es256)->id(), "two");
    EXPECT_EQ(keys->find("three", SignatureAlgorithm::es256), nullptr);
    EXPECT_EQ(keys->find("two", SignatureAlgorithm::rs256), nullptr);
}

TEST(KeySet, PassesOverKeysThatAreOfNoUse) {
    const TokenSigner good{SignatureAlgorithm::es256};
    json::object encryption = TokenSigner{SignatureAlgorithm::rs256}.jwk();
    encryption["use"] = "enc";
    json::object other_curve = good.jwk();
    other_curve["crv"] = "P-384";
    json::object off_the_curve = good.jwk();
    off_the_curve["y"] = off_the_curve.at("x");
    json::object other_algorithm = TokenSigner{SignatureAlgorithm::rs256}.jwk();
    other_algorithm["alg"] = "RSA-OAEP";
    json::object tiny = TokenSigner{SignatureAlgorithm::rs256}.jwk();
    tiny["n"] = "AQAB";
    const json::object secret{{"kty", "oct"}, {"k", "c2VjcmV0"}, {"kid", "key-1"}};
    for (const json::object& useless :
         {encryption, other_curve, off_the_curve, other_algorithm, tiny, secret}) {
        EXPECT_FALSE(KeySet::parse(json::serialize(json::object{{"keys", json::array{useless}}})))
            << json::serialize(useless);
        const auto keys = KeySet::parse(
            json::serialize(json::object{{"keys", json::array{useless, "no object", good.jwk()}}}));
        ASSERT_TRUE(keys);
        EXPECT_EQ(keys->size(), 1U);
    }
}

TEST(KeySet, IsNoneInAnotherForm) {
    for (const char* text : {"", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[]}", "not json"})
        EXPECT_FALSE(KeySet::parse(text)) << text;
}

TEST(IdTokenClaims, AreBelievedWhereTheyFit) {
    EXPECT_EQ(wrong(claims()), "");
}

TEST(IdTokenClaims, HaveToBeFromTheIssuerLetterByLetter) {
    for (const char* issuer : {"https://id.example/", "http://id.example", "https://evil.example", ""})
        EXPECT_THAT(wrong(with("iss", issuer)), HasSubstr("iss"));
    EXPECT_THAT(wrong(without("iss")), HasSubstr("iss"));
}

TEST(IdTokenClaims, HaveToBeForUs) {
    EXPECT_THAT(wrong(with("aud", "another")), HasSubstr("aud"));
    EXPECT_THAT(wrong(with("aud", json::array{"another", "curfe"})), HasSubstr("aud"));
    EXPECT_THAT(wrong(with("aud", 1)), HasSubstr("aud"));
    EXPECT_THAT(wrong(without("aud")), HasSubstr("aud"));
    EXPECT_EQ(wrong(with("aud", json::array{"curfew"})), "");
}

TEST(IdTokenClaims, HaveToBeGivenToUsWhereTheyAreForOthersToo) {
    json::object shared = with("aud", json::array{"curfew", "another"});
    EXPECT_THAT(wrong(shared), HasSubstr("azp"));
    shared["azp"] = "another";
    EXPECT_THAT(wrong(shared), HasSubstr("azp"));
    shared["azp"] = "curfew";
    EXPECT_EQ(wrong(shared), "");
    EXPECT_THAT(wrong(with("azp", "another")), HasSubstr("azp"));
    EXPECT_THAT(wrong(with("azp", json::array{"curfew"})), HasSubstr("azp"));
}

TEST(IdTokenClaims, ExpireAMinuteAfterTheyDo) {
    EXPECT_EQ(wrong(with("exp", now - 59)), "");
    EXPECT_THAT(wrong(with("exp", now - 60)), HasSubstr("exp"));
    EXPECT_THAT(wrong(without("exp")), HasSubstr("exp"));
    EXPECT_THAT(wrong(with("exp", "tomorrow")), HasSubstr("exp"));
    EXPECT_EQ(wrong(with("exp", static_cast<double>(now) + 1.5)), "");
}

TEST(IdTokenClaims, MayBeAMinuteFromTheFuture) {
    EXPECT_EQ(wrong(with("iat", now + 60)), "");
    EXPECT_THAT(wrong(with("iat", now + 61)), HasSubstr("iat"));
    EXPECT_THAT(wrong(without("iat")), HasSubstr("iat"));
    EXPECT_EQ(wrong(with("nbf", now + 60)), "");
    EXPECT_THAT(wrong(with("nbf", now + 61)), HasSubstr("nbf"));
    EXPECT_THAT(wrong(with("nbf", "soon")), HasSubstr("nbf"));
}

TEST(IdTokenClaims, HaveToBelongToThisSignIn) {
    EXPECT_THAT(wrong(with("nonce", "another nonce")), HasSubstr("nonce"));
    EXPECT_THAT(wrong(without("nonce")), HasSubstr("nonce"));
    IdTokenTerms of_a_device = terms();
    of_a_device.nonce.reset();
    EXPECT_TRUE(check_claims(without("nonce"), of_a_device));
}

TEST(IdTokenClaims, HaveToBeAboutSomebody) {
    EXPECT_THAT(wrong(without("sub")), HasSubstr("sub"));
    EXPECT_THAT(wrong(with("sub", "")), HasSubstr("sub"));
    EXPECT_THAT(wrong(with("sub", 7)), HasSubstr("sub"));
    EXPECT_THAT(wrong(with("sub", json::string(256, 'x'))), HasSubstr("sub"));
}

}  // namespace
}  // namespace curfew::identity

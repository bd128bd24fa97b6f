#include "identity/password_hash.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/base64.hpp"

namespace curfew::identity {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

constexpr ScryptCost cheap{4, 8, 1};

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        text += digits[static_cast<unsigned char>(byte) >> 4];
        text += digits[static_cast<unsigned char>(byte) & 15];
    }
    return text;
}

// RFC 7914, section 12; its fourth vector needs a gigabyte.
TEST(Scrypt, ComputesTheVectorsOfItsRfc) {
    EXPECT_EQ(hex(scrypt("", "", {4, 1, 1}, 64)),
              "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
              "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
    EXPECT_EQ(hex(scrypt("password", "NaCl", {10, 8, 16}, 64)),
              "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
              "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
    EXPECT_EQ(hex(scrypt("pleaseletmein", "SodiumChloride", {14, 8, 1}, 64)),
              "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
              "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

TEST(Scrypt, RefusesParametersThatMakeNoSense) {
    EXPECT_THROW(scrypt("password", "NaCl", {4, 0, 1}, 64), std::runtime_error);
}

TEST(PasswordHash, CostsTodayWhatOwaspAsksForInHalfTheMemory) {
    // Work is N * r * p: that of N=2^17, r=8, p=1.
    EXPECT_EQ((std::uint64_t{1} << today.log_n) * today.r * today.p, (std::uint64_t{1} << 17) * 8);
    EXPECT_LT(today.memory(), std::uint64_t{68} * 1024 * 1024);
    const auto hash = PasswordHash::of(Secret{"correct horse battery"});
    EXPECT_THAT(std::string{hash.text().reveal()},
                MatchesRegex("\\$scrypt\\$ln=16,r=8,p=2\\$[A-Za-z0-9+/]{22}\\$[A-Za-z0-9+/]{43}"));
    EXPECT_TRUE(hash.is_of(Secret{"correct horse battery"}));
}

TEST(PasswordHash, KnowsItsPasswordAndNoOther) {
    const auto hash = PasswordHash::of(Secret{"correct horse battery"}, cheap);
    EXPECT_TRUE(hash.is_of(Secret{"correct horse battery"}));
    for (const char* other : {"", "correct horse batter", "correct horse battery ", "Correct horse battery"})
        EXPECT_FALSE(hash.is_of(Secret{other})) << other;
}

TEST(PasswordHash, TellsPasswordsApartBehindANul) {
    const auto hash = PasswordHash::of(Secret{std::string{"twelve\0bytes", 12}}, cheap);
    EXPECT_FALSE(hash.is_of(Secret{"twelve"}));
    EXPECT_TRUE(hash.is_of(Secret{std::string{"twelve\0bytes", 12}}));
}

TEST(PasswordHash, IsAnotherEachTimeForOnePassword) {
    EXPECT_NE(PasswordHash::of(Secret{"correct horse battery"}, cheap).text().reveal(),
              PasswordHash::of(Secret{"correct horse battery"}, cheap).text().reveal());
}

TEST(PasswordHash, ReadsWhatItWroteWithItsCost) {
    const ScryptCost cost{5, 4, 3};
    const auto read =
        PasswordHash::parse(PasswordHash::of(Secret{"correct horse battery"}, cost).text().reveal());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->cost(), cost);
    EXPECT_TRUE(read->is_of(Secret{"correct horse battery"}));
    EXPECT_FALSE(read->is_of(Secret{"another horse battery"}));
}

// The third vector again, as a password hash: others' implementations are understood.
TEST(PasswordHash, ReadsTheFormOfOthers) {
    const std::string salt = encode_base64("SodiumChloride", Base64::standard);
    const auto read =
        PasswordHash::parse("$scrypt$ln=14,r=8,p=1$" + salt +
                            "$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F"
                            "3A1lHkDfzwF7RVdYhw");
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->is_of(Secret{"pleaseletmein"}));
}

TEST(PasswordHash, ReadsNothingElse) {
    for (const char* text :
         {"", "$scrypt$", "$scrypt$ln=4,r=8,p=1$", "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHQ",
          "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHQ$", "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHQ$c2hvcnQ",
          "$scrypt$ln=4,r=8$c2FsdHNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ",
          "$scrypt$ln=0,r=8,p=1$c2FsdHNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ",
          "$scrypt$ln=4,r=8,p=1,x=1$c2FsdHNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ",
          "$scrypt$ln=-4,r=8,p=1$c2FsdHNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ",
          "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ==",
          "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ", "correct horse battery"})
        EXPECT_FALSE(PasswordHash::parse(text)) << text;
}

TEST(PasswordHash, ReadsNoneThatWouldTakeMoreThan256MiB) {
    EXPECT_TRUE(PasswordHash::parse("$scrypt$ln=17,r=8,p=1$c2FsdHNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ"));
    EXPECT_FALSE(PasswordHash::parse("$scrypt$ln=18,r=8,p=1$c2FsdHNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ"));
    EXPECT_FALSE(PasswordHash::parse("$scrypt$ln=4294967295,r=8,p=1$c2FsdHNhbHQ$MDEyMzQ1Njc4OTAxMjM0NQ"));
}

TEST(PasswordHash, OfNobodyIsOfNoPassword) {
    EXPECT_FALSE(PasswordHash::of_nobody(cheap).is_of(Secret{""}));
    EXPECT_TRUE(PasswordHash::parse(PasswordHash::of_nobody().text().reveal()));
}

TEST(NewPassword, NeedsTwelveCharacters) {
    EXPECT_EQ(wrong_new_password("correct hors", "alice"), std::nullopt);
    EXPECT_THAT(wrong_new_password("correct hor", "alice").value(), HasSubstr("12 characters"));
    EXPECT_TRUE(wrong_new_password("ääääää", "alice")) << "twelve bytes are six characters here";
}

TEST(NewPassword, IsNotTheNameOfItsUser) {
    EXPECT_TRUE(wrong_new_password("Alice.Example", "alice.example"));
    EXPECT_FALSE(wrong_new_password("Alice.Example!", "alice.example"));
}

TEST(NewPassword, IsNotBeyondWhatIsHashed) {
    EXPECT_FALSE(wrong_new_password(std::string(longest_password, 'x'), "alice"));
    EXPECT_TRUE(wrong_new_password(std::string(longest_password + 1, 'x'), "alice"));
}

}  // namespace
}  // namespace curfew::identity

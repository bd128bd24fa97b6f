#include "identity/token.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "identity/scope.hpp"

namespace curfew::identity {
namespace {

using testing::MatchesRegex;

std::string text_of(const MadeToken& token) {
    return std::string{token.text.reveal()};
}

TEST(Token, HasAFormThatScannersKnow) {
    EXPECT_THAT(text_of(make_token(TokenKind::access)), MatchesRegex("cft_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}"));
    EXPECT_THAT(text_of(make_token(TokenKind::sign_in)), MatchesRegex("cfs_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}"));
    EXPECT_THAT(text_of(make_token(TokenKind::link)), MatchesRegex("cfl_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}"));
}

TEST(Token, IsNeverTheSameTwice) {
    std::set<std::string> tokens;
    for (int i = 0; i < 1000; ++i)
        tokens.insert(text_of(make_token(TokenKind::access)));
    EXPECT_EQ(tokens.size(), 1000U);
}

TEST(Token, IsKnownForWhatItIs) {
    for (const TokenKind kind : all_token_kinds)
        EXPECT_EQ(token_kind(make_token(kind).text.reveal()), kind);
}

TEST(Token, IsNoneOnceAnyCharacterIsAnother) {
    const std::string token = text_of(make_token(TokenKind::access));
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(token_kind(changed), std::nullopt) << i;
    }
}

TEST(Token, IsNoneWhereSomethingIsMissingOrTooMuch) {
    const std::string token = text_of(make_token(TokenKind::access));
    for (std::size_t length = 0; length < token.size(); ++length)
        EXPECT_EQ(token_kind(token.substr(0, length)), std::nullopt);
    EXPECT_EQ(token_kind(token + "A"), std::nullopt);
    EXPECT_EQ(token_kind(" " + token), std::nullopt);
}

// Computed by others: the checksum is CRC-32 (as zlib's) of what stands before it, in base 62 as GitHub
// writes it.
TEST(Token, HasAChecksumThatOthersCanCompute) {
    EXPECT_EQ(token_kind("cft_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0trC2L"), TokenKind::access);
}

TEST(Token, IsKeptAsItsSha256) {
    const auto hash = token_hash(Secret{"abc"});  // FIPS 180-2, appendix B.1
    EXPECT_EQ(hash[0], 0xba);
    EXPECT_EQ(hash[1], 0x78);
    EXPECT_EQ(hash[31], 0xad);
    const auto token = make_token(TokenKind::access);
    EXPECT_EQ(token.hash, token_hash(token.text));
}

TEST(Scopes, AreReadAndWrittenByName) {
    const auto scopes = parse_scopes("review read");
    ASSERT_TRUE(scopes);
    EXPECT_EQ(to_string(*scopes), "read review");
    EXPECT_EQ(to_string(Scopes::all()), "read request review admin");
    EXPECT_EQ(parse_scopes(to_string(Scopes::all())).value(), Scopes::all());
}

TEST(Scopes, AlwaysIncludeReading) {
    EXPECT_TRUE(Scopes{Scope::request}.has(Scope::read));
    EXPECT_FALSE(Scopes{Scope::request}.has(Scope::review));
    EXPECT_FALSE(Scopes{}.has(Scope::read));
}

TEST(Scopes, DoNotIncludeOneAnotherOtherwise) {
    EXPECT_FALSE(Scopes{Scope::admin}.has(Scope::request));
    EXPECT_FALSE(Scopes{Scope::admin}.has(Scope::review));
    EXPECT_TRUE(Scopes::all().has_all_of(Scopes{Scope::admin}));
    EXPECT_FALSE((Scopes{Scope::request, Scope::review}).has_all_of(Scopes{Scope::admin}));
}

TEST(Scopes, RefuseAWordThatIsNone) {
    EXPECT_EQ(parse_scopes("read write").error().message,
              "there is no scope 'write'; the scopes are: read request review admin");
    EXPECT_EQ(parse_scopes("").error().code, ErrorCode::invalid);
    EXPECT_EQ(parse_scopes("Read").error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace curfew::identity

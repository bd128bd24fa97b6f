#include "base/percent_encoding.hpp"

#include <gtest/gtest.h>

namespace curfew::test {
namespace {

TEST(PercentEncoding, LeavesUnreservedCharactersAlone) {
    EXPECT_EQ(encode_segment("Az09-._~"), "Az09-._~");
    EXPECT_EQ(encode_segment("a b/c?d=e&f+g%"), "a%20b%2Fc%3Fd%3De%26f%2Bg%25");
    EXPECT_EQ(encode_segment("\xc3\xa4"), "%C3%A4");
}

TEST(PercentEncoding, MakesNoStepsBetweenDirectories) {
    EXPECT_EQ(encode_segment("."), "%2E");
    EXPECT_EQ(encode_segment(".."), "%2E%2E");
    EXPECT_EQ(encode_segment("..."), "...");
}

TEST(PercentEncoding, IsReadWithDigitsOfEitherCase) {
    EXPECT_EQ(decode_segment("a%2fb%2Fc"), "a/b/c");
    EXPECT_EQ(decode_segment(""), "");
}

TEST(PercentEncoding, HasAPlusForABlankInAQueryAlone) {
    EXPECT_EQ(decode_query("a+b%2B"), "a b+");
    EXPECT_EQ(decode_segment("a+b"), "a+b");
}

TEST(PercentEncoding, IsNotReadWhereItIsCutOffOrNoneOrAZeroByte) {
    for (const char* text : {"%", "%4", "a%", "%4g", "%g4", "%%41", "%00", "a%00b"}) {
        EXPECT_EQ(decode_segment(text), std::nullopt) << text;
        EXPECT_EQ(decode_query(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace curfew::test

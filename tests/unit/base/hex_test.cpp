#include "base/hex.hpp"

#include <gtest/gtest.h>

#include <array>

namespace curfew::test {
namespace {

// RFC 4648, section 10.
TEST(Hex, IsThatOfTheStandard) {
    EXPECT_EQ(to_hex("foobar"), "666f6f626172");
    EXPECT_EQ(from_hex("666F6F626172"), "foobar");
}

TEST(Hex, IsOfAnyBytes) {
    EXPECT_EQ(to_hex(std::array<unsigned char, 3>{0x00, 0x7f, 0xff}), "007fff");
    EXPECT_EQ(from_hex("007fff"), (std::string{"\0\x7f\xff", 3}));
    EXPECT_EQ(to_hex(""), "");
    EXPECT_EQ(from_hex(""), "");
}

TEST(Hex, IsNotReadWhereADigitIsMissingOrNone) {
    for (const char* text : {"6", "66f", "6g", "g6", " 66", "66 ", "0x66", "6\n"})
        EXPECT_EQ(from_hex(text), std::nullopt) << text;
}

TEST(Hex, HasDigitsOfEitherCase) {
    EXPECT_EQ(hex_digit('9'), 9U);
    EXPECT_EQ(hex_digit('a'), 10U);
    EXPECT_EQ(hex_digit('F'), 15U);
    for (const char c : {'g', 'G', '/', ':', '@', '`', '\0'})
        EXPECT_EQ(hex_digit(c), std::nullopt) << c;
}

}  // namespace
}  // namespace curfew::test

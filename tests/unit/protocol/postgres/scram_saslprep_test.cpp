#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "protocol/postgres/saslprep.hpp"

namespace curfew::postgres {
namespace {

using namespace std::string_view_literals;

std::string prepared(std::string_view password) {
    return std::string{saslprep(password).reveal()};
}

// RFC 4013, section 3.
TEST(Saslprep, RemovesTheSoftHyphen) {
    EXPECT_EQ(prepared("I\u00ADX"), "IX");
}

TEST(Saslprep, ReplacesCompatibilityCharacters) {
    EXPECT_EQ(prepared("\u2168"), "IX");
    EXPECT_EQ(prepared("\u00AA"), "a");
}

TEST(Saslprep, KeepsCase) {
    EXPECT_EQ(prepared("USER\u00DC"), "USER\u00DC");
}

TEST(Saslprep, ComposesAccents) {
    EXPECT_EQ(prepared("u\u0308ber"), "\u00FCber");
}

TEST(Saslprep, MakesEverySpaceAPlainOne) {
    EXPECT_EQ(prepared("a\u00A0b\u3000c"), "a b c");
}

TEST(Saslprep, KeepsAsciiAsItIs) {
    EXPECT_EQ(prepared(" with spaces "), " with spaces ");
    EXPECT_EQ(prepared(""), "");
}

TEST(Saslprep, AllowsTextThatRunsFromRightToLeft) {
    EXPECT_EQ(prepared("\u0627\u0020\u00AD\u0628"), "\u0627\u0020\u0628");
}

// What PostgreSQL falls back to: the bytes as they are, with nothing of the preparation done.
TEST(Saslprep, TakesWhatIsProhibitedAsItIs) {
    EXPECT_EQ(prepared("\u0007\u2168"), "\u0007\u2168");  // control characters, ASCII
    EXPECT_EQ(prepared("\u0080\u2168"), "\u0080\u2168");  // and others
    EXPECT_EQ(prepared("\uE000\u2168"), "\uE000\u2168");  // private use
}

TEST(Saslprep, TakesCodePointsUnassignedInUnicode32AsTheyAre) {
    EXPECT_EQ(prepared("\U0001F600\u2168"), "\U0001F600\u2168");
}

TEST(Saslprep, TakesMixedDirectionsAsTheyAre) {
    EXPECT_EQ(prepared("\u0627\u2168"), "\u0627\u2168");
    EXPECT_EQ(prepared("\u06271"), "\u06271");
}

TEST(Saslprep, TakesWhatIsNotUtf8AsItIs) {
    for (const auto password : {"caf\xE9"sv, "\u2168\xC3"sv, "\u2168\xC0\xAF"sv, "\u2168\xED\xA0\x80"sv,
                                "\u2168\xF4\x90\x80\x80"sv, "\xFF\u2168"sv}) {
        EXPECT_EQ(prepared(password), password);
    }
}

TEST(Saslprep, TakesWhatItWouldLeaveEmptyAsItIs) {
    EXPECT_EQ(prepared("\u00AD"), "\u00AD");
}

TEST(Saslprep, DoesNotStopAtAZeroByte) {
    EXPECT_EQ(prepared("\u2168\0x"sv), "\u2168\0x"sv);
}

TEST(Saslprep, TakesPasswordsOfAnyLength) {
    std::string long_one;
    std::string expected;
    for (int i = 0; i < 5000; ++i) {
        long_one += "\u2168";
        expected += "IX";
    }
    EXPECT_EQ(prepared(long_one), expected);
}

}  // namespace
}  // namespace curfew::postgres

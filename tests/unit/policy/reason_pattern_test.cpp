#include "policy/reason_pattern.hpp"

#include <gtest/gtest.h>

namespace curfew::policy {
namespace {

TEST(ReasonPattern, IsFoundAnywhere) {
    const auto pattern = ReasonPattern::parse("[A-Z]+-[0-9]+").value();
    EXPECT_TRUE(pattern.matches("see INC-42, please"));
    EXPECT_FALSE(pattern.matches("please"));
    EXPECT_FALSE(pattern.matches(""));
}

TEST(ReasonPattern, IsTheWholeWhereItIsAnchored) {
    const auto pattern = ReasonPattern::parse("^INC-[0-9]+$").value();
    EXPECT_TRUE(pattern.matches("INC-42"));
    EXPECT_FALSE(pattern.matches("INC-42 and more"));
    EXPECT_FALSE(pattern.matches("INC-42\nand more")) << "anchors are those of the text, not of a line";
}

TEST(ReasonPattern, KeepsItsText) {
    const auto pattern = ReasonPattern::parse("INC-[0-9]+").value();
    EXPECT_EQ(pattern.text(), "INC-[0-9]+");
    EXPECT_EQ(pattern, ReasonPattern::parse("INC-[0-9]+").value());
    EXPECT_FALSE(pattern == ReasonPattern::parse("CHG-[0-9]+").value());
}

TEST(ReasonPattern, OutlivesWhatItWasCopiedFrom) {
    std::optional<ReasonPattern> original = ReasonPattern::parse("INC").value();
    const ReasonPattern copy = *original;
    original.reset();
    EXPECT_TRUE(copy.matches("INC"));
}

TEST(ReasonPattern, IsRefusedWhereItIsNoExpression) {
    for (const auto* text : {"", "(", "[", "a**", "(?<=a)b", "(a)\\1"}) {
        const auto result = ReasonPattern::parse(text);
        ASSERT_FALSE(result) << text;
        EXPECT_EQ(result.error().code, ErrorCode::invalid);
    }
    EXPECT_NE(ReasonPattern::parse("INC-[0-9").error().message.find("'[0-9'"), std::string::npos)
        << "says where";
}

// Each of these would take gigabytes, once compiled.
TEST(ReasonPattern, IsRefusedWhereItWouldTakeTooMuchMemory) {
    EXPECT_FALSE(ReasonPattern::parse("((a{100}){100}){100}"));
    EXPECT_FALSE(ReasonPattern::parse(std::string(1'001, 'a')));
}

// Where expressions that go back take exponential time.
TEST(ReasonPattern, IsMatchedInLinearTime) {
    const auto pattern = ReasonPattern::parse("^(a+)+$").value();
    EXPECT_FALSE(pattern.matches(std::string(100'000, 'a') + "!"));
}

}  // namespace
}  // namespace curfew::policy

#include "base/secret.hpp"

#include <gtest/gtest.h>

#include <array>
#include <concepts>
#include <ostream>
#include <string>
#include <utility>

namespace curfew {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
    out << value;
};
static_assert(!Printable<Secret>, "a secret cannot be printed by mistake");
static_assert(!std::equality_comparable<Secret>, "comparing takes constant time, or it tells");
static_assert(!std::convertible_to<std::string, Secret> && !std::convertible_to<Secret, std::string>);

TEST(Secret, RevealsWhatItHolds) {
    EXPECT_EQ(Secret{"hunter2"}.reveal(), "hunter2");
    EXPECT_FALSE(Secret{"hunter2"}.empty());
    EXPECT_TRUE(Secret{}.empty());
}

TEST(Secret, LeavesNothingBehindWhereItIsMovedFrom) {
    for (const std::string text : {"short", "a text that is too long to be held inline by std::string"}) {
        Secret from{text};
        const Secret to{std::move(from)};
        EXPECT_EQ(to.reveal(), text);
        EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is what it promises

        Secret again{text};
        Secret target{"before"};
        target = std::move(again);
        EXPECT_EQ(target.reveal(), text);
        EXPECT_TRUE(again.empty());  // NOLINT(bugprone-use-after-move)
    }
}

TEST(Secret, IsCopiedWhole) {
    const Secret from{"hunter2"};
    Secret copy{from};
    EXPECT_EQ(copy.reveal(), "hunter2");
    Secret other{"before"};
    other = from;
    EXPECT_EQ(other.reveal(), "hunter2");
    EXPECT_EQ(from.reveal(), "hunter2");
}

TEST(Secret, SurvivesBeingAssignedToItself) {
    Secret secret{"hunter2"};
    Secret& same = secret;
    secret = same;
    EXPECT_EQ(secret.reveal(), "hunter2");
    secret = std::move(same);
    EXPECT_EQ(secret.reveal(), "hunter2");
}

TEST(EqualConstantTime, ComparesAllBytes) {
    EXPECT_TRUE(equal_constant_time(std::string_view{"abc"}, std::string_view{"abc"}));
    EXPECT_TRUE(equal_constant_time(std::string_view{}, std::string_view{}));
    EXPECT_FALSE(equal_constant_time(std::string_view{"abc"}, std::string_view{"abd"}));
    EXPECT_FALSE(equal_constant_time(std::string_view{"abc"}, std::string_view{"xbc"}));
    EXPECT_FALSE(equal_constant_time(std::string_view{"abc"}, std::string_view{"ab"}));
    EXPECT_FALSE(equal_constant_time(std::string_view{"a\0b", 3}, std::string_view{"a\0c", 3}));
    const std::array<unsigned char, 2> bytes{1, 2};
    EXPECT_TRUE(equal_constant_time(bytes, std::array<unsigned char, 2>{1, 2}));
    EXPECT_FALSE(equal_constant_time(bytes, std::array<unsigned char, 2>{1, 3}));
}

}  // namespace
}  // namespace curfew

#include "base/result.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace curfew {
namespace {

TEST(Result, HoldsWhatWasAskedForOrWhyNot) {
    const Result<int> good{4711};
    ASSERT_TRUE(good);
    EXPECT_EQ(*good, 4711);
    const Result<int> bad{Error{ErrorCode::not_found, "there is no such grant"}};
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, ErrorCode::not_found);
}

TEST(Result, ThrowsItsErrorsTextWhereItIsTakenForGood) {
    const Result<int> bad{Error{ErrorCode::not_found, "there is no such grant"}};
    try {
        (void)bad.value();
        FAIL() << "it did not throw";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "there is no such grant");
    }
}

TEST(ErrorCode, HasAWordOfItsOwn) {
    std::set<std::string_view> words;
    for (const auto code : {ErrorCode::invalid, ErrorCode::not_found, ErrorCode::conflict,
                            ErrorCode::forbidden, ErrorCode::unavailable, ErrorCode::internal})
        words.insert(to_string(code));
    EXPECT_EQ(words.size(), 6U);
    EXPECT_EQ(to_string(ErrorCode::not_found), "not_found");
}

}  // namespace
}  // namespace curfew

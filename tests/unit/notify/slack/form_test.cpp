#include "notify/slack/form.hpp"

#include <gtest/gtest.h>

namespace curfew::notify::slack {
namespace {

TEST(SlackForm, IsDecoded) {
    const auto form = parse_form("text=a+b%26c&empty=&user%5Fname=b%C3%B6b");
    ASSERT_TRUE(form);
    EXPECT_EQ(*form, (Form{{"text", "a b&c"}, {"empty", ""}, {"user_name", "böb"}}));
}

TEST(SlackForm, IsEmptyWhereNothingCame) {
    const auto form = parse_form("");
    ASSERT_TRUE(form);
    EXPECT_TRUE(form->empty());
}

TEST(SlackForm, IsRefusedWhereItIsNotEncodedAsItHasToBe) {
    for (const char* body : {"a=%", "a=%4", "a=%zz", "a=%00", "a", "=1&=2", "a=1&&b=2", "a=1&a=2"})
        EXPECT_FALSE(parse_form(body)) << body;
}

TEST(SlackForm, IsRefusedWhereItHasTooManyFields) {
    std::string body = "a0=1";
    for (int i = 1; i < 64; ++i)
        body += "&a" + std::to_string(i) + "=1";
    EXPECT_TRUE(parse_form(body));
    EXPECT_FALSE(parse_form(body + "&one_more=1"));
}

}  // namespace
}  // namespace curfew::notify::slack

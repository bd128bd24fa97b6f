// What an event says of a change.
#include "store/sql/change_summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace curfew::store::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string summary(const std::optional<std::string>& before, const std::optional<std::string>& after) {
    return boost::json::serialize(change_summary(before, after));
}

TEST(ChangeSummary, SaysWhatIsThereNow) {
    EXPECT_EQ(summary(std::nullopt, R"({"members":["bob"]})"),
              R"({"before":null,"after":{"members":["bob"]}})");
}

TEST(ChangeSummary, SaysWhatIsThereNoMore) {
    EXPECT_EQ(summary(R"({"members":["bob"]})", std::nullopt),
              R"({"before":{"members":["bob"]},"after":null})");
}

TEST(ChangeSummary, SaysWhatDiffersAndNotWhatIsAsItWas) {
    EXPECT_EQ(
        summary(R"({"max_duration":"1h","min_approvals":2,"types":["jit"]})",
                R"({"max_duration":"8h","types":["jit"],"reason_required":true})"),
        R"({"before":{"max_duration":"1h","min_approvals":2},"after":{"max_duration":"8h","reason_required":true}})");
}

TEST(ChangeSummary, SaysOfASecretThatItIsAnotherAndNothingMore) {
    EXPECT_EQ(
        summary(R"({"role":{"user":"app","password":{"file":"/a"}}})",
                R"({"role":{"user":"app","password":{"file":"/b"}}})"),
        R"({"before":{"role":{"user":"app","password":"set"}},"after":{"role":{"user":"app","password":"changed"}}})");
    EXPECT_EQ(summary(std::nullopt, R"({"scram_verifier":"SCRAM-SHA-256$4096:x"})"),
              R"({"before":null,"after":{"scram_verifier":"set"}})");
}

TEST(ChangeSummary, SaysOfWhatIsLargeHowLargeItIs) {
    const std::string large(20'000, 'x');
    const auto text = summary(std::nullopt, R"({"description":")" + large + R"(","a":1})");
    EXPECT_THAT(text, HasSubstr(R"("description":{"bytes":20002,"sha256":")"));
    EXPECT_THAT(text, HasSubstr(R"("a":1)"));
    EXPECT_THAT(text, Not(HasSubstr("xxxx")));
}

TEST(ChangeSummary, IsBoundedHoweverManyMembersThereAre) {
    std::string document = "{";
    for (int i = 0; i < 100; ++i)
        document += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":\"" + std::string(1000, 'x') + "\"";
    EXPECT_LT(summary(std::nullopt, document + "}").size(), 40'000U);
}

}  // namespace
}  // namespace curfew::store::test

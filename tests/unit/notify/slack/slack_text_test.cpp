#include "notify/slack/text.hpp"

#include <gtest/gtest.h>

namespace curfew::notify::slack {
namespace {

using namespace std::chrono_literals;

TEST(SlackText, CannotMentionAnybody) {
    EXPECT_EQ(escaped("<!channel> <@U123> <https://evil.example|here> & so on", 200),
              "&lt;!channel&gt; &lt;@U123&gt; &lt;https://evil.example|here&gt; &amp; so on");
}

TEST(SlackText, StaysOnOneLineAndShowsWhatCouldDeceive) {
    EXPECT_EQ(escaped("x\n*Who*\nbob", 200), "x\\x0a*Who*\\x0abob");
    EXPECT_EQ(escaped("\xE2\x80\xAEgnp.exe", 200), "\\xe2\\x80\\xaegnp.exe");
}

TEST(SlackText, IsCutBetweenCharactersAndNeverWithinOne) {
    EXPECT_EQ(escaped("abcdef", 6), "abcdef");
    EXPECT_EQ(escaped("abcdefg", 6), "abcde…");
    EXPECT_EQ(escaped("abc&&", 6), "abc…") << "no half of &amp;";
    EXPECT_EQ(escaped("ab<", 6), "ab&lt;");
    EXPECT_EQ(clipped("äöüäöü", 4), "äöü…");
    EXPECT_EQ(clipped("😀😀😀", 4), "😀…") << "two units each";
}

TEST(SlackText, IsNeverLongerThanItsLimit) {
    const std::string hostile = "&<>😀ä\n\xFF" + std::string(5000, '&');
    for (std::size_t limit = 1; limit < 60; ++limit) {
        EXPECT_LE(length_in_slack(escaped(hostile, limit)), limit);
        EXPECT_LE(length_in_slack(clipped(hostile, limit)), limit);
    }
}

TEST(SlackText, GivesDatesThatEachReaderSeesInTheirZone) {
    EXPECT_EQ(date_for_reader(WallInstant{1'796'000'000s}),
              "<!date^1796000000^{date_short_pretty} {time}|2026-11-30 00:53 UTC>");
}

TEST(SlackText, ObjectsAreVerbatimAndNeverEmpty) {
    EXPECT_TRUE(markdown("a").at("verbatim").as_bool());
    EXPECT_FALSE(plain("", 10).at("text").as_string().empty()) << "Slack refuses what is empty";
}

}  // namespace
}  // namespace curfew::notify::slack

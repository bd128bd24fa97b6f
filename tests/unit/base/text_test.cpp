#include "base/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/utf8.hpp"

namespace curfew {
namespace {

using namespace std::string_view_literals;

TEST(WholeCharacters, EndBeforeOneThatDoesNotFit) {
    EXPECT_EQ(whole_characters("xä", 3), "xä");
    EXPECT_EQ(whole_characters("xä", 2), "x");
    EXPECT_EQ(whole_characters("xäy", 3), "xä");
    EXPECT_EQ(whole_characters("ä", 1), "");
}

TEST(Printable, KeepsTextAsItIs) {
    for (const auto text :
         {""sv, "alice"sv, "two words"sv, "Zoë, 東京 and 🕗"sv, "\xc2\xa0"sv, "\xf4\x8f\xbf\xbf"sv})
        EXPECT_EQ(printable(text), text);
}

TEST(Printable, ShowsControlCharactersByTheirNumbers) {
    EXPECT_EQ(printable("a\nb\tc\r"), "a\\x0ab\\x09c\\x0d");
    EXPECT_EQ(printable("\x1b[2J"), "\\x1b[2J");
    EXPECT_EQ(printable("\0\x7f"sv), "\\x00\\x7f");
    EXPECT_EQ(printable("\xc2\x9b"
                        "2J"),
              "\\xc2\\x9b2J")
        << "a CSI in one character";
}

TEST(Printable, ShowsWhatChangesTheDirectionOrTheLine) {
    EXPECT_EQ(printable("\xe2\x80\xae"
                        "abc"),
              "\\xe2\\x80\\xaeabc")
        << "right-to-left override";
    EXPECT_EQ(printable("\xe2\x81\xa6"), "\\xe2\\x81\\xa6") << "isolate";
    EXPECT_EQ(printable("\xe2\x80\x8f"), "\\xe2\\x80\\x8f") << "right-to-left mark";
    EXPECT_EQ(printable("\xe2\x80\xa8"), "\\xe2\\x80\\xa8") << "line separator";
    EXPECT_EQ(printable("\xef\xbb\xbf"), "\\xef\\xbb\\xbf") << "byte-order mark";
}

TEST(Printable, ShowsBytesThatAreNotUtf8ByTheirNumbers) {
    EXPECT_EQ(printable("a\xff"
                        "b"),
              "a\\xffb");
    EXPECT_EQ(printable("\x80"), "\\x80") << "a continuation of nothing";
    EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "too long a form of /";
    EXPECT_EQ(printable("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half of a surrogate pair";
    EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "above U+10FFFF";
    EXPECT_EQ(printable("\xe6\x9d"), "\\xe6\\x9d") << "cut short";
    EXPECT_EQ(printable("\xe6\x9d"
                        "a"),
              "\\xe6\\x9d"
              "a");
}

TEST(Printable, CutsLongTextAndSaysSo) {
    EXPECT_EQ(printable("abcdef", 3), "abc…");
    EXPECT_EQ(printable("abc", 3), "abc");
    EXPECT_EQ(printable(std::string(201, 'x')), std::string(200, 'x') + "…");
}

TEST(PrintableLines, KeepsLineBreaksAndNothingElse) {
    EXPECT_EQ(printable_lines("one\ntwo\x1b[2J\n\nthree\r\n"), "one\ntwo\\x1b[2J\n\nthree\\x0d\n");
    EXPECT_EQ(printable_lines(""), "");
}

TEST(PrintableLines, CutsLongTextAndSaysSo) {
    EXPECT_EQ(printable_lines("one\ntwo", 5), "one\nt…");
    EXPECT_EQ(printable_lines("one\ntwo", 7), "one\ntwo");
}

TEST(PrintableCode, KeepsAllOfItWithLineBreaksAndTabs) {
    const std::string sql = "select 'grün'\n\tfrom orders;\n" + std::string(20'000, 'x');
    EXPECT_EQ(printable_code(sql), sql);
}

TEST(PrintableCode, ShowsWhatChangesHowItReads) {
    EXPECT_EQ(printable_code("a\r\n\x1b[2Kb"), "a\\x0d\n\\x1b[2Kb");
    EXPECT_EQ(printable_code("\xe2\x80\xae"
                             "abc"),
              "\\xe2\\x80\\xaeabc");
    EXPECT_EQ(printable_code("\xd8\x9c"), "\\xd8\\x9c") << "Arabic letter mark";
    EXPECT_EQ(printable_code("\xff"), "\\xff");
}

TEST(PrintableCode, ShowsWhatIsInvisible) {
    EXPECT_EQ(printable_code("a\xe2\x80\x8b"
                             "b"),
              "a\\xe2\\x80\\x8bb")
        << "zero-width space";
    EXPECT_EQ(printable_code("where\xc2\xa0id"), "where\\xc2\\xa0id") << "no-break space: one name";
    EXPECT_EQ(printable_code("\xc2\xad"), "\\xc2\\xad") << "soft hyphen";
    EXPECT_EQ(printable_code("\xe3\x85\xa4"), "\\xe3\\x85\\xa4") << "Hangul filler";
    EXPECT_EQ(printable_code("\xf3\xa0\x81\x81"), "\\xf3\\xa0\\x81\\x81") << "tag letter";
}

}  // namespace
}  // namespace curfew

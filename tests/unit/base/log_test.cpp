#include "base/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <limits>
#include <string>

namespace curfew::log {
namespace {

using namespace std::string_view_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto time_utc = "2026-11-24T14:05:00Z"sv;

std::string json(std::string_view event, std::initializer_list<Field> fields, Level level = Level::info) {
    return render(Format::json, false, time_utc, level, event, fields);
}
std::string human(std::string_view event, std::initializer_list<Field> fields) {
    return render(Format::human, false, time_utc, Level::info, event, fields);
}
// What a reader of the log finds under `field`.
boost::json::value read(const std::string& line) {
    return boost::json::parse(line).as_object().at("field");
}

TEST(JsonLine, HasTimeLevelEventAndTheFieldsInTheirOrder) {
    EXPECT_EQ(json("session.admitted", {{"user", "alice"}, {"bytes", 4711}, {"tls", true}, {"ratio", 0.25}}),
              R"({"time":"2026-11-24T14:05:00Z","level":"info","event":"session.admitted",)"
              R"("user":"alice","bytes":4711,"tls":true,"ratio":0.25})");
}

TEST(JsonLine, NamesEveryLevel) {
    for (const Level level : {Level::debug, Level::info, Level::warning, Level::error})
        EXPECT_THAT(json("x", {}, level), HasSubstr("\"level\":\"" + std::string{to_string(level)} + "\""));
}

TEST(JsonLine, HoldsWholeNumbersOfEverySize) {
    EXPECT_EQ(read(json("x", {{"field", INT64_MAX}})).as_int64(), INT64_MAX);
    EXPECT_EQ(read(json("x", {{"field", INT64_MIN}})).as_int64(), INT64_MIN);
    EXPECT_EQ(read(json("x", {{"field", 200U}})).as_int64(), 200);
}

TEST(JsonLine, StaysJsonWithNumbersThatJsonDoesNotHave) {
    for (const double number :
         {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
          std::numeric_limits<double>::quiet_NaN()})
        EXPECT_TRUE(read(json("x", {{"field", number}})).is_null());
}

// What a client sends goes into the log as it came: no line may be forged with it, no terminal moved.
TEST(JsonLine, StaysOneLineOfJsonWhateverTheText) {
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte)
        every_byte.push_back(static_cast<char>(byte));
    for (const std::string& text :
         {every_byte, std::string{"\"},{\"event\":\"forged"}, std::string{"a\nb\r\nc"},
          std::string{"\xed\xa0\x80"}, std::string{"\xe2\x80\xa8"}}) {
        const std::string line = json("x", {{"field", text}});
        EXPECT_TRUE(read(line).is_string());
        for (const char c : line)
            EXPECT_GE(static_cast<unsigned char>(c), 0x20U);
    }
}

TEST(JsonLine, KeepsTextThatHarmsNobody) {
    EXPECT_EQ(read(json("x", {{"field", "für \"Zoë\" \\ 東京"}})).as_string(), "für \"Zoë\" \\ 東京");
}

TEST(JsonLine, BoundsALongText) {
    const std::string line = json("x", {{"field", std::string(1'000'000, 'x')}});
    EXPECT_LT(line.size(), 5000U);
    EXPECT_THAT(line, HasSubstr("x…"));
}

TEST(HumanLine, IsForReading) {
    EXPECT_EQ(human("session.admitted", {{"user", "alice"}, {"bytes", 4711}, {"tls", false}}),
              "2026-11-24T14:05:00Z info    session.admitted user=alice bytes=4711 tls=false");
}

TEST(HumanLine, QuotesTextThatCouldBeTakenForMoreThanOneField) {
    EXPECT_THAT(human("x", {{"field", "two words"}}), EndsWith(" field=\"two words\""));
    EXPECT_THAT(human("x", {{"field", ""}}), EndsWith(" field=\"\""));
    EXPECT_THAT(human("x", {{"field", "a=b"}}), EndsWith(" field=\"a=b\""));
    EXPECT_THAT(human("x", {{"field", "say \"x\""}}), EndsWith(R"( field="say \"x\"")"));
}

TEST(HumanLine, StaysOneHarmlessLine) {
    const std::string line = human("x", {{"field", "a\x1b[2J\nb"}});
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
    EXPECT_THAT(line, Not(HasSubstr("\n")));
}

TEST(HumanLine, IsColouredOnlyWhereAsked) {
    EXPECT_THAT(render(Format::human, true, time_utc, Level::error, "x", {}), HasSubstr("\033[31merror"));
    EXPECT_THAT(human("x", {}), Not(HasSubstr("\033")));
}

TEST(Level, IsReadAsItIsWritten) {
    for (const Level level : {Level::debug, Level::info, Level::warning, Level::error})
        EXPECT_EQ(parse_level(to_string(level)), level);
    for (const auto text : {""sv, "INFO"sv, "warn"sv, "trace"sv})
        EXPECT_EQ(parse_level(text), std::nullopt) << text;
}

class WrittenLog : public ::testing::Test {
protected:
    WrittenLog() { configure(Format::json, Level::info); }
    ~WrittenLog() override { configure(Format::json, Level::info); }
};

TEST_F(WrittenLog, GoesToStandardErrorLineByLine) {
    ::testing::internal::CaptureStderr();
    info("first.event", {{"field", "a\nb"}});
    error("second.event");
    const std::string written = ::testing::internal::GetCapturedStderr();
    ASSERT_EQ(std::count(written.begin(), written.end(), '\n'), 2);
    const auto line = boost::json::parse(written.substr(0, written.find('\n'))).as_object();
    EXPECT_EQ(line.at("event").as_string(), "first.event");
    EXPECT_THAT(written, HasSubstr("second.event"));
}

TEST_F(WrittenLog, LeavesOutWhatIsBelowTheLeastLevel) {
    configure(std::nullopt, Level::warning);
    ::testing::internal::CaptureStderr();
    info("left.out");
    warning("written.down");
    const std::string written = ::testing::internal::GetCapturedStderr();
    EXPECT_THAT(written, Not(HasSubstr("left.out")));
    EXPECT_THAT(written, HasSubstr("written.down"));
}

}  // namespace
}  // namespace curfew::log

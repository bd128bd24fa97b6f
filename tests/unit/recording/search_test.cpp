// What is looked for in recordings is found wherever it was said.
#include "recording/search.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/utf8.hpp"
#include "recording/local_storage.hpp"
#include "some_entries.hpp"

namespace curfew::recording {
namespace {

using namespace std::chrono_literals;
using test::query_at;

Searcher searcher_for(SearchTerms terms) {
    return Searcher::make(terms).value();
}

TEST(Search, FindsTextWithoutRegardToCase) {
    const Searcher searcher = searcher_for({"drop table"});
    EXPECT_TRUE(searcher.matches("begin; DROP TABLE accounts"));
    EXPECT_FALSE(searcher.matches("drop index"));
    EXPECT_FALSE(searcher_for({"drop table", false, true}).matches("DROP TABLE x"));
}

TEST(Search, TakesABlankForAnyWhiteSpace) {
    const Searcher searcher = searcher_for({"  drop table\n"});
    EXPECT_TRUE(searcher.matches("DROP\n\t  TABLE x"));
    EXPECT_FALSE(searcher.matches("DROPTABLE x"));
}

TEST(Search, TakesTextLiterallyUnlessItIsAPattern) {
    EXPECT_TRUE(searcher_for({"count(*)"}).matches("select count(*) from t"));
    EXPECT_FALSE(searcher_for({"a.c"}).matches("abc"));
    EXPECT_TRUE(searcher_for({"a.c", true}).matches("ABC"));
    EXPECT_TRUE(searcher_for({"^drop +(table|schema)", true}).matches("drop  schema s"));
}

TEST(Search, SaysWhatIsWrongWithWhatIsToBeSearchedFor) {
    for (const SearchTerms& terms : {SearchTerms{""}, SearchTerms{"  "}, SearchTerms{"(", true},
                                     SearchTerms{std::string(1001, 'x')}, SearchTerms{"\xff"}}) {
        const auto searcher = Searcher::make(terms);
        ASSERT_FALSE(searcher);
        EXPECT_EQ(searcher.error().code, ErrorCode::invalid);
    }
    EXPECT_NE(Searcher::make({"(", true}).error().message.find("'('"), std::string::npos);
}

TEST(Search, LooksAtTheTextsOfEveryKind) {
    std::set<std::string> members;
    const SeeText see = [&](std::string_view member, std::string_view) {
        members.emplace(member);
        return true;
    };
    for (const Entry& entry : test::one_of_each())
        for_each_text(entry.content, see);
    for (const char* member :
         {"sql", "parameters[1]", "parameters[5]", "arguments[0]", "names[0]", "values[0]", "failed", "tag",
          "message", "detail", "payload", "what", "why", "user"})
        EXPECT_TRUE(members.contains(member)) << member;
    EXPECT_FALSE(members.contains("parameters[3]")) << "which is binary";
}

TEST(Search, ShowsThePlaceOnOneLine) {
    const std::string sql =
        "SELECT 1;\n" + std::string(300, 'a') + "\nDROP\n  TABLE x;" + std::string(300, 'b');
    const auto hit = find_in(searcher_for({"drop table"}), query_at(5us, sql), 7);
    ASSERT_TRUE(hit);
    EXPECT_EQ(hit->number, 7U);
    EXPECT_EQ(hit->member, "sql");
    EXPECT_EQ(hit->entry, query_at(5us, sql));
    EXPECT_EQ(hit->excerpt.substr(hit->begin, hit->length), "DROP   TABLE");
    EXPECT_TRUE(hit->excerpt.starts_with("…aaa"));
    EXPECT_TRUE(hit->excerpt.ends_with("bbb…"));
    EXPECT_LT(hit->excerpt.size(), 200U);
}

TEST(Search, CutsNoCharacterInTwo) {
    std::string text;
    for (int number = 0; number < 100; ++number)
        text += "語";
    for (int shift = 0; shift < 3; ++shift) {
        const std::string sql = std::string(static_cast<std::size_t>(shift), 'x') + text + "needle" + text;
        const auto hit = find_in(searcher_for({"needle"}), query_at(0us, sql), 0);
        ASSERT_TRUE(hit);
        EXPECT_EQ(hit->excerpt.find("\\x"), std::string::npos) << hit->excerpt;
        EXPECT_TRUE(is_utf8(hit->excerpt));
    }
}

TEST(Search, KeepsControlCharactersOutOfWhatIsShown) {
    const auto hit = find_in(searcher_for({"needle"}), query_at(0us, "\x1b[31mneedle\x07"), 0);
    ASSERT_TRUE(hit);
    EXPECT_EQ(hit->excerpt, "\\x1b[31mneedle\\x07");
    EXPECT_EQ(hit->excerpt.substr(hit->begin, hit->length), "needle");
}

TEST(Search, GoesThroughARecordingUntilItIsToldToStop) {
    std::vector<Entry> entries;
    for (int number = 0; number < 10; ++number)
        entries.push_back(query_at(Offset{number}, number % 2 == 0 ? "SELECT 1" : "DELETE FROM t"));
    std::vector<std::uint64_t> found;
    const auto note = [&](Hit&& hit) {
        found.push_back(hit.number);
        return found.size() < 3;
    };
    RecordingReader reader{recording_of_bytes(test::bytes_of(entries, 4))};
    ASSERT_TRUE(search(reader, searcher_for({"delete"}), note));
    EXPECT_EQ(found, (std::vector<std::uint64_t>{1, 3, 5}));
}

}  // namespace
}  // namespace curfew::recording

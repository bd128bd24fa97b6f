// An entry is a line of JSON that comes back as it was, whatever bytes it is made of.
#include "recording/entry_json.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/utf8.hpp"
#include "some_entries.hpp"

namespace curfew::recording {
namespace {

using test::one_of_each;
using test::RandomEntries;

TEST(EntryJson, BringsBackEachKind) {
    for (const Entry& entry : one_of_each()) {
        const auto read = read_entry(to_json(entry));
        ASSERT_TRUE(read) << read.error().message << "\n" << to_json(entry);
        EXPECT_EQ(*read, entry) << to_json(entry);
    }
}

TEST(EntryJson, BringsBackWhateverBytesAnEntryIsMadeOf) {
    RandomEntries entries{20261129};
    for (int number = 0; number < 20'000; ++number) {
        const Entry entry = entries.next();
        const std::string line = to_json(entry);
        ASSERT_TRUE(is_utf8(line));
        ASSERT_EQ(line.find('\n'), std::string::npos);
        const auto read = read_entry(line);
        ASSERT_TRUE(read) << read.error().message << "\n" << line;
        ASSERT_EQ(*read, entry) << line;
    }
}

TEST(EntryJson, HasAWordOfItsOwnForEachKind) {
    std::set<std::string_view> words;
    for (const Entry& entry : one_of_each())
        words.insert(kind_of(entry.content));
    EXPECT_EQ(words.size(), entry_kinds.size());
    EXPECT_EQ(kind_of(entry::FunctionCall{}), "function_call");
    EXPECT_EQ(kind_of(entry::Ended{}), "ended");
}

TEST(EntryJson, LeavesOutWhatIsAsUsual) {
    EXPECT_EQ(to_json(test::query_at(Offset{1500}, "SELECT 1")),
              R"({"at":1500,"kind":"query","sql":"SELECT 1"})");
    EXPECT_EQ(to_json({Offset{7}, entry::Execute{}}), R"({"at":7,"kind":"execute"})");
}

TEST(EntryJson, TellsWhatWasCutAndWhatWasRedacted) {
    EXPECT_EQ(to_json({Offset{0}, entry::Query{"SEL", 5000, true}}),
              R"({"at":0,"kind":"query","sql":"SEL","size":5000,"redacted":true})");
}

TEST(EntryJson, WritesTextThatIsNoUtf8AsBase64) {
    EXPECT_EQ(to_json(test::query_at(Offset{0}, "\xe9")), R"({"at":0,"kind":"query","sql_base64":"6Q=="})");
}

TEST(EntryJson, TellsTheFormsOfValuesApart) {
    const entry::Bind bind{"",
                           "",
                           {Value{}, Value{Value::Form::text, "a\"b", 3}, Value{Value::Form::text, "cut", 9},
                            Value{Value::Form::text, "\xe9", 1}, Value{Value::Form::binary, "\x01", 1},
                            Value{Value::Form::redacted, "", 4}}};
    EXPECT_EQ(to_json({Offset{0}, bind}),
              R"({"at":0,"kind":"bind","parameters":[null,"a\"b",{"text":"cut","size":9},)"
              R"({"text_base64":"6Q=="},{"binary":"AQ=="},{"redacted":true,"size":4}]})");
}

TEST(EntryJson, EscapesControlCharacters) {
    EXPECT_EQ(to_json(test::query_at(Offset{0}, "a\nb\t\x1b[0m\x7f")),
              R"({"at":0,"kind":"query","sql":"a\nb\t\u001b[0m\u007f"})");
}

TEST(EntryJson, PassesOverMembersThatAreNotKnown) {
    const auto read = read_entry(R"({"at":1,"kind":"query","sql":"x","plan":{"deep":[1,{"er":2}]}})");
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, test::query_at(Offset{1}, "x"));
}

TEST(EntryJson, ReadsAKindThatIsNotKnownAsAGapThatNamesIt) {
    const std::string line = R"({"at":5,"kind":"teleported","to":"mars"})";
    const auto read = read_entry(line);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->at, Offset{5});
    const auto& gap = std::get<entry::Gap>(read->content);
    EXPECT_NE(gap.what.find("teleported"), std::string::npos);
    EXPECT_EQ(gap.bytes, line.size());
}

TEST(EntryJson, KeepsAnEndWhoseCauseIsNotKnownAnEnd) {
    const auto read = read_entry(R"({"at":5,"kind":"ended","cause":"comet","outcome":"committed"})");
    ASSERT_TRUE(read);
    const auto& ended = std::get<entry::Ended>(read->content);
    EXPECT_EQ(ended.cause, policy::EndCause::failed);
    EXPECT_NE(ended.why.find("comet"), std::string::npos);
    EXPECT_EQ(ended.outcome, policy::TransactionOutcome::committed);
}

TEST(EntryJson, RefusesWhatIsNoEntry) {
    for (const std::string_view line : {"",
                                        "null",
                                        "[]",
                                        "{",
                                        "{}",
                                        R"({"at":1})",
                                        R"({"kind":"query"})",
                                        R"({"at":"1","kind":"query"})",
                                        R"({"at":1.5,"kind":"query"})",
                                        R"({"at":1,"kind":"query","sql":5})",
                                        R"({"at":1,"kind":"query","sql_base64":"?"})",
                                        R"({"at":1,"kind":"query","size":-1})",
                                        R"({"at":1,"kind":"bind","parameters":{}})",
                                        R"({"at":1,"kind":"bind","parameters":[7]})",
                                        R"({"at":1,"kind":"ready","status":"TT"})",
                                        R"({"at":1,"kind":"started","session":"x"})",
                                        R"({"at":1,"kind":"started","time":"yesterday"})",
                                        R"({"at":1,"kind":"copy_started","direction":"up"})",
                                        R"({"at":1,"kind":"parse","parameter_types":[4294967296]})",
                                        R"({"at":9223372036854775807,"kind":"gap"})",
                                        R"({"at":1,"kind":"query"} {})",
                                        "{\"at\":1,\"kind\":\"\xff\"}"}) {
        const auto read = read_entry(line);
        EXPECT_FALSE(read) << line;
    }
}

TEST(EntryJson, NamesTheMemberThatIsWrongAndNotWhatStandsInIt) {
    const auto read = read_entry(R"({"at":1,"kind":"query","sql":["hunter2"]})");
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find("'sql'"), std::string::npos);
    EXPECT_EQ(read.error().message.find("hunter2"), std::string::npos);
}

TEST(EntryJson, IsNotFooledByNesting) {
    EXPECT_FALSE(read_entry(R"({"at":1,"kind":"query","x":)" + std::string(100'000, '[')));
}

}  // namespace
}  // namespace curfew::recording

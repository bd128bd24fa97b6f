// What the file is as YAML: its syntax, its bounds, its keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "config/document.hpp"
#include "loading.hpp"

namespace curfew::config::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Problem only_problem(const std::string& text) {
    const auto result = load_text(text, "curfew.yaml", FakeEnvironment{});
    const auto* problems = std::get_if<std::vector<Problem>>(&result);
    if (problems == nullptr || problems->size() != 1) {
        ADD_FAILURE() << "expected one problem in: " << text;
        return {};
    }
    return problems->front();
}

TEST(ConfigDocument, SmallestFileIsValid) {
    EXPECT_THAT(problems_of(file_with({})), IsEmpty());
}

TEST(ConfigDocument, SyntaxErrorIsReportedAtItsPlace) {
    const auto problem = only_problem("listeners:\n  - address: a\n  nonsense\nresources: {}\n");
    EXPECT_EQ(problem.line, 3);
    EXPECT_THAT(problem.message, HasSubstr("not valid YAML"));
}

TEST(ConfigDocument, QuotedTextMustEnd) {
    for (const std::string quote : {"\"", "'"}) {
        const auto problem = only_problem("store:\n  path: " + quote + "/var/lib/curfew\nworkers: 2\n");
        EXPECT_EQ(problem.line, 2) << quote;
        EXPECT_EQ(problem.column, 9) << quote;
    }
    EXPECT_THAT(problems_of(file_with({{"how_to_ask", R"("say \"please\"")"}})), IsEmpty());
    EXPECT_THAT(problems_of(file_with({{"how_to_ask", "'it''s at #dba'"}})), IsEmpty());
}

TEST(ConfigDocument, OneDocumentOnly) {
    const auto problem = only_problem(file_with({}) + "---\nworkers: 2\n");
    EXPECT_EQ(problem.line, 4);
    EXPECT_THAT(problem.message, HasSubstr("second document"));
}

TEST(ConfigDocument, TagsAreRefused) {
    EXPECT_THAT(only_problem("store: !!binary aGk=\n").message, HasSubstr("tags"));
}

TEST(ConfigDocument, KeysAreText) {
    EXPECT_EQ(only_problem("? [a, b]\n: c\n").message, "a key must be text");
    EXPECT_EQ(only_problem(": c\n").message, "a key must be text");
}

TEST(ConfigDocument, OnlyUtf8WithoutControlCharacters) {
    const auto latin1 = only_problem("how_to_ask: \"caf\xE9\"\n");
    EXPECT_EQ(latin1.column, 17);
    EXPECT_THAT(latin1.message, HasSubstr("0xe9 is not UTF-8"));
    // yaml-cpp would take U+0004 for the end of the file and drop the rest without a word.
    EXPECT_THAT(only_problem("workers: 2\n\x04\nlog: {}\n").message, HasSubstr("control character 0x04"));
    EXPECT_THAT(only_problem(std::string{"workers: \0", 10}).message, HasSubstr("control character 0x00"));
}

TEST(ConfigDocument, RefusesEveryIllFormedUtf8Sequence) {
    for (const std::string bytes : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\xAF", "\xED\xA0\x80", "\xE2\x82",
                                    "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF0\x9F\x92", "\xFF"}) {
        EXPECT_THAT(only_problem("# " + bytes).message, HasSubstr("is not UTF-8"));
    }
    EXPECT_THAT(problems_of("# é € 💡 \xF4\x8F\xBF\xBF\n" + file_with({})), IsEmpty());
}

TEST(ConfigDocument, ByteOrderMarkIsSkipped) {
    EXPECT_THAT(problems_of("\xEF\xBB\xBF" + file_with({})), IsEmpty());
}

TEST(ConfigDocument, WindowsLineEndsAreFine) {
    auto text = file_with({{"warnings", "[5m, 1m]"}});
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2)
        text.replace(at, 1, "\r\n");
    EXPECT_EQ(load_valid(text).store.path, "/var/lib/curfew/curfew.db");
}

TEST(ConfigDocument, CarriageReturnAloneIsRefused) {
    EXPECT_THAT(only_problem("workers: 2\rlog: {}\n").message, HasSubstr("control character 0x0d"));
}

TEST(ConfigDocument, LargerThanOneMebibyteIsRefused) {
    const std::string text = file_with({}) + "#" + std::string(largest_file, '-') + "\n";
    EXPECT_THAT(only_problem(text).message, HasSubstr("larger than 1048576 bytes"));
}

TEST(ConfigDocument, DeepNestingIsRefused) {
    EXPECT_THAT(only_problem(std::string(100'000, '[')).message, HasSubstr("nested more than 16 levels"));
    EXPECT_THAT(only_problem("a: " + std::string(1000, '{')).message, HasSubstr("nested more than 16"));
}

TEST(ConfigDocument, AliasesStandForWhatTheyName) {
    const auto config = load_valid(R"(
listeners:
  - { address: 10.0.0.1:6432, resource: &governed prod }
  - { address: 10.0.0.2:6432, resource: *governed }
resources: { prod: { host: 10.0.0.5 } }
store: { path: /var/lib/curfew/curfew.db }
)");
    ASSERT_EQ(config.listeners.size(), 2U);
    EXPECT_EQ(config.listeners[1].resource, "prod");
}

TEST(ConfigDocument, AliasesCannotMultiplyWithoutBound) {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 12; ++i) {
        const auto before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int copies = 1; copies < 10; ++copies)
            bomb += ", " + before;
        bomb += "]\n";
    }
    EXPECT_THAT(only_problem(bomb).message, HasSubstr("more than 100000 values"));
}

TEST(ConfigDocument, AliasInsideItselfIsRefused) {
    EXPECT_THAT(only_problem("store: &s { path: *s }\n").message, HasSubstr("inside what it names"));
}

TEST(ConfigDocument, UnknownKeyIsRefusedWithTheNearestKnownOne) {
    EXPECT_THAT(problems_of(file_with({{"listener", "[]"}})),
                OnlyProblem("listener", "did you mean 'listeners'?"));
    EXPECT_THAT(problems_of(file_with({{"timeouts", "{ handhsake: 5s }"}})),
                OnlyProblem("timeouts.handhsake", "did you mean 'handshake'?"));
}

TEST(ConfigDocument, UnknownKeyFarFromAllIsRefusedWithTheListOfKnownOnes) {
    EXPECT_THAT(problems_of(file_with({{"log", "{ colour: red }"}})),
                OnlyProblem("log.colour", "unknown key; known here: format, level"));
}

TEST(ConfigDocument, DuplicateKeyIsRefusedAtEveryLevel) {
    EXPECT_THAT(problems_of(file_with({}) + "workers: 1\nworkers: 2\n"),
                OnlyProblem("workers", "is given twice; the first is on line 4"));
    EXPECT_THAT(problems_of(file_with({{"limits", "{ sessions: 1, sessions: 2 }"}})),
                OnlyProblem("limits.sessions", "is given twice"));
    EXPECT_THAT(problems_of(file_with({{"resources", "{ a: { host: h }, a: { host: i } }"}})),
                OnlyProblem("resources.a", "is given twice"));
}

TEST(ConfigDocument, MissingSectionsAreAllReported) {
    EXPECT_THAT(problems_of(""),
                ElementsAre(": the key 'listeners' is missing", ": the key 'store' is missing"));
}

TEST(ConfigDocument, TopLevelIsAMapping) {
    EXPECT_THAT(problems_of("- a\n- b\n"), ElementsAre(": expected a mapping, found a list"));
    EXPECT_THAT(problems_of("curfew"), ElementsAre(": expected a mapping, found text"));
}

TEST(ConfigDocument, SectionWithAllItsKeysCommentedOutIsEmpty) {
    const auto config = load_valid(file_with({{"timeouts", ""}, {"log", ""}, {"users", ""}}));
    EXPECT_EQ(config.timeouts.handshake, std::chrono::seconds{15});
}

TEST(ConfigDocument, BrokenSectionHidesNothingOfTheOthers) {
    const auto problems = problems_of(R"(
listeners: none
resources: { prod: { host: h, port: abc, login: nobody } }
store: { max_staleness: soon }
limits: [1]
workers: many
)");
    EXPECT_THAT(
        problems,
        ElementsAre(HasSubstr("listeners: expected a list, found 'none'"),
                    HasSubstr("resources.prod.port: expected a number"),
                    HasSubstr("resources.prod.login: expected one of passthrough, managed"),
                    HasSubstr("store: names neither a 'path' nor"), HasSubstr("store.max_staleness"),
                    HasSubstr("limits: expected a mapping"), HasSubstr("workers: expected a number")));
}

TEST(ConfigDocument, ProblemsAreInTheOrderOfTheFile) {
    const auto result = load_text("workers: x\nstore: {}\nlog: { level: loud }\n", "f", FakeEnvironment{});
    const auto& problems = std::get<std::vector<Problem>>(result);
    EXPECT_TRUE(std::is_sorted(problems.begin(), problems.end(),
                               [](const Problem& a, const Problem& b) { return a.line < b.line; }));
    EXPECT_EQ(problems.size(), 4U);
}

TEST(ConfigProblem, ReadsAsFileLineColumnKeyMessage) {
    const auto problem = only_problem(
        "listeners: [{ address: 0.0.0.0:6432 }]\n"
        "store: { path: /s }\n"
        "resources:\n"
        "  prod:\n"
        "    host: db\n"
        "    port: abc\n");
    EXPECT_EQ(to_string(problem),
              "curfew.yaml:6:5: resources.prod.port: expected a number from 1 to 65535, found 'abc'");
}

TEST(ConfigProblem, OfTheWholeFileHasNoPosition) {
    EXPECT_EQ(to_string(Problem{"curfew.yaml", 0, 0, "", "cannot be read"}), "curfew.yaml: cannot be read");
}

TEST(ConfigProblem, SuggestionsAreMadePrintableToo) {
    const auto text = file_with({{"users", "{ \"ali\\ece\": {} }"}, {"groups", "{ dba: [alice] }"}});
    EXPECT_THAT(problems_of(text), ::testing::Contains(HasSubstr("did you mean 'ali\\x1bce'?")));
}

TEST(ConfigProblem, TerminalEscapesInTheFileAreNotPassedOn) {
    const auto problem = only_problem(file_with({{"\"k\\e[31m\"", "1"}}));
    EXPECT_THAT(to_string(problem), HasSubstr("k\\x1b[31m"));
}

}  // namespace
}  // namespace curfew::config::test

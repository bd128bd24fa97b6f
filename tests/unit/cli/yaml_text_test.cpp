// YAML out and in.
#include "cli/yaml_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace curfew::cli {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

TEST(YamlText, IsWhatAPersonWouldWrite) {
    const auto document = json::parse(
        R"({"rules":{"prod":{"approval_groups":["dba","sec urity"],"min_approvals":2,"reason_required":true,)"
        R"("attributes":{"env":"prod"},"empty":{}}}})");
    EXPECT_EQ(to_yaml(document.get_object()),
              "rules:\n"
              "  prod:\n"
              "    approval_groups: [dba, \"sec urity\"]\n"
              "    min_approvals: 2\n"
              "    reason_required: true\n"
              "    attributes:\n"
              "      env: prod\n"
              "    empty: {}\n");
}

TEST(YamlText, ComesBackAsItWas) {
    json::object texts;
    int number = 0;
    for (const char* text :
         {"true", "no",   "NULL", "~",   "007",   "1e3",         "0x10",       "",         " x ", "a: b",
          "- a",  "#x",   "a #b", "'q'", "\"q\"", "line\nbreak", "tab\t",      "\xc3\xa9", "{a}", "[a]",
          "*a",   "&a",   "!a",   "%a",  "@a",    "a\\b",        "2026-11-25", "-",        "?",   "y",
          "On",   "\x01", "\x7f", "a,b", "<<",    "=",           "C:\\x"}) {
        texts["key-" + std::to_string(number++)] = text;
        texts[text] = "as a key";
    }
    const json::object document{{"users", texts}, {"list", json::array{"true", "a, b", "]", ""}}};
    const auto back = parse_yaml(to_yaml(document));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(json::serialize(*back), json::serialize(document));
}

TEST(YamlText, KnowsWhichSettingsAreNumbersAndFlags) {
    const auto value =
        parse_yaml("{port: 5433, min_approvals: 2, reason_required: true, name: 5433, x: yes}");
    ASSERT_TRUE(value);
    EXPECT_EQ(json::serialize(*value),
              R"({"port":5433,"min_approvals":2,"reason_required":true,"name":"5433","x":"yes"})");
}

TEST(YamlText, SaysInWhichLineItIsWrong) {
    EXPECT_THAT(parse_yaml("a: 1\nb: [\n").error().message, HasSubstr("Line "));
    EXPECT_THAT(parse_yaml("a: 1\na: 2\n").error().message, HasSubstr("stands there twice"));
}

TEST(YamlText, RefusesAliasesThatStandForMoreThanFits) {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        const auto inner = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + inner;
        for (int j = 0; j < 9; ++j)
            bomb += ", " + inner;
        bomb += "]\n";
    }
    EXPECT_THAT(parse_yaml(bomb).error().message, HasSubstr("there is too much in it"));
}

TEST(YamlText, RefusesWhatIsNestedWithoutEnd) {
    EXPECT_FALSE(parse_yaml(std::string(100, '[') + std::string(100, ']')));
}

}  // namespace
}  // namespace curfew::cli

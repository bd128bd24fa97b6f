// Which rules apply to somebody, and what they say together.
#include "policy/terms.hpp"

#include <gtest/gtest.h>

namespace curfew::policy {
namespace {

using namespace std::chrono_literals;

const std::map<std::string, std::string> production{{"env", "prod"}, {"team", "shop"}};

Rule rule_for(std::string name, std::set<std::string, std::less<>> resources) {
    Rule rule;
    rule.name = std::move(name);
    rule.resources = std::move(resources);
    return rule;
}

Directory directory() {
    Directory result;
    result.add_member("developers", "erin").value();
    result.add_member("oncall", "erin").value();
    result.add_alias("e.r", "erin").value();
    result.add_user("olaf").value();
    return result;
}

TEST(Rule, CoversResourcesByName) {
    const Rule rule = rule_for("one", {"prod", "staging"});
    EXPECT_TRUE(rule.covers("prod", {}, RequestType::jit));
    EXPECT_FALSE(rule.covers("test", {}, RequestType::jit));
    EXPECT_FALSE(rule.covers("PROD", {}, RequestType::jit));
}

TEST(Rule, CoversResourcesThatHaveAllOfItsAttributes) {
    Rule rule;
    rule.attributes = {{"env", "prod"}, {"team", "shop"}};
    EXPECT_TRUE(rule.covers("any", production, RequestType::jit));
    EXPECT_FALSE(rule.covers("any", {{"env", "prod"}}, RequestType::jit));
    EXPECT_FALSE(rule.covers("any", {{"env", "prod"}, {"team", "bank"}}, RequestType::jit));
}

TEST(Rule, CoversThoseByNameBesideThoseByAttributes) {
    Rule rule = rule_for("one", {"special"});
    rule.attributes = {{"env", "prod"}};
    EXPECT_TRUE(rule.covers("special", {}, RequestType::jit));
    EXPECT_TRUE(rule.covers("any", production, RequestType::jit));
}

TEST(Rule, WithoutNamesAndAttributesCoversNothing) {
    EXPECT_FALSE(Rule{}.covers("prod", production, RequestType::jit));
}

TEST(Rule, CoversItsTypesOfRequestAlone) {
    Rule rule = rule_for("one", {"prod"});
    EXPECT_FALSE(rule.covers("prod", {}, RequestType::command));
    rule.types = {RequestType::command};
    EXPECT_TRUE(rule.covers("prod", {}, RequestType::command));
    EXPECT_FALSE(rule.covers("prod", {}, RequestType::jit));
}

TEST(Terms, AreTheShortestDurationsOfAllRules) {
    Rule one = rule_for("one", {"prod"});
    one.max_duration = 4h;
    one.default_duration = 30min;
    one.break_glass_duration = 20min;
    Rule other = rule_for("other", {"prod"});
    other.max_duration = 2h;
    other.default_duration = 45min;
    other.break_glass_duration = 10min;
    const Rules rules{one, other};
    const Terms terms = terms_for("erin", {"prod", {}}, RequestType::jit, rules, directory());
    EXPECT_EQ(terms.max_duration, Duration{2h});
    EXPECT_EQ(terms.default_duration, Duration{30min});
    EXPECT_EQ(terms.break_glass_duration, Duration{10min});
}

TEST(Terms, HaveNoDefaultOrCapAboveTheMaximum) {
    Rule rule = rule_for("one", {"prod"});
    rule.max_duration = 15min;
    const Rules rules{rule};
    const Terms terms = terms_for("erin", {"prod", {}}, RequestType::jit, rules, directory());
    EXPECT_EQ(terms.default_duration, Duration{15min});
    EXPECT_EQ(terms.break_glass_duration, Duration{15min});
}

TEST(Terms, NameTheRulesThatApplyInTheirOrder) {
    Rule foreign = rule_for("foreign", {"prod"});
    foreign.required_groups = {"dba"};
    const Rules rules{rule_for("a", {"prod"}), foreign, rule_for("z", {"prod"}), rule_for("zz", {"test"})};
    const Terms terms = terms_for("erin", {"prod", {}}, RequestType::jit, rules, directory());
    ASSERT_EQ(terms.rules.size(), 2U);
    EXPECT_EQ(terms.rules[0], &rules[0]);
    EXPECT_EQ(terms.rules[1], &rules[2]);
}

TEST(Terms, AreNotBoundByARuleForOthers) {
    Rule foreign = rule_for("foreign", {"prod"});
    foreign.required_groups = {"dba"};
    foreign.max_duration = 1min;
    foreign.reason_required = true;
    const Rules rules{foreign, rule_for("own", {"prod"})};
    const Terms terms = terms_for("erin", {"prod", {}}, RequestType::jit, rules, directory());
    EXPECT_EQ(terms.max_duration, Rule{}.max_duration);
    EXPECT_FALSE(terms.reason_required);
}

TEST(Terms, RequireAReasonWhereOneRuleDoes) {
    Rule ticket = rule_for("ticket", {"prod"});
    ticket.reason_pattern = ReasonPattern::parse("INC").value();
    const Rules rules{rule_for("own", {"prod"}), ticket};
    EXPECT_TRUE(terms_for("erin", {"prod", {}}, RequestType::jit, rules, directory()).reason_required);
}

TEST(Terms, LetBreakTheGlassWhereEveryRuleDoes) {
    Rule oncall = rule_for("oncall", {"prod"});
    oncall.break_glass_groups = {"oncall"};
    oncall.skip_review_groups = {"oncall"};
    const Rules one{oncall};
    const Rules both{oncall, rule_for("strict", {"prod"})};
    const Terms alone = terms_for("erin", {"prod", {}}, RequestType::jit, one, directory());
    EXPECT_TRUE(alone.may_break_glass);
    EXPECT_TRUE(alone.skips_review);
    const Terms together = terms_for("erin", {"prod", {}}, RequestType::jit, both, directory());
    EXPECT_FALSE(together.may_break_glass);
    EXPECT_FALSE(together.skips_review);
    const Terms of_another = terms_for("olaf", {"prod", {}}, RequestType::jit, one, directory());
    EXPECT_FALSE(of_another.may_break_glass);
    EXPECT_FALSE(of_another.skips_review);
}

TEST(Terms, AreReviewedByTheGroupsOfAllRules) {
    Rule one = rule_for("one", {"prod"});
    one.approval_groups = {"dba"};
    one.force_approval_groups = {"leads"};
    Rule other = rule_for("other", {"prod"});
    other.approval_groups = {"security", "dba"};
    const Rules rules{one, other};
    const Terms terms = terms_for("erin", {"prod", {}}, RequestType::jit, rules, directory());
    EXPECT_EQ(terms.reviewing_groups(), (GroupNames{"dba", "leads", "security"}));
}

TEST(Terms, KnowWhetherTheResourceIsCoveredForOthers) {
    Rule foreign = rule_for("foreign", {"prod"});
    foreign.required_groups = {"dba"};
    const Rules rules{foreign};
    const Terms others = terms_for("erin", {"prod", {}}, RequestType::jit, rules, directory());
    EXPECT_FALSE(others.may_ask());
    EXPECT_TRUE(others.covered);
    const Terms closed = terms_for("erin", {"test", {}}, RequestType::jit, rules, directory());
    EXPECT_FALSE(closed.may_ask());
    EXPECT_FALSE(closed.covered);
}

TEST(Terms, AreTheSameUnderEveryNameOfAPerson) {
    Rule rule = rule_for("own", {"prod"});
    rule.required_groups = {"developers"};
    const Rules rules{rule};
    for (const auto* name : {"erin", "ERIN", "e.r", "E.R"})
        EXPECT_TRUE(terms_for(name, {"prod", {}}, RequestType::jit, rules, directory()).may_ask()) << name;
}

TEST(Terms, OfAResourceThatIsGoneLetNobodyAsk) {
    const Rules rules{rule_for("own", {"prod"})};
    const Terms terms = terms_for("erin", {"prod", {}, false}, RequestType::jit, rules, directory());
    EXPECT_FALSE(terms.may_ask());
    EXPECT_FALSE(terms.covered);
}

TEST(Explanation, SaysOfEveryRuleWhetherItApplies) {
    Rule foreign = rule_for("foreign", {"prod"});
    foreign.required_groups = {"dba"};
    Rule commands = rule_for("commands", {"prod"});
    commands.types = {RequestType::command};
    const Rules rules{commands, foreign, rule_for("own", {"prod"}), rule_for("test", {"test"})};
    const auto explanation = explain("erin", {"prod", {}}, RequestType::jit, rules, directory());
    std::vector<std::string> lines;
    for (const auto& line : explanation.lines)
        lines.push_back(line.rule->name + " " + std::string{to_string(line.applies)});
    EXPECT_EQ(lines, (std::vector<std::string>{"commands other_type", "foreign not_in_groups", "own yes",
                                               "test other_resource"}));
    EXPECT_EQ(explanation.terms.rules.size(), 1U);
}

TEST(Explanation, OfAStrangerHasNoRuleThatApplies) {
    const Rules rules{rule_for("own", {"prod"})};
    const auto explanation = explain("mallory", {"prod", {}}, RequestType::jit, rules, directory());
    EXPECT_EQ(explanation.lines[0].applies, Applies::not_in_groups);
    EXPECT_FALSE(explanation.terms.may_ask());
}

}  // namespace
}  // namespace curfew::policy

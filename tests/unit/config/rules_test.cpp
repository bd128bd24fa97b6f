#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "loading.hpp"

namespace curfew::config::test {
namespace {

using namespace std::chrono_literals;
using policy::RequestType;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// Two people each in dba and security, one in leads, nobody in empty; alice is in both dba and leads.
const std::string users = "{ alice: {}, bob: {}, carol: {}, dave: {} }";
const std::string groups =
    "{ dba: [alice, bob], security: [carol, dave], leads: [alice], developers: [carol], empty: [] }";
const std::string resources =
    "{ prod: { host: h, attributes: { env: prod, team: orders } }, test: { host: i, attributes: { env: test "
    "} } }";

std::string with_rules(const std::string& rules, const std::string& more = "") {
    return file_with({{"users", users}, {"groups", groups}, {"resources", resources}, {"rules", rules}}) +
           more;
}
// A rule for prod, approved by dba, that says this as well.
std::string with_rule(const std::string& more) {
    return with_rules("{ r: { resources: [prod], approval_groups: [dba], " + more + " } }");
}
policy::Rule load_rule(const std::string& more) {
    const auto config = load_valid(with_rule(more));
    const auto* rule = config.find_rule("r");
    return rule == nullptr ? policy::Rule{} : *rule;
}
// A rule for prod that says this about who approves.
std::vector<std::string> problems_of_approval(const std::string& approval) {
    return problems_of(with_rules("{ r: { resources: [prod], " + approval + " } }"));
}

TEST(ConfigRule, NeedsAResourceAndAnApprovalGroupOnly) {
    const auto config = load_valid(with_rules("{ r: { resources: [prod], approval_groups: [dba] } }"));
    const auto* rule = config.find_rule("r");
    ASSERT_NE(rule, nullptr);
    EXPECT_EQ(rule->name, "r");
    EXPECT_THAT(rule->types, ElementsAre(RequestType::jit));
    EXPECT_THAT(rule->resources, ElementsAre("prod"));
    EXPECT_THAT(rule->required_groups, IsEmpty());
    EXPECT_THAT(rule->approval_groups, ElementsAre("dba"));
    EXPECT_FALSE(rule->require_all_groups);
    EXPECT_EQ(rule->min_approvals, 1U);
    EXPECT_EQ(rule->max_duration, 8h);
    EXPECT_EQ(rule->default_duration, 1h);
    EXPECT_EQ(rule->break_glass_duration, 30min);
    EXPECT_FALSE(rule->reason_required);
    EXPECT_FALSE(rule->reason_pattern);
    EXPECT_FALSE(rule->allowed_times);
    EXPECT_EQ(config.find_rule("s"), nullptr);
}

TEST(ConfigRule, IsTakenFromTheFile) {
    const auto config = load_valid(with_rules(R"({ r: {
        description: Orders, types: [command, jit], resources: [prod], attributes: { env: prod, team: orders },
        required_groups: [developers], approval_groups: [dba, security], require_all_groups: true,
        min_approvals: 3, force_approval_groups: [leads], skip_review_groups: [security],
        break_glass_groups: [dba], max_duration: 4h, default_duration: 30m, break_glass_duration: 15m,
        reason_pattern: 'OPS-[0-9]+', allowed_times: { time_zone: Europe/Berlin, windows: ["Mon-Fri 08:00-18:00"] }
    } })"));
    const auto* rule = config.find_rule("r");
    ASSERT_NE(rule, nullptr);
    EXPECT_EQ(rule->description, "Orders");
    EXPECT_THAT(rule->types, ElementsAre(RequestType::jit, RequestType::command));
    EXPECT_THAT(rule->attributes, ElementsAre(Pair("env", "prod"), Pair("team", "orders")));
    EXPECT_THAT(rule->required_groups, ElementsAre("developers"));
    EXPECT_THAT(rule->approval_groups, ElementsAre("dba", "security"));
    EXPECT_TRUE(rule->require_all_groups);
    EXPECT_EQ(rule->min_approvals, 3U);
    EXPECT_THAT(rule->force_approval_groups, ElementsAre("leads"));
    EXPECT_THAT(rule->skip_review_groups, ElementsAre("security"));
    EXPECT_THAT(rule->break_glass_groups, ElementsAre("dba"));
    EXPECT_EQ(rule->max_duration, 4h);
    EXPECT_EQ(rule->default_duration, 30min);
    EXPECT_EQ(rule->break_glass_duration, 15min);
    ASSERT_TRUE(rule->reason_pattern);
    EXPECT_TRUE(rule->reason_pattern->matches("OPS-1"));
    EXPECT_TRUE(rule->reason_required);
    ASSERT_TRUE(rule->allowed_times);
    EXPECT_EQ(rule->allowed_times->time_zone(), "Europe/Berlin");
}

TEST(ConfigRules, ComeOutInTheOrderOfTheirNames) {
    const auto config =
        load_valid(with_rules("{ b: { resources: [prod], approval_groups: [dba] }, a: { resources: [test], "
                              "approval_groups: [dba] } }"));
    ASSERT_EQ(config.rules.size(), 2U);
    EXPECT_EQ(config.rules[0].name, "a");
    EXPECT_EQ(config.rules[1].name, "b");
}

TEST(ConfigRule, NameIsPlain) {
    EXPECT_THAT(problems_of(with_rules("{ 'a b': { resources: [prod], approval_groups: [dba] } }")),
                OnlyProblem("rules.a b", "A-Z a-z 0-9"));
}

TEST(ConfigRule, CoversSomething) {
    EXPECT_THAT(problems_of(with_rules("{ r: { approval_groups: [dba] } }")),
                OnlyProblem("rules.r", "covers nothing"));
    EXPECT_THAT(problems_of(with_rules("{ r: { approval_groups: [dba], resources: [], attributes: {} } }")),
                OnlyProblem("rules.r", "covers nothing"));
    EXPECT_THAT(problems_of(with_rules("{ r: { approval_groups: [dba], attributes: { env: prod } } }")),
                IsEmpty());
    // What cannot be read is not reported as missing too.
    EXPECT_THAT(problems_of(with_rules("{ r: { approval_groups: [dba], resources: prod } }")),
                OnlyProblem("rules.r.resources", "expected a list"));
}

TEST(ConfigRule, ResourcesAndGroupsMustExist) {
    EXPECT_THAT(problems_of(with_rules("{ r: { resources: [prdo], approval_groups: [dba] } }")),
                OnlyProblem("rules.r.resources", "there is no resource 'prdo' (did you mean 'prod'?)"));
    for (const std::string key :
         {"required_groups", "force_approval_groups", "skip_review_groups", "break_glass_groups"}) {
        EXPECT_THAT(problems_of(with_rule(key + ": [scurity]")),
                    OnlyProblem("rules.r." + key, "there is no group 'scurity' (did you mean 'security'?)"));
    }
    EXPECT_THAT(problems_of_approval("approval_groups: [dbaa]"),
                OnlyProblem("rules.r.approval_groups", "there is no group 'dbaa' (did you mean 'dba'?)"));
}

TEST(ConfigRule, AdministratorsAreAGroupEvenWhereNobodyIsOne) {
    EXPECT_THAT(problems_of(with_rule("required_groups: [administrators]")), IsEmpty());
}

TEST(ConfigRule, GroupIsListedOnce) {
    EXPECT_THAT(problems_of_approval("approval_groups: [dba, dba]"),
                OnlyProblem("rules.r.approval_groups[1]", "'dba' is listed twice"));
}

TEST(ConfigRule, SomebodyApproves) {
    EXPECT_THAT(problems_of_approval("required_groups: [dba]"),
                OnlyProblem("rules.r", "nobody could approve"));
    EXPECT_THAT(problems_of_approval("approval_groups: []"), OnlyProblem("rules.r", "nobody could approve"));
    EXPECT_THAT(problems_of_approval("force_approval_groups: [leads]"), IsEmpty());
    EXPECT_THAT(problems_of_approval("skip_review_groups: [leads]"), IsEmpty());
}

TEST(ConfigRule, SomebodyReviewsWhatBreakGlassDid) {
    EXPECT_THAT(problems_of_approval("skip_review_groups: [dba], break_glass_groups: [dba]"),
                OnlyProblem("rules.r.break_glass_groups", "nobody could review"));
    EXPECT_THAT(problems_of_approval("force_approval_groups: [dba], break_glass_groups: [dba]"), IsEmpty());
}

TEST(ConfigRule, ApprovalsAreNoMoreThanTherePeople) {
    EXPECT_THAT(problems_of_approval("approval_groups: [dba], min_approvals: 2"), IsEmpty());
    EXPECT_THAT(
        problems_of_approval("approval_groups: [dba], min_approvals: 3"),
        OnlyProblem("rules.r.approval_groups", "3 people must approve, and these groups have 2 people"));
    // alice, in both, is one person.
    EXPECT_THAT(problems_of_approval("approval_groups: [dba, leads], min_approvals: 3"),
                OnlyProblem("rules.r.approval_groups", "these groups have 2 people"));
    EXPECT_THAT(
        problems_of_approval("approval_groups: [empty]"),
        OnlyProblem("rules.r.approval_groups", "one person must approve, and these groups have nobody"));
}

TEST(ConfigRule, EveryGroupThatMustApproveHasSomebodyOfItsOwn) {
    const std::string all = ", require_all_groups: true";
    EXPECT_THAT(problems_of_approval("approval_groups: [dba, empty]" + all),
                OnlyProblem("rules.r.approval_groups", "'empty' has nobody"));
    EXPECT_THAT(problems_of(file_with(
                    {{"users", "{ alice: {} }"},
                     {"groups", "{ dba: [alice], leads: [alice] }"},
                     {"rules", "{ r: { resources: [prod], approval_groups: [dba, leads]" + all + " } }"}})),
                OnlyProblem("rules.r.approval_groups", "each of 2 groups must, by a different person"));
    EXPECT_THAT(problems_of_approval("approval_groups: [dba, leads]" + all), IsEmpty());
}

TEST(ConfigRule, WithForcedOrSkippedReviewNeedsNoMajority) {
    EXPECT_THAT(problems_of_approval("approval_groups: [empty], force_approval_groups: [leads]"), IsEmpty());
    EXPECT_THAT(problems_of_approval("approval_groups: [empty], skip_review_groups: [leads]"), IsEmpty());
    EXPECT_THAT(problems_of_approval("approval_groups: [empty], force_approval_groups: [empty]"),
                OnlyProblem("rules.r.approval_groups", "nobody"));
}

TEST(ConfigRule, GroupsThatTheProviderFillsMayBeEmptyHere) {
    const std::string rules = "{ r: { resources: [prod], approval_groups: [empty] } }";
    const std::string oidc = "sign_in: { oidc: { issuer: 'https://id.example.com', client_id: curfew";
    EXPECT_THAT(problems_of(with_rules(rules, oidc + " } }\n")), IsEmpty());
    EXPECT_THAT(problems_of(with_rules(rules, oidc + ", groups_claim: '' } }\n")),
                OnlyProblem("rules.r.approval_groups", "nobody"));
}

TEST(ConfigRule, ApprovalsAreAtLeastOne) {
    EXPECT_THAT(problems_of(with_rule("min_approvals: 0")),
                OnlyProblem("rules.r.min_approvals", "expected a number from 1 to 100, found '0'"));
}

TEST(ConfigRule, TypesAreJitAndCommand) {
    EXPECT_THAT(load_rule("types: [command]").types, ElementsAre(RequestType::command));
    EXPECT_THAT(problems_of(with_rule("types: []")), OnlyProblem("rules.r.types", "the list is empty"));
    EXPECT_THAT(problems_of(with_rule("types: [jit, jit]")), OnlyProblem("rules.r.types[1]", "listed twice"));
    EXPECT_THAT(problems_of(with_rule("types: [ssh]")),
                OnlyProblem("rules.r.types[0]", "expected one of jit, command"));
}

TEST(ConfigRule, DurationsAreWithinTheLongest) {
    EXPECT_THAT(problems_of(with_rule("max_duration: 2h, default_duration: 2h, break_glass_duration: 2h")),
                IsEmpty());
    EXPECT_THAT(problems_of(with_rule("max_duration: 2h, default_duration: 2h1s")),
                OnlyProblem("rules.r.default_duration", "2h1s is longer than 'max_duration', which is 2h"));
    EXPECT_THAT(problems_of(with_rule("max_duration: 10m, break_glass_duration: 11m")),
                OnlyProblem("rules.r.break_glass_duration", "longer than 'max_duration'"));
    EXPECT_THAT(problems_of(with_rule("max_duration: 0s, default_duration: 20h")),
                ElementsAre(HasSubstr("rules.r.max_duration")));
}

TEST(ConfigRule, UsualDurationsAreCutToTheLongest) {
    const auto rule = load_rule("max_duration: 10m");
    EXPECT_EQ(rule.default_duration, 10min);
    EXPECT_EQ(rule.break_glass_duration, 10min);
}

TEST(ConfigRule, BreakGlassIsShort) {
    EXPECT_THAT(problems_of(with_rule("break_glass_duration: 4h")), IsEmpty());
    EXPECT_THAT(problems_of(with_rule("break_glass_duration: 4h1s")),
                OnlyProblem("rules.r.break_glass_duration", "from 1s to 4h"));
}

TEST(ConfigRule, DurationsAreWholeSeconds) {
    EXPECT_THAT(problems_of(with_rule("max_duration: 1s500ms")),
                OnlyProblem("rules.r.max_duration", "in whole seconds"));
}

TEST(ConfigRule, ReasonPatternIsARegularExpression) {
    EXPECT_THAT(problems_of(with_rule("reason_pattern: 'OPS-['")), OnlyProblem("rules.r.reason_pattern", ""));
    EXPECT_THAT(problems_of(with_rule("reason_pattern: 'OPS-1', reason_required: false")),
                OnlyProblem("rules.r.reason_required", "makes a reason required"));
    EXPECT_TRUE(load_rule("reason_required: true").reason_required);
}

TEST(ConfigRule, AllowedTimesHaveAZoneAndWindows) {
    EXPECT_THAT(problems_of(with_rule("allowed_times: { time_zone: UTC }")),
                OnlyProblem("rules.r.allowed_times", "the key 'windows' is missing"));
    EXPECT_THAT(problems_of(with_rule("allowed_times: { windows: ['Mon 08:00-18:00'] }")),
                OnlyProblem("rules.r.allowed_times", "the key 'time_zone' is missing"));
    EXPECT_THAT(problems_of(with_rule("allowed_times: { time_zone: UTC, windows: [] }")),
                OnlyProblem("rules.r.allowed_times.windows", "expected 1 to 100 windows"));
    EXPECT_THAT(
        problems_of(with_rule("allowed_times: { time_zone: Europe/Bonn, windows: ['Mon 08:00-18:00'] }")),
        OnlyProblem("rules.r.allowed_times.time_zone", "Europe/Bonn"));
    EXPECT_THAT(problems_of(with_rule(
                    "allowed_times: { time_zone: UTC, windows: ['Mon 08:00-18:00', 'Moon 08:00-18:00'] }")),
                OnlyProblem("rules.r.allowed_times.windows[1]", "Moon"));
}

TEST(ConfigRule, OfCommandsSaysWhatRunsWithoutAsking) {
    const auto rule = load_rule(
        "types: [command], "
        "allowed_statements: { select: [public.orders, analytics.*, lookup], functions: [public.total] }");
    EXPECT_THAT(rule.allowed_statements.select,
                ElementsAre(sql::ObjectPattern{"public", "orders"}, sql::ObjectPattern{"analytics", "*"},
                            sql::ObjectPattern{"", "lookup"}));
    EXPECT_THAT(rule.allowed_statements.functions, ElementsAre(sql::ObjectPattern{"public", "total"}));
}

TEST(ConfigRule, OfCommandsAllowsNothingByItself) {
    const auto rule = load_rule("types: [jit, command]");
    EXPECT_EQ(rule.allowed_statements, sql::AllowedStatements{});
}

TEST(ConfigRule, OfNoCommandsSaysNothingOfStatements) {
    EXPECT_THAT(problems_of(with_rule("allowed_statements: { select: [public.orders] }")),
                OnlyProblem("rules.r.allowed_statements", "add command to its 'types'"));
    // What its types are is not known.
    EXPECT_THAT(problems_of(with_rule("types: [commands], allowed_statements: { select: [orders] }")),
                OnlyProblem("rules.r.types[0]", "expected one of jit, command"));
}

TEST(ConfigRule, OfCommandsSaysWhatIsSeenOfThemBeforehand) {
    EXPECT_EQ(load_rule("types: [command]").preview, policy::PreviewMode::off);
    EXPECT_EQ(load_rule("types: [jit, command], preview: off").preview, policy::PreviewMode::off);
    EXPECT_EQ(load_rule("types: [command], preview: explain").preview, policy::PreviewMode::explain);
    EXPECT_EQ(load_rule("types: [command], preview: dry_run").preview, policy::PreviewMode::dry_run);
}

TEST(ConfigRule, HasNoPreviewOfItsOwnMaking) {
    EXPECT_THAT(problems_of(with_rule("types: [command], preview: analyze")),
                OnlyProblem("rules.r.preview", "expected one of off, explain, dry_run"));
}

TEST(ConfigRule, OfNoCommandsHasNoPreview) {
    EXPECT_THAT(problems_of(with_rule("preview: explain")),
                OnlyProblem("rules.r.preview", "add command to its 'types'"));
    EXPECT_EQ(load_rule("preview: off").preview, policy::PreviewMode::off);
    // What its types are is not known.
    EXPECT_THAT(problems_of(with_rule("types: [commands], preview: explain")),
                OnlyProblem("rules.r.types[0]", "expected one of jit, command"));
}

TEST(ConfigRule, AllowedStatementsNameTablesAndFunctions) {
    const auto problems = [](const std::string& select) {
        return problems_of(with_rule("types: [command], allowed_statements: { select: " + select + " }"));
    };
    EXPECT_THAT(problems("orders"), OnlyProblem("rules.r.allowed_statements.select", "expected a list"));
    EXPECT_THAT(problems("[public.orders, '*']"),
                OnlyProblem("rules.r.allowed_statements.select[1]", "'*' is no name of a table"));
    EXPECT_THAT(problems("[public.ord*]"),
                OnlyProblem("rules.r.allowed_statements.select[0]", "'public.ord*' is no name"));
    EXPECT_THAT(problems("[orders, public.orders, orders]"),
                OnlyProblem("rules.r.allowed_statements.select[2]", "'orders' is listed twice"));
    EXPECT_THAT(problems_of(with_rule("types: [command], allowed_statements: { selects: [orders] }")),
                OnlyProblem("rules.r.allowed_statements.selects", "select"));
}

TEST(ConfigRule, ForAttributesThatNoResourceHasIsRemarkedUpon) {
    const auto rule = [](const std::string& attributes) {
        return with_rules("{ r: { approval_groups: [dba], attributes: " + attributes + " } }");
    };
    EXPECT_THAT(load_valid(rule("{ env: prod, team: orders }")).remarks, IsEmpty());
    const auto remarks = load_valid(rule("{ env: test, team: orders }")).remarks;
    ASSERT_EQ(remarks.size(), 1U);
    EXPECT_EQ(remarks[0].key, "rules.r.attributes");
    EXPECT_EQ(remarks[0].line, 6);
    EXPECT_THAT(remarks[0].message, HasSubstr("no resource has all of these"));
}

TEST(ConfigRule, EveryProblemOfOneIsReported) {
    EXPECT_THAT(problems_of(with_rules("{ r: { resources: [prod], approval_groups: [dba], approvals: 2, "
                                       "min_approvals: 0, max_duration: long, types: [x], "
                                       "reason_required: perhaps } }")),
                ElementsAre(HasSubstr("rules.r.approvals: unknown key"), HasSubstr("rules.r.min_approvals"),
                            HasSubstr("rules.r.max_duration"), HasSubstr("rules.r.types[0]"),
                            HasSubstr("rules.r.reason_required")));
}

}  // namespace
}  // namespace curfew::config::test

// What the file declares and what was made live, as one configuration.
#include "config/merge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loading.hpp"

namespace curfew::config::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Declared declare(const std::vector<std::pair<std::string, std::string>>& sections) {
    auto result = load_declared_text(file_with(sections), "/etc/curfew/curfew.yaml", FakeEnvironment{});
    if (auto* declared = std::get_if<Declared>(&result)) return std::move(*declared);
    for (const auto& problem : std::get<std::vector<Problem>>(result))
        ADD_FAILURE() << to_string(problem);
    return {Config{}, Report{""}};
}

LiveObject user(const std::string& name, const std::string& json = "{}") {
    return {{ObjectKind::user, name}, json};
}
LiveObject group(const std::string& name, const std::string& members) {
    return {{ObjectKind::group, name}, R"({"members":)" + members + "}"};
}
LiveObject resource(const std::string& name, const std::string& json = R"({"host":"h"})") {
    return {{ObjectKind::resource, name}, json};
}
LiveObject rule(const std::string& name, const std::string& resources, const std::string& approvers,
                const std::string& more = "") {
    return {{ObjectKind::rule, name},
            R"({"resources":)" + resources + R"(,"approval_groups":)" + approvers + more + "}"};
}

Config merged(const Declared& declared, const std::vector<LiveObject>& live) {
    auto result = merge(declared, live, FakeEnvironment{});
    if (auto* config = std::get_if<Config>(&result)) return std::move(*config);
    for (const auto& problem : std::get<std::vector<Problem>>(result))
        ADD_FAILURE() << to_string(problem);
    return {};
}
std::vector<std::string> in_words(const std::vector<Problem>& problems) {
    std::vector<std::string> lines;
    for (const auto& problem : problems)
        lines.push_back(to_string(problem));
    return lines;
}
std::vector<std::string> refused(const Declared& declared, const std::vector<LiveObject>& live) {
    const auto result = merge(declared, live, FakeEnvironment{});
    const auto* problems = std::get_if<std::vector<Problem>>(&result);
    return problems == nullptr ? std::vector<std::string>{} : in_words(*problems);
}

TEST(ConfigMerge, KnowsWhatIsLiveAndWhatIsDeclared) {
    const auto config = merged(declare({{"users", "{ alice: {} }"}, {"groups", "{ dba: [alice] }"}}),
                               {user("bob"), group("leads", R"(["alice","bob"])"), resource("test"),
                                rule("r", R"(["prod","test"])", R"(["dba","leads"])")});
    EXPECT_FALSE(config.is_live({ObjectKind::user, "alice"}));
    EXPECT_TRUE(config.is_live({ObjectKind::user, "bob"}));
    EXPECT_FALSE(config.is_live({ObjectKind::resource, "prod"}));
    EXPECT_TRUE(config.is_live({ObjectKind::resource, "test"}));
    EXPECT_TRUE(config.has({ObjectKind::rule, "r"}));
    EXPECT_TRUE(config.is_live({ObjectKind::rule, "r"}));
    EXPECT_TRUE(config.directory().is_member("leads", "bob"));
    EXPECT_THAT(config.remarks, IsEmpty());
    EXPECT_EQ(live_objects(config).size(), 4U);
}

TEST(ConfigMerge, PutsRulesInTheOrderOfTheirNames) {
    const auto declared = declare({{"users", "{ alice: {} }"},
                                   {"groups", "{ dba: [alice] }"},
                                   {"rules", "{ b: { resources: [prod], approval_groups: [dba] } }"}});
    const auto config =
        merged(declared, {rule("c", R"(["prod"])", R"(["dba"])"), rule("a", R"(["prod"])", R"(["dba"])")});
    ASSERT_EQ(config.rules.size(), 3U);
    EXPECT_EQ(config.rules[0].name, "a");
    EXPECT_EQ(config.rules[1].name, "b");
    EXPECT_EQ(config.rules[2].name, "c");
}

TEST(ConfigMerge, DeclaredRuleMayNameWhatIsLive) {
    const auto declared = declare(
        {{"users", "{ alice: {} }"}, {"rules", "{ r: { resources: [test], approval_groups: [leads] } }"}});
    EXPECT_THAT(
        refused(declared, {}),
        ElementsAre(AllOf(HasSubstr("/etc/curfew/curfew.yaml:5:15: rules.r.resources"),
                          HasSubstr("there is no resource 'test', neither in this file nor live")),
                    AllOf(HasSubstr("rules.r.approval_groups"), HasSubstr("no group 'leads', neither"))));
    EXPECT_THAT(refused(declared, {resource("test"), group("leads", R"(["alice"])")}), IsEmpty());
}

TEST(ConfigMerge, NameIsDeclaredOrLive) {
    EXPECT_THAT(
        refused(declare({{"users", "{ alice: {} }"}}), {user("alice"), resource("prod")}),
        ElementsAre(HasSubstr("curfew.yaml:2:14: resources.prod: there is a live resource 'prod' too"),
                    HasSubstr("curfew.yaml:4:10: users.alice: there is a live user 'alice' too")));
}

TEST(ConfigMerge, LiveObjectThatCannotBeReadSaysWhich) {
    EXPECT_THAT(refused(declare({}), {resource("test", R"({"hots":"h"})")}),
                ElementsAre(HasSubstr("live resource 'test': hots: unknown key"),
                            "live resource 'test': the key 'host' is missing"));
}

TEST(ConfigMerge, PeopleHaveNamesOfTheirOwnAcrossBoth) {
    const auto declared = declare({{"users", "{ alice: { aliases: [al], email: a@x.org } }"}});
    EXPECT_THAT(refused(declared, {user("AL")}),
                ElementsAre(HasSubstr("users.alice.aliases[0]: 'al' already means the user 'AL'")));
    EXPECT_THAT(
        refused(declared, {user("bob", R"({"aliases":["Alice"]})")}),
        ElementsAre("live user 'bob': aliases[0]: 'Alice' already means the user 'alice'; case makes no "
                    "difference here"));
    EXPECT_THAT(
        refused(declared, {user("bob", R"({"email":"A@x.org","certificate_name":"alice"})")}),
        ElementsAre(HasSubstr("live user 'bob': certificate_name"), HasSubstr("live user 'bob': email")));
}

TEST(ConfigMerge, LiveResourceDoesNotLeadBack) {
    EXPECT_THAT(refused(declare({}), {resource("loop", R"({"host":"127.0.0.1","port":6432})")}),
                ElementsAre(HasSubstr("live resource 'loop': host: 127.0.0.1:6432 is where listener")));
}

TEST(ConfigMerge, WhoLeavesTheFileIsInNoLiveGroup) {
    const std::vector<LiveObject> live{group("leads", R"(["alice","bob"])")};
    const auto config = merged(declare({{"users", "{ alice: {} }"}}), live);
    EXPECT_TRUE(config.directory().is_member("leads", "alice"));
    EXPECT_FALSE(config.directory().is_member("leads", "bob"));
    EXPECT_FALSE(config.directory().knows_user("bob"));
    EXPECT_THAT(
        in_words(config.remarks),
        ElementsAre("live group 'leads': members: there is no user 'bob' (any more); the group is without "
                    "them"));
}

TEST(ConfigMerge, WhatLeavesTheFileIsRemarkedUponWhereALiveRuleNamesIt) {
    const auto config =
        merged(declare({{"users", "{ alice: {} }"}}),
               {rule("r", R"(["prod","gone"])", R"(["dba"])", R"(,"attributes":{"env":"x"})")});
    EXPECT_THAT(in_words(config.remarks),
                ElementsAre("live rule 'r': resources: there is no resource 'gone'",
                            "live rule 'r': approval_groups: there is no group 'dba'",
                            "live rule 'r': attributes: no resource has all of these"));
}

TEST(ConfigMerge, MemberMayLeaveAGroupThatARuleCountsOn) {
    const auto config = merged(declare({{"users", "{ alice: {} }"},
                                        {"rules", "{ r: { resources: [prod], approval_groups: [dba] } }"}}),
                               {group("dba", "[]")});
    EXPECT_THAT(in_words(config.remarks),
                ElementsAre(AllOf(HasSubstr("curfew.yaml:5"), HasSubstr("rules.r.approval_groups"),
                                  HasSubstr("no request could be approved"))));
}

TEST(ConfigMerge, TellsNamesWithDotsApart) {
    const auto declared = declare({{"users", "{ a: { email: x@x.org }, a.b: {} }"}});
    EXPECT_THAT(refused(declared, {user("a.b.c", R"({"email":"x@x.org"})")}),
                ElementsAre(HasSubstr("live user 'a.b.c': email")));
}

TEST(LiveObjectCheck, NamesWhatThereIs) {
    const auto config = merged(declare({{"users", "{ alice: {} }"}, {"groups", "{ dba: [alice] }"}}), {});
    EXPECT_THAT(in_words(check_object(Group{"g", {"alice", "alcie"}}, config)),
                ElementsAre("live group 'g': members[1]: there is no user 'alcie' (did you mean 'alice'?)"));
    policy::Rule r;
    r.name = "r";
    r.resources = {"prod", "prood"};
    r.approval_groups = {"dba"};
    r.min_approvals = 2;
    EXPECT_THAT(
        in_words(check_object(r, config)),
        ElementsAre(
            HasSubstr("live rule 'r': resources: there is no resource 'prood' (did you mean 'prod'?)"),
            HasSubstr("live rule 'r': approval_groups: no request could be approved")));
    r.resources = {"prod"};
    r.min_approvals = 1;
    EXPECT_THAT(check_object(r, config), IsEmpty());
    EXPECT_THAT(check_object(User{}, config), IsEmpty());
}

TEST(LiveObjectCheck, MembersOfAGroupThatIsThereAlreadyAreLookedAt) {
    const auto declared = declare({{"users", "{ alice: { aliases: [al] } }"}});
    const auto config = merged(declared, {group("g", R"(["al","alcie"])")});
    EXPECT_THAT(
        in_words(check_object(*find_object(config, {ObjectKind::group, "g"}), config)),
        ElementsAre("live group 'g': members[0]: 'al' is another name of the user 'alice'; write that one",
                    HasSubstr("members[1]: there is no user 'alcie'")));
    EXPECT_THAT(config.directory().members_of("g"), IsEmpty());
}

TEST(LiveObjectCheck, AnybodyMayBeInAGroupWhereUnlistedUsersAreAccepted) {
    const auto config = merged(declare({{"accept_unlisted_users", "true"}}), {group("g", R"(["mallory"])")});
    EXPECT_THAT(check_object(Group{"g", {"mallory"}}, config), IsEmpty());
    EXPECT_TRUE(config.directory().is_member("g", "mallory"));
}

TEST(LiveObjectUse, IsFoundWhereItIsNamed) {
    const auto config = merged(declare({{"users", "{ alice: {} }"},
                                        {"groups", "{ dba: [alice] }"},
                                        {"rules", "{ d: { resources: [prod], approval_groups: [dba] } }"}}),
                               {group("leads", R"(["alice"])"), rule("r", R"(["prod"])", R"(["dba"])",
                                                                     R"(,"break_glass_groups":["leads"])")});
    EXPECT_THAT(named_by(config, {ObjectKind::user, "alice"}),
                ElementsAre(ObjectName{ObjectKind::group, "dba"}, ObjectName{ObjectKind::group, "leads"}));
    EXPECT_THAT(named_by(config, {ObjectKind::group, "leads"}),
                ElementsAre(ObjectName{ObjectKind::rule, "r"}));
    EXPECT_THAT(named_by(config, {ObjectKind::resource, "prod"}),
                ElementsAre(ObjectName{ObjectKind::rule, "d"}, ObjectName{ObjectKind::rule, "r"}));
    EXPECT_THAT(named_by(config, {ObjectKind::rule, "r"}), IsEmpty());
}

TEST(LiveObjectUse, WhoIsRemovedLeavesTheLiveGroups) {
    const auto config =
        merged(declare({{"users", "{ alice: {} }"}, {"groups", "{ dba: [alice] }"}}),
               {user("bob"), group("leads", R"(["bob","alice"])"), group("others", R"(["alice"])")});
    const auto groups = groups_without(config, "bob");
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].name, "leads");
    EXPECT_THAT(groups[0].members, ElementsAre("alice"));
}

}  // namespace
}  // namespace curfew::config::test

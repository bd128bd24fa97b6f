#include "policy/recording_choice.hpp"

#include <gtest/gtest.h>

namespace curfew::policy {
namespace {

const Target prod{"prod", {{"env", "prod"}}};

Rule rule_with(std::string name, RecordingMode mode) {
    Rule rule;
    rule.name = std::move(name);
    rule.resources = {"prod"};
    rule.recording = mode;
    return rule;
}

Grant approved_under(std::optional<std::vector<std::string>> rules) {
    Grant grant;
    grant.request = RequestId::generate();
    grant.approved_under = std::move(rules);
    return grant;
}

const Rules rules{rule_with("cards", RecordingMode::full), rule_with("production", RecordingMode::statements),
                  rule_with("quiet", RecordingMode::off)};

TEST(RecordingChoice, IsTheStrongerOfTheResourcesAndTheRules) {
    EXPECT_EQ(recording_of(approved_under({{"quiet"}}), RecordingMode::off, prod, rules), RecordingMode::off);
    EXPECT_EQ(recording_of(approved_under({{"quiet"}}), RecordingMode::statements, prod, rules),
              RecordingMode::statements);
    EXPECT_EQ(recording_of(approved_under({{"production", "quiet"}}), RecordingMode::off, prod, rules),
              RecordingMode::statements);
    EXPECT_EQ(recording_of(approved_under({{"production", "cards"}}), RecordingMode::statements, prod, rules),
              RecordingMode::full);
    EXPECT_EQ(recording_of(approved_under({{"production"}}), RecordingMode::full, prod, rules),
              RecordingMode::full);
}

TEST(RecordingChoice, IsTheResourcesAloneForAGrantByHand) {
    EXPECT_EQ(recording_of(Grant{}, RecordingMode::off, prod, rules), RecordingMode::off);
    EXPECT_EQ(recording_of(Grant{}, RecordingMode::statements, prod, rules), RecordingMode::statements);
}

TEST(RecordingChoice, IsTheResourcesAloneForAnAdministratorWhoNeededNoRule) {
    EXPECT_EQ(recording_of(approved_under(std::vector<std::string>{}), RecordingMode::off, prod, rules),
              RecordingMode::off);
}

TEST(RecordingChoice, IsTheStrongestOfAllThatCoverItWhereTheRulesAreNotKnown) {
    EXPECT_EQ(recording_of(approved_under(std::nullopt), RecordingMode::off, prod, rules),
              RecordingMode::full);
    EXPECT_EQ(recording_of(approved_under({{"quiet", "renamed"}}), RecordingMode::off, prod, rules),
              RecordingMode::full);
    EXPECT_EQ(recording_of(approved_under(std::nullopt), RecordingMode::statements, prod, {}),
              RecordingMode::statements);
}

TEST(RecordingChoice, LeavesOutRulesOfOtherResources) {
    Rules others{rule_with("cards", RecordingMode::full)};
    others.front().resources = {"cards"};
    EXPECT_EQ(recording_of(approved_under(std::nullopt), RecordingMode::off, prod, others),
              RecordingMode::off);
    others.front().attributes = {{"env", "prod"}};
    EXPECT_EQ(recording_of(approved_under(std::nullopt), RecordingMode::off, prod, others),
              RecordingMode::full);
}

TEST(RecordingChoice, CountsRulesForCommandsToo) {
    Rules commands{rule_with("commands", RecordingMode::full)};
    commands.front().types = {RequestType::command};
    EXPECT_EQ(recording_of(approved_under(std::nullopt), RecordingMode::off, prod, commands),
              RecordingMode::full);
}

TEST(RecordingChoice, OfAGrantForCommandsIsTheStrongestOfTheRulesForThem) {
    Rules both{rule_with("sessions", RecordingMode::full), rule_with("commands", RecordingMode::statements)};
    both.back().types = {RequestType::command};
    Grant grant;
    grant.use = GrantUse::commands;
    EXPECT_EQ(recording_of(grant, RecordingMode::off, prod, both), RecordingMode::statements);
}

}  // namespace
}  // namespace curfew::policy

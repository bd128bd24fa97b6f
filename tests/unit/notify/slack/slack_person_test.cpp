#include "notify/slack/slack_person.hpp"

#include <gtest/gtest.h>

#include "examples.hpp"

namespace curfew::notify::slack {
namespace {

constexpr const char* team = "T0ACME001";
const SlackUser bob{team, "U0BOB0001", team};

TEST(SlackPerson, IsKnownByAConfirmedAddress) {
    const auto person = person_with_email(example("users_info.json"), bob, team);
    ASSERT_TRUE(person);
    EXPECT_EQ(person->email, "Bob@example.com");
    EXPECT_EQ(person->name, "bob");
}

TEST(SlackPerson, IsNotKnownByAnAddressThatSlackHasNotConfirmed) {
    auto answer = example("users_info.json");
    answer["user"].as_object()["is_email_confirmed"] = false;
    const auto person = person_with_email(answer, bob, team);
    ASSERT_FALSE(person);
    EXPECT_EQ(person.error().code, ErrorCode::forbidden);
    EXPECT_NE(person.error().message.find("/curfew link"), std::string::npos);
    answer["user"].as_object().erase("is_email_confirmed");
    EXPECT_FALSE(person_with_email(answer, bob, team)) << "not saying so is not confirming it";
}

TEST(SlackPerson, IsNotKnownWhereTheyAreNoFullMember) {
    for (const char* flag : {"deleted", "is_bot", "is_app_user", "is_restricted", "is_ultra_restricted",
                             "is_stranger", "is_workflow_bot", "is_invited_user"}) {
        auto answer = example("users_info.json");
        answer["user"].as_object()[flag] = true;
        EXPECT_FALSE(person_with_email(answer, bob, team)) << flag;
    }
}

TEST(SlackPerson, IsNotKnownFromAnotherWorkspace) {
    auto answer = example("users_info.json");
    EXPECT_FALSE(person_with_email(answer, bob, "T0OTHER01"));
    EXPECT_FALSE(person_with_email(answer, {"T0OTHER01", "U0BOB0001", team}, team));
    EXPECT_FALSE(person_with_email(answer, bob, ""));
    answer["user"].as_object()["team_id"] = "T0OTHER01";
    EXPECT_FALSE(person_with_email(answer, bob, team));
}

TEST(SlackPerson, IsNotKnownByWhatIsSaidOfSomebodyElse) {
    auto answer = example("users_info.json");
    answer["user"].as_object()["id"] = "U0EVE0001";
    EXPECT_FALSE(person_with_email(answer, bob, team));
}

TEST(SlackPerson, IsNotKnownWithoutAnAddress) {
    for (const char* email : {"", "bob", "@example.com", "bob@", "a@b@c"}) {
        auto answer = example("users_info.json");
        answer["user"].as_object()["profile"].as_object()["email"] = email;
        EXPECT_FALSE(person_with_email(answer, bob, team)) << email;
    }
}

TEST(SlackPerson, HasAName) {
    auto answer = example("users_info.json");
    EXPECT_EQ(name_in(answer, bob), "bob");
    answer["user"].as_object()["profile"].as_object()["display_name"] = "";
    EXPECT_EQ(name_in(answer, bob), "Bob Builder");
    EXPECT_EQ(name_in({}, bob), "U0BOB0001");
}

}  // namespace
}  // namespace curfew::notify::slack

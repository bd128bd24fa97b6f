#include "policy/grant.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace curfew::policy {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using ::testing::Not;

using Kind = Subject::Kind;

std::string refusal(std::string_view text) {
    const auto subject = parse_subject(text);
    if (subject) {
        ADD_FAILURE() << "'" << text << "' is read as " << to_string(*subject);
        return {};
    }
    EXPECT_EQ(subject.error().code, ErrorCode::invalid);
    return subject.error().message;
}

TEST(Subject, IsAUserAGroupOrEveryone) {
    EXPECT_EQ(*parse_subject("alice"), (Subject{Kind::user, "alice"}));
    EXPECT_EQ(*parse_subject("group:dba"), (Subject{Kind::group, "dba"}));
    EXPECT_EQ(*parse_subject("*"), (Subject{Kind::everyone, ""}));
}

TEST(Subject, IsReadAsItIsWritten) {
    for (const Subject& subject :
         {Subject{Kind::user, "alice"}, Subject{Kind::user, "Zoë @example.org"}, Subject{Kind::group, "dba"},
          Subject{Kind::group, "group:nested"}, Subject{Kind::everyone, ""}})
        EXPECT_EQ(*parse_subject(to_string(subject)), subject);
}

TEST(Subject, IsEveryoneByTheStarAlone) {
    EXPECT_EQ(parse_subject("**")->kind, Kind::user);
    EXPECT_EQ(*parse_subject("group:*"), (Subject{Kind::group, "*"})) << "a group of that name, not everyone";
}

TEST(Subject, HasANameOf1To63Bytes) {
    const std::string longest(63, 'n');
    EXPECT_EQ(parse_subject(longest)->name, longest);
    EXPECT_EQ(parse_subject("group:" + longest)->name, longest);
    refusal(longest + "n");
    refusal("group:" + longest + "n");
    refusal("");
    refusal("group:");
}

TEST(Subject, HasNoZeroByteInItsName) {
    refusal("alice\0bob"s);
    refusal("group:dba\0"s);
}

TEST(Subject, IsRefusedWithAWordOnWhatToWrite) {
    EXPECT_THAT(refusal(""), HasSubstr("group:dba"));
    EXPECT_THAT(refusal("\x1b[2J" + std::string(70, 'n')), Not(HasSubstr("\x1b")));
}

TEST(GrantState, HasAWordOfItsOwn) {
    EXPECT_EQ(to_string(GrantState::upcoming), "upcoming");
    EXPECT_EQ(to_string(GrantState::active), "active");
    EXPECT_EQ(to_string(GrantState::ended), "ended");
    EXPECT_EQ(to_string(GrantState::revoked), "revoked");
}

}  // namespace
}  // namespace curfew::policy

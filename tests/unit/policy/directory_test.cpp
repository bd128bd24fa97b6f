#include "policy/directory.hpp"

#include <gtest/gtest.h>

namespace curfew::policy {
namespace {

TEST(Directory, KnowsNobodyAtFirst) {
    const Directory directory;
    EXPECT_FALSE(directory.knows_user("alice"));
    EXPECT_FALSE(directory.knows_user(""));
    EXPECT_FALSE(directory.knows_group("dba"));
    EXPECT_FALSE(directory.is_member("dba", "alice"));
}

TEST(Directory, KnowsWhoWasAdded) {
    Directory directory;
    directory.add_user("alice");
    EXPECT_TRUE(directory.knows_user("alice"));
    EXPECT_FALSE(directory.knows_user("bob"));
}

// As PostgreSQL's roles: `Alice` is somebody else.
TEST(Directory, TellsUpperFromLowerCase) {
    Directory directory;
    directory.add_member("dba", "alice");
    EXPECT_FALSE(directory.knows_user("Alice"));
    EXPECT_FALSE(directory.knows_group("DBA"));
    EXPECT_FALSE(directory.is_member("dba", "Alice"));
}

TEST(Directory, TakesNoNameForTheBeginningOfAnother) {
    Directory directory;
    directory.add_member("dba", "alice");
    for (const auto* name : {"alic", "alice2", "alice ", ""})
        EXPECT_FALSE(directory.knows_user(name)) << name;
}

TEST(Directory, KnowsTheMembersOfItsGroups) {
    Directory directory;
    directory.add_member("dba", "alice");
    directory.add_member("dba", "bob");
    directory.add_member("audit", "carol");
    EXPECT_TRUE(directory.is_member("dba", "alice"));
    EXPECT_TRUE(directory.is_member("dba", "bob"));
    EXPECT_TRUE(directory.is_member("audit", "carol"));
    EXPECT_FALSE(directory.is_member("audit", "alice"));
    EXPECT_FALSE(directory.is_member("dba", "carol"));
}

TEST(Directory, KnowsAMemberAsAUserToo) {
    Directory directory;
    directory.add_member("dba", "alice");
    EXPECT_TRUE(directory.knows_user("alice"));
    EXPECT_TRUE(directory.knows_group("dba"));
    EXPECT_FALSE(directory.knows_user("dba")) << "a group is not a person";
}

TEST(Directory, KnowsAGroupWithoutMembers) {
    Directory directory;
    directory.add_member("dba", "alice");
    directory.add_group("empty");
    directory.add_group("dba");
    EXPECT_TRUE(directory.knows_group("empty"));
    EXPECT_FALSE(directory.is_member("empty", "alice"));
    EXPECT_TRUE(directory.is_member("dba", "alice")) << "naming a group again empties it not";
}

TEST(Directory, KnowsAnybodyWhereUnlistedUsersAreAccepted) {
    Directory directory{true};
    directory.add_member("dba", "alice");
    EXPECT_TRUE(directory.knows_user("mallory"));
    EXPECT_FALSE(directory.is_member("dba", "mallory")) << "but in no group";
    EXPECT_FALSE(directory.knows_group("other"));
}

}  // namespace
}  // namespace curfew::policy

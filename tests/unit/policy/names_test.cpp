// Who a name means.
#include <gtest/gtest.h>

#include "policy/directory.hpp"

namespace curfew::policy {
namespace {

Directory with_alice() {
    Directory directory;
    directory.add_member("dba", "alice").value();
    directory.add_alias("a.smith@example.com", "alice").value();
    directory.add_user("Bob").value();
    return directory;
}

TEST(Name, MeansItsUser) {
    EXPECT_EQ(with_alice().canonical("alice"), "alice");
    EXPECT_EQ(with_alice().canonical("Bob"), "Bob");
}

TEST(Name, MayBeAnAlias) {
    EXPECT_EQ(with_alice().canonical("a.smith@example.com"), "alice");
}

TEST(Name, MayBeInAnyCase) {
    EXPECT_EQ(with_alice().canonical("ALICE"), "alice");
    EXPECT_EQ(with_alice().canonical("bOB"), "Bob");
    EXPECT_EQ(with_alice().canonical("A.Smith@Example.com"), "alice");
}

TEST(Name, OfNobodyMeansNobody) {
    for (const auto* name : {"", "alic", "alice ", "a.smith", "dba"})
        EXPECT_EQ(with_alice().canonical(name), std::nullopt) << name;
}

TEST(Name, FoldsLettersOfAsciiAlone) {
    Directory directory;
    directory.add_user("émile").value();
    EXPECT_EQ(directory.canonical("éMILE"), "émile");
    EXPECT_EQ(directory.canonical("Émile"), std::nullopt);
}

TEST(Name, OfWhoIsNotListedIsTheirOwnWhereThatIsAccepted) {
    Directory directory{true};
    directory.add_user("alice").value();
    EXPECT_EQ(directory.canonical("Mallory"), "Mallory");
    EXPECT_EQ(directory.canonical("Alice"), "alice") << "who is listed";
    EXPECT_EQ(directory.canonical(""), std::nullopt);
}

TEST(Name, CannotDifferFromAnothersInCaseAlone) {
    Directory directory = with_alice();
    const auto added = directory.add_user("Alice");
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, ErrorCode::conflict);
    EXPECT_NE(added.error().message.find("'Alice'"), std::string::npos);
    EXPECT_FALSE(directory.knows_user("Alice"));
    EXPECT_EQ(directory.canonical("Alice"), "alice") << "still";
}

TEST(Name, CannotBeSomebodysAlias) {
    Directory directory = with_alice();
    EXPECT_FALSE(directory.add_user("a.smith@example.com"));
    EXPECT_FALSE(directory.add_alias("A.Smith@example.com", "Bob"));
    EXPECT_FALSE(directory.add_alias("ALICE", "Bob"));
    EXPECT_EQ(directory.canonical("a.smith@example.com"), "alice");
}

TEST(Name, OfAMemberCannotClashEither) {
    Directory directory = with_alice();
    EXPECT_FALSE(directory.add_member("audit", "ALICE"));
    EXPECT_FALSE(directory.is_member("audit", "ALICE"));
    EXPECT_FALSE(directory.is_member("audit", "alice"));
    EXPECT_TRUE(directory.knows_group("audit"));
}

TEST(Name, MayBeGivenAgain) {
    Directory directory = with_alice();
    EXPECT_TRUE(directory.add_user("alice"));
    EXPECT_TRUE(directory.add_alias("a.smith@example.com", "alice"));
    EXPECT_TRUE(directory.add_alias("Alice", "alice")) << "one's own in another case";
}

// Connections are admitted by PostgreSQL's own idea of a name.
TEST(Name, ByAliasOrCaseAdmitsNoConnection) {
    const Directory directory = with_alice();
    EXPECT_FALSE(directory.knows_user("ALICE"));
    EXPECT_FALSE(directory.knows_user("a.smith@example.com"));
    EXPECT_FALSE(directory.is_member("dba", "ALICE"));
    EXPECT_FALSE(directory.is_member("dba", "a.smith@example.com"));
}

TEST(Person, IsTheSameUnderAllTheirNames) {
    const Directory directory = with_alice();
    EXPECT_TRUE(directory.are_same_person("alice", "A.SMITH@example.com"));
    EXPECT_TRUE(directory.are_same_person("ALICE", "Alice"));
    EXPECT_FALSE(directory.are_same_person("alice", "Bob"));
    EXPECT_FALSE(directory.are_same_person("alice", "carol"));
}

TEST(Person, WhoIsGoneIsTheSameInAnyCase) {
    const Directory directory;
    EXPECT_TRUE(directory.are_same_person("alice", "Alice"));
    EXPECT_FALSE(directory.are_same_person("alice", "bob"));
}

TEST(Person, IsInTheirGroupsUnderAllTheirNames) {
    Directory directory = with_alice();
    directory.add_member("audit", "alice").value();
    directory.add_member("other", "Bob").value();
    EXPECT_EQ(directory.groups_of("A.Smith@example.com"),
              (std::set<std::string, std::less<>>{"audit", "dba"}));
    EXPECT_TRUE(directory.groups_of("mallory").empty());
}

TEST(Administrator, IsWhoIsInTheGroup) {
    Directory directory = with_alice();
    EXPECT_FALSE(directory.is_administrator("alice"));
    directory.add_member("administrators", "alice").value();
    for (const auto* name : {"alice", "ALICE", "a.smith@example.com"})
        EXPECT_TRUE(directory.is_administrator(name)) << name;
    EXPECT_FALSE(directory.is_administrator("Bob"));
    EXPECT_FALSE(directory.is_administrator("administrators"));
}

TEST(Group, GivesItsMembers) {
    Directory directory = with_alice();
    directory.add_member("dba", "Bob").value();
    EXPECT_EQ(directory.members_of("dba"), (std::set<std::string, std::less<>>{"Bob", "alice"}));
    EXPECT_TRUE(directory.members_of("nobody").empty());
}

}  // namespace
}  // namespace curfew::policy

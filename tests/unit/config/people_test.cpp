#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

#include "config/scram_verifier.hpp"
#include "loading.hpp"

namespace curfew::config::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string salt = "c2FsdHNhbHRzYWx0c2FsdA==";
const std::string key_of_32_bytes = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const std::string verifier = "SCRAM-SHA-256$4096:" + salt + "$" + key_of_32_bytes + ":" + key_of_32_bytes;

TEST(ConfigUser, NeedsNothingButAName) {
    const auto config = load_valid(file_with({{"users", "{ alice: {}, bob: }"}}));
    const auto* bob = config.find_user("bob");
    ASSERT_NE(bob, nullptr);
    EXPECT_EQ(bob->name, "bob");
    EXPECT_EQ(bob->certificate_name, "bob");
    EXPECT_FALSE(bob->scram_verifier);
    EXPECT_EQ(config.find_user("carol"), nullptr);
}

TEST(ConfigUser, HasAVerifierByReference) {
    FakeEnvironment environment;
    environment.add_file("/etc/curfew/alice.scram", verifier + "\n");
    const auto config = load_valid(
        file_with({{"users", "{ alice: { scram_verifier: { file: alice.scram } } }"}}), environment);
    EXPECT_EQ(config.find_user("alice")->scram_verifier->reveal(), verifier);
}

TEST(ConfigUser, VerifierMustBeOneAndIsNotRepeated) {
    FakeEnvironment environment;
    environment.add_file("/etc/curfew/alice.scram", "md5hunter2");
    const auto problems = problems_of(
        file_with({{"users", "{ alice: { scram_verifier: { file: alice.scram } } }"}}), environment);
    EXPECT_THAT(problems, OnlyProblem("users.alice.scram_verifier", "is not a SCRAM verifier"));
    EXPECT_THAT(problems, ElementsAre(Not(HasSubstr("hunter2"))));
}

TEST(ConfigUser, NameHas1To63Bytes) {
    const std::string longest(63, 'x');
    EXPECT_THAT(problems_of(file_with({{"users", "{ " + longest + ": {} }"}})), IsEmpty());
    EXPECT_THAT(problems_of(file_with({{"users", "{ " + longest + "x: {} }"}})),
                ElementsAre(HasSubstr("1 to 63 bytes")));
    EXPECT_THAT(problems_of(file_with({{"users", "{ '': {} }"}})), ElementsAre(HasSubstr("1 to 63 bytes")));
    EXPECT_THAT(problems_of(file_with({{"users", "{ \"a\\0b\": {} }"}})),
                ElementsAre(HasSubstr("control characters")));
}

TEST(ConfigUser, NameMeansThatUserWhereAGrantIsGiven) {
    for (const std::string name : {"*", "group:dba"}) {
        EXPECT_THAT(problems_of(file_with({{"users", "{ '" + name + "': {} }"}})),
                    OnlyProblem("users." + name, "means something else"));
    }
}

TEST(ConfigUser, OneCertificateIsOnePerson) {
    EXPECT_EQ(load_valid(file_with({{"users", "{ alice: { certificate_name: Alice Doe } }"}}))
                  .find_user("alice")
                  ->certificate_name,
              "Alice Doe");
    EXPECT_THAT(problems_of(file_with({{"users", "{ alice: { certificate_name: bob }, bob: {} }"}})),
                OnlyProblem("users.bob.certificate_name", "'bob' already means the user 'alice'"));
}

TEST(ConfigUser, HasOtherNamesAndAnAddress) {
    const auto config = load_valid(file_with({{"users", R"({ alice: {
        display_name: Alice Doe, aliases: [alice.doe, ALD], email: Alice@example.org, oidc_subject: '4711' } })"}}));
    const auto* alice = config.find_user("alice");
    ASSERT_NE(alice, nullptr);
    EXPECT_EQ(alice->display_name, "Alice Doe");
    EXPECT_THAT(alice->aliases, ElementsAre("alice.doe", "ALD"));
    EXPECT_EQ(alice->email, "Alice@example.org");
    EXPECT_EQ(alice->oidc_subject, "4711");
    EXPECT_EQ(config.directory().canonical("Alice.Doe"), "alice");
    EXPECT_EQ(config.directory().canonical("ald"), "alice");
}

TEST(ConfigUser, NamesOfTwoPeopleDifferInMoreThanCase) {
    const auto problems = [](const std::string& users) { return problems_of(file_with({{"users", users}})); };
    EXPECT_THAT(problems("{ alice: {}, Alice: {} }"),
                OnlyProblem("users.alice", "already means the user 'Alice'"));
    EXPECT_THAT(problems("{ alice: { aliases: [al] }, bob: { aliases: [AL] } }"),
                OnlyProblem("users.bob.aliases[0]", "'AL' already means the user 'alice'"));
    EXPECT_THAT(problems("{ alice: { aliases: [Bob] }, bob: {} }"),
                OnlyProblem("users.alice.aliases[0]", "'Bob' already means the user 'bob'"));
    EXPECT_THAT(problems("{ alice: { aliases: [Alice] } }"),
                OnlyProblem("users.alice.aliases[0]", "is this user's name already"));
    // Letters beyond ASCII are what they are.
    EXPECT_THAT(problems("{ 'émile': {}, 'Émile': {} }"), IsEmpty());
}

TEST(ConfigUser, AliasMeansThatUserToo) {
    EXPECT_THAT(problems_of(file_with({{"users", "{ alice: { aliases: ['*', 'group:dba', a, a] } }"}})),
                ElementsAre(HasSubstr("users.alice.aliases[0]: '*' means something else"),
                            HasSubstr("users.alice.aliases[1]"),
                            HasSubstr("users.alice.aliases[3]: 'a' is listed twice")));
}

TEST(ConfigUser, EmailIsOneAddressOfOnePerson) {
    for (const std::string email : {"alice", "'@example.org'", "alice@", "a@b@c",
                                    "'Alice <alice@example.org>'", "'a@x.org,b@x.org'", "[a@x.org]"}) {
        EXPECT_THAT(problems_of(file_with({{"users", "{ alice: { email: " + email + " } }"}})),
                    OnlyProblem("users.alice.email", "expected an address for mail"))
            << email;
    }
    EXPECT_THAT(problems_of(file_with({{"users", "{ alice: { email: a@x.org }, bob: { email: A@X.org } }"}})),
                OnlyProblem("users.bob.email", "already means the user 'alice'"));
}

TEST(ConfigUser, SubjectIsOnePerson) {
    EXPECT_THAT(
        problems_of(file_with({{"users", "{ alice: { oidc_subject: x }, bob: { oidc_subject: x } }"}})),
        OnlyProblem("users.bob.oidc_subject", "already means the user 'alice'"));
}

TEST(ConfigGroup, IsAListOrASectionWithMembers) {
    const auto config =
        load_valid(file_with({{"users", "{ alice: {} }"}, {"groups", "{ a: { members: [alice] }, b: {} }"}}));
    EXPECT_TRUE(config.directory().is_member("a", "alice"));
    EXPECT_TRUE(config.directory().knows_group("b"));
    EXPECT_THAT(problems_of(file_with({{"groups", "{ a: { mebers: [] } }"}})),
                OnlyProblem("groups.a.mebers", "did you mean 'members'?"));
}

TEST(ConfigGroup, MemberIsWrittenByTheUsersName) {
    EXPECT_THAT(
        problems_of(file_with({{"users", "{ alice: { aliases: [al] } }"}, {"groups", "{ dba: [AL] }"}})),
        OnlyProblem("groups.dba[0]", "'AL' is another name of the user 'alice'; write that one"));
}

TEST(ConfigGroup, AdministratorsAreAGroup) {
    const auto config = load_valid(
        file_with({{"users", "{ alice: {}, bob: {} }"}, {"groups", "{ administrators: [alice] }"}}));
    EXPECT_TRUE(config.directory().is_administrator("alice"));
    EXPECT_FALSE(config.directory().is_administrator("bob"));
}

TEST(ConfigGroup, HoldsUsers) {
    const auto config = load_valid(
        file_with({{"users", "{ alice: {}, bob: {} }"}, {"groups", "{ dba: [alice], empty: [], none: }"}}));
    const auto directory = config.directory();
    EXPECT_TRUE(directory.is_member("dba", "alice"));
    EXPECT_FALSE(directory.is_member("dba", "bob"));
    EXPECT_TRUE(directory.knows_group("empty"));
    EXPECT_TRUE(directory.knows_group("none"));
    EXPECT_TRUE(directory.knows_user("bob"));
    EXPECT_FALSE(directory.knows_user("mallory"));
}

TEST(ConfigGroup, MemberMustBeAUser) {
    EXPECT_THAT(problems_of(file_with({{"users", "{ alice: {} }"}, {"groups", "{ dba: [alice, alcie] }"}})),
                OnlyProblem("groups.dba[1]", "there is no user 'alcie' (did you mean 'alice'?)"));
}

TEST(ConfigGroup, ManyUnknownMembersInALargeFileAreReportedAtOnce) {
    std::string users;
    std::string members;
    for (int i = 0; i < 20'000; ++i) {
        users += "u" + std::to_string(i) + ": , ";
        members += "member-" + std::to_string(i) + ", ";
    }
    const std::clock_t started = std::clock();
    EXPECT_THAT(
        problems_of(file_with({{"users", "{ " + users + "}"}, {"groups", "{ dba: [" + members + "] }"}})),
        ::testing::SizeIs(20'000));
    // Each with each would take minutes of the processor's time.
    EXPECT_LT(std::clock() - started, 20 * CLOCKS_PER_SEC);
}

TEST(ConfigGroup, MemberIsListedOnce) {
    EXPECT_THAT(problems_of(file_with({{"users", "{ alice: {} }"}, {"groups", "{ dba: [alice, alice] }"}})),
                OnlyProblem("groups.dba[1]", "'alice' is listed twice"));
}

TEST(ConfigGroup, IsAListOfNames) {
    EXPECT_THAT(problems_of(file_with({{"groups", "{ dba: alice }"}})),
                OnlyProblem("groups.dba", "expected a list, found 'alice'"));
    EXPECT_THAT(problems_of(file_with({{"groups", "{ dba: [[alice]] }"}})),
                OnlyProblem("groups.dba[0]", "expected text, found a list"));
}

TEST(ConfigUsers, UnlistedOnesAreKnownOnlyWhereTheFileSaysSo) {
    EXPECT_FALSE(load_valid(file_with({})).directory().knows_user("mallory"));
    const auto config =
        load_valid(file_with({{"accept_unlisted_users", "true"}, {"groups", "{ dba: [alice] }"}}));
    EXPECT_TRUE(config.directory().knows_user("mallory"));
    EXPECT_TRUE(config.directory().is_member("dba", "alice"));
}

TEST(ConfigUsers, AcceptUnlistedIsTrueOrFalse) {
    for (const std::string value : {"yes", "'true'", "1", "~"}) {
        EXPECT_THAT(problems_of(file_with({{"accept_unlisted_users", value}})),
                    OnlyProblem("accept_unlisted_users", "expected true or false"))
            << value;
    }
}

TEST(ScramVerifier, TakesPostgresqlsForm) {
    EXPECT_TRUE(is_scram_verifier(verifier));
    // As PostgreSQL 15 stored it for the password `test`.
    EXPECT_TRUE(
        is_scram_verifier("SCRAM-SHA-256$4096:H9whnCcMCz4/i1a1fYqvQg==$"
                          "C0JK8rZHvY8l5pP9u7yjvZxHmbqEiBHNJ/nUfMTkVBo=:"
                          "4pIR9v2yBnt5v4tcNlSKsV7Sd5zQPX/0sAyJSxmJbyY="));
}

TEST(ScramVerifier, RefusesEverythingElse) {
    const auto& key = key_of_32_bytes;
    const auto key_of_31_bytes = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZQ==";
    for (const std::string& text : {
             std::string{},
             "SCRAM-SHA-1$4096:" + salt + "$" + key + ":" + key,
             "scram-sha-256$4096:" + salt + "$" + key + ":" + key,
             "SCRAM-SHA-256$:" + salt + "$" + key + ":" + key,
             "SCRAM-SHA-256$0:" + salt + "$" + key + ":" + key,
             "SCRAM-SHA-256$-1:" + salt + "$" + key + ":" + key,
             "SCRAM-SHA-256$4096x:" + salt + "$" + key + ":" + key,
             "SCRAM-SHA-256$99999999999:" + salt + "$" + key + ":" + key,
             "SCRAM-SHA-256$4096:$" + key + ":" + key,
             "SCRAM-SHA-256$4096:c2Fsd$" + key + ":" + key,
             "SCRAM-SHA-256$4096:c2Fs=HRz$" + key + ":" + key,
             "SCRAM-SHA-256$4096:" + salt + "$" + key,
             "SCRAM-SHA-256$4096:" + salt + "$" + key + ":" + key_of_31_bytes,
             "SCRAM-SHA-256$4096:" + salt + "$" + key_of_31_bytes + ":" + key,
             "SCRAM-SHA-256$4096:" + salt + "$" + key + ":" + key + "\n",
             "SCRAM-SHA-256$4096:" + salt + "$" + key + ":" + key + ":" + key,
             std::string{"md5d41d8cd98f00b204e9800998ecf8427e"},
         }) {
        EXPECT_FALSE(is_scram_verifier(text)) << text;
    }
}

}  // namespace
}  // namespace curfew::config::test

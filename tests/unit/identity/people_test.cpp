#include "identity/people.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <string>
#include <utility>

#include "identity/principal.hpp"

namespace curfew::identity {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

config::Config configuration() {
    config::Config config;
    for (const char* name : {"alice", "bob", "carol"})
        config.users[name].name = name;
    config.users["alice"].aliases = {"asmith"};
    config.users["alice"].email = "Alice@Example.com";
    config.users["bob"].oidc_subject = "248289761001";
    config.groups["dba"] = {"bob"};
    config.groups["oncall"] = {};
    config.groups["administrators"] = {"carol"};
    config.sign_in.oidc.emplace();
    return config;
}

config::OidcProvider by(std::string claim) {
    config::OidcProvider provider;
    provider.user_claim = std::move(claim);
    return provider;
}

Claims claims(json::object more) {
    Claims all{{"sub", "248289761001"}};
    for (auto& claim : more)
        all[claim.key()] = std::move(claim.value());
    return all;
}

std::string user_of(const Claims& about, const config::OidcProvider& provider, const People& people) {
    const auto identity = identify(about, provider, people);
    return identity ? identity->user : identity.error().message;
}

TEST(People, AreFoundByNameAliasAndInAnyCase) {
    const People people{configuration()};
    for (const char* name : {"alice", "ALICE", "asmith", "ASmith"})
        EXPECT_EQ(people.by_name(name), "alice") << name;
    EXPECT_EQ(people.by_name("smith"), std::nullopt);
}

TEST(People, AreOnlyThoseWhoAreListed) {
    config::Config config = configuration();
    config.accept_unlisted_users = true;
    EXPECT_EQ(People{config}.by_name("mallory"), std::nullopt);
}

TEST(People, AreFoundByAnAddressThatIsOnePersonsAlone) {
    config::Config config = configuration();
    EXPECT_EQ(People{config}.by_email("alice@example.COM"), "alice");
    EXPECT_EQ(People{config}.by_email(""), std::nullopt);
    config.users["bob"].email = "alice@example.com";
    EXPECT_EQ(People{config}.by_email("alice@example.com"), std::nullopt);
}

TEST(People, AreFoundByASubjectThatIsOnePersonsAlone) {
    config::Config config = configuration();
    EXPECT_EQ(People{config}.by_subject("248289761001"), "bob");
    config.users["carol"].oidc_subject = "248289761001";
    EXPECT_EQ(People{config}.by_subject("248289761001"), std::nullopt);
}

TEST(Identify, GoesByTheClaimThatIsConfigured) {
    const People people{configuration()};
    const Claims all =
        claims({{"preferred_username", "ASmith"}, {"email", "alice@example.com"}, {"email_verified", true}});
    EXPECT_EQ(user_of(all, by("preferred_username"), people), "alice");
    EXPECT_EQ(user_of(all, by("email"), people), "alice");
    EXPECT_EQ(user_of(all, by("sub"), people), "bob");
}

TEST(Identify, BelievesNoAddressThatTheProviderDidNotVerify) {
    const People people{configuration()};
    EXPECT_THAT(user_of(claims({{"email", "alice@example.com"}}), by("email"), people),
                HasSubstr("not verified"));
    EXPECT_THAT(
        user_of(claims({{"email", "alice@example.com"}, {"email_verified", false}}), by("email"), people),
        HasSubstr("not verified"));
    EXPECT_THAT(
        user_of(claims({{"email", "alice@example.com"}, {"email_verified", "true"}}), by("email"), people),
        HasSubstr("not verified"));
}

TEST(Identify, SaysWhatIsMissing) {
    const People people{configuration()};
    EXPECT_THAT(user_of(claims({}), by("preferred_username"), people),
                HasSubstr("'preferred_username' is missing"));
    EXPECT_THAT(user_of(claims({{"preferred_username", 7}}), by("preferred_username"), people),
                HasSubstr("is missing"));
    EXPECT_THAT(user_of(claims({{"preferred_username", ""}}), by("preferred_username"), people),
                HasSubstr("is missing"));
}

TEST(Identify, KnowsNobodyWhoIsNotListed) {
    const People people{configuration()};
    const auto identity =
        identify(claims({{"preferred_username", "mallory\n"}}), by("preferred_username"), people);
    ASSERT_FALSE(identity);
    EXPECT_EQ(identity.error().code, ErrorCode::forbidden);
    EXPECT_THAT(identity.error().message, HasSubstr("'mallory\\x0a'"));
    EXPECT_THAT(identity.error().message, HasSubstr("aliases"));
}

TEST(Identify, KeepsTheClaimedGroupsThatAreHereByThatName) {
    const People people{configuration()};
    const auto groups_of = [&](json::value claimed) {
        const auto identity =
            identify(claims({{"preferred_username", "alice"}, {"groups", std::move(claimed)}}),
                     by("preferred_username"), people);
        return identity.value().groups;
    };
    EXPECT_EQ(groups_of(json::array{"oncall", "DBA", "staff", "dba"}), (GroupNames{"dba", "oncall"}));
    EXPECT_EQ(groups_of("oncall"), (GroupNames{"oncall"}));
    EXPECT_EQ(groups_of(json::array{"oncall", 7}), GroupNames{}) << "not half of a list";
    EXPECT_EQ(groups_of(nullptr), GroupNames{});
}

TEST(Identify, TakesNoGroupsWhereNoClaimIsConfigured) {
    config::OidcProvider provider = by("preferred_username");
    provider.groups_claim.clear();
    const People people{configuration()};
    EXPECT_EQ(identify(claims({{"preferred_username", "alice"}, {"groups", "oncall"}, {"", "oncall"}}),
                       provider, people)
                  .value()
                  .groups,
              GroupNames{});
}

TEST(Identify, KeepsItsFindingsAsText) {
    const ClaimedIdentity identity{"alice", "24 \" 8", {"dba", "on\"call"}};
    EXPECT_EQ(groups_of_claims_text(claims_text(identity)), (GroupNames{"dba", "on\"call"}));
    EXPECT_EQ(groups_of_claims_text(""), GroupNames{});
}

TEST(ClaimedGroups, JoinWhatTheConfigurationSays) {
    const People people{configuration()};
    const auto principal = principal_of("bob", {"oncall", "unknown"}, people);
    ASSERT_TRUE(principal);
    EXPECT_EQ(principal->groups, (GroupNames{"dba", "oncall"}));
    EXPECT_EQ(principal->claimed_groups, (GroupNames{"oncall"}));
    const auto joined = with_claimed_groups(people.directory(), "bob", principal->claimed_groups);
    EXPECT_TRUE(joined.is_member("dba", "bob"));
    EXPECT_TRUE(joined.is_member("oncall", "bob"));
    EXPECT_FALSE(people.directory().is_member("oncall", "bob"));
}

TEST(ClaimedGroups, MakeNoUserAndNoGroup) {
    const People people{configuration()};
    EXPECT_FALSE(principal_of("mallory", {"oncall"}, people));
    const auto joined = with_claimed_groups(people.directory(), "mallory", {"oncall"});
    EXPECT_FALSE(joined.knows_user("mallory"));
    EXPECT_FALSE(with_claimed_groups(people.directory(), "alice", {"new"}).knows_group("new"));
}

TEST(ClaimedGroups, MakeNobodyAnAdministrator) {
    const People people{configuration()};
    const auto principal = principal_of("alice", {"administrators"}, people);
    ASSERT_TRUE(principal);
    EXPECT_FALSE(principal->is_administrator);
    EXPECT_EQ(principal->groups, GroupNames{});
    EXPECT_TRUE(principal_of("carol", {}, people)->is_administrator) << "the configuration does";
}

TEST(ClaimedGroups, MakeAnAdministratorWhereThatIsConfigured) {
    config::Config config = configuration();
    config.sign_in.oidc->administrators_from_claims = true;
    EXPECT_TRUE(principal_of("alice", {"administrators"}, People{config})->is_administrator);
}

TEST(ClaimedGroups, CountNoMoreOnceTheProviderIsNotConfigured) {
    config::Config config = configuration();
    config.sign_in.oidc.reset();
    EXPECT_EQ(principal_of("alice", {"dba"}, People{config})->groups, GroupNames{});
}

TEST(Principal, OfTheAdminSocketIsAnAdministrator) {
    const People people{configuration()};
    const Principal root = principal_of_socket("root", people);
    EXPECT_EQ(root.user, "");
    EXPECT_EQ(root.recorded_as, "root");
    EXPECT_TRUE(root.may(Scope::admin));
    EXPECT_EQ(root.via, Via::socket);
}

// Else somebody could ask as the user and approve as the user of the system.
TEST(Principal, OfTheAdminSocketIsTheUserOfThatName) {
    const People people{configuration()};
    const Principal alice = principal_of_socket("asmith", people);
    EXPECT_EQ(alice.user, "alice");
    EXPECT_EQ(alice.recorded_as, "asmith");
    EXPECT_TRUE(alice.is_administrator);
}

TEST(Principal, MayWhatItsScopesAndItsUserMay) {
    const People people{configuration()};
    Principal alice = *principal_of("alice", {}, people);
    alice.scopes = Scopes::all();
    EXPECT_TRUE(alice.may(Scope::review));
    EXPECT_FALSE(alice.may(Scope::admin)) << "no administrator";
    Principal carol = *principal_of("carol", {}, people);
    carol.scopes = {Scope::request};
    EXPECT_TRUE(carol.may(Scope::read));
    EXPECT_FALSE(carol.may(Scope::admin)) << "not with this token";
    carol.scopes.add(Scope::admin);
    EXPECT_TRUE(carol.may(Scope::admin));
}

}  // namespace
}  // namespace curfew::identity

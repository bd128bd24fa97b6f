#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "policy/admission.hpp"

namespace curfew::policy {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

LiveGrant on(std::string resource) {
    LiveGrant live;
    live.grant.id = GrantId::generate();
    live.grant.resource = std::move(resource);
    return live;
}

TEST(Grants, HoldNothingAtFirst) {
    const Grants grants;
    EXPECT_THAT(grants.all(), IsEmpty());
    EXPECT_THAT(grants.on_resource("prod"), IsEmpty());
    EXPECT_EQ(grants.find(GrantId::generate()), nullptr);
}

TEST(Grants, AreFoundByTheirIdentifiers) {
    const Grants grants{{on("prod"), on("staging"), on("prod")}};
    for (const auto& grant : grants.all())
        EXPECT_EQ(grants.find(grant->grant.id), grant.get());
    EXPECT_EQ(grants.find(GrantId::generate()), nullptr);
    EXPECT_EQ(grants.find(GrantId{}), nullptr);
}

TEST(Grants, AreFoundByTheirResource) {
    const Grants grants{{on("prod"), on("staging"), on("prod")}};
    EXPECT_THAT(grants.on_resource("prod"),
                UnorderedElementsAre(grants.all()[0].get(), grants.all()[2].get()));
    EXPECT_THAT(grants.on_resource("staging"), UnorderedElementsAre(grants.all()[1].get()));
    for (const auto* other : {"", "pro", "prod2", "Prod"})
        EXPECT_THAT(grants.on_resource(other), IsEmpty()) << other;
}

TEST(Grants, ShareWhatStayedTheSameWithThoseThatFollow) {
    const Grants before{{on("prod"), on("staging"), on("prod")}};
    const LiveGrant added = on("prod");
    const Grants with = before.with(added);
    ASSERT_EQ(with.all().size(), 4U);
    for (const auto& grant : before.all())
        EXPECT_EQ(with.find(grant->grant.id), grant.get());
    EXPECT_EQ(with.on_resource("prod").size(), 3U);
    EXPECT_EQ(before.find(added.grant.id), nullptr);

    const Grants without = with.without(before.all()[0]->grant.id);
    EXPECT_EQ(without.find(before.all()[0]->grant.id), nullptr);
    EXPECT_THAT(without.on_resource("prod"),
                UnorderedElementsAre(before.all()[2].get(), with.find(added.grant.id)));
    EXPECT_EQ(with.all().size(), 4U);
    EXPECT_EQ(with.without(GrantId::generate()).all().size(), 4U);
}

TEST(Grants, HaveOneOfEachIdentifier) {
    const Grants before{{on("prod"), on("prod")}};
    LiveGrant changed = *before.all()[0];
    changed.grant.resource = "staging";
    const Grants after = before.with(changed);
    EXPECT_EQ(after.all().size(), 2U);
    EXPECT_EQ(after.find(changed.grant.id)->grant.resource, "staging");
    EXPECT_EQ(after.on_resource("prod").size(), 1U);
}

TEST(Refusal, HasAWordOfItsOwn) {
    std::set<std::string_view> words;
    for (const auto refusal :
         {Refusal::unknown_user, Refusal::no_grant, Refusal::not_yet, Refusal::replication_refused})
        words.insert(to_string(refusal));
    EXPECT_THAT(words, UnorderedElementsAre("unknown_user", "no_grant", "not_yet", "replication_refused"));
}

}  // namespace
}  // namespace curfew::policy

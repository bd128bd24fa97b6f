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
    for (const LiveGrant& grant : grants.all())
        EXPECT_EQ(grants.find(grant.grant.id), &grant);
    EXPECT_EQ(grants.find(GrantId::generate()), nullptr);
    EXPECT_EQ(grants.find(GrantId{}), nullptr);
}

TEST(Grants, AreFoundByTheirResource) {
    const Grants grants{{on("prod"), on("staging"), on("prod")}};
    EXPECT_THAT(grants.on_resource("prod"), UnorderedElementsAre(&grants.all()[0], &grants.all()[2]));
    EXPECT_THAT(grants.on_resource("staging"), UnorderedElementsAre(&grants.all()[1]));
    for (const auto* other : {"", "pro", "prod2", "Prod"})
        EXPECT_THAT(grants.on_resource(other), IsEmpty()) << other;
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

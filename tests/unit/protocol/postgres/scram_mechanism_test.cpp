#include "protocol/postgres/scram_mechanism.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace curfew::postgres {
namespace {

using ::testing::ElementsAre;

TEST(ScramMechanism, IsReadAsItIsWritten) {
    for (const auto mechanism : {ScramMechanism::sha_256, ScramMechanism::sha_256_plus})
        EXPECT_EQ(parse_scram_mechanism(to_string(mechanism)), mechanism);
}

TEST(ScramMechanism, RefusesOtherNames) {
    for (const auto* name :
         {"", "SCRAM-SHA-1", "scram-sha-256", "SCRAM-SHA-256-", "SCRAM-SHA-256-PLUS2", "PLAIN"})
        EXPECT_EQ(parse_scram_mechanism(name), std::nullopt) << name;
}

TEST(OfferedMechanisms, HavePlusFirstWhereTheConnectionCanBeBound) {
    EXPECT_THAT(offered_scram_mechanisms(true), ElementsAre("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"));
    EXPECT_THAT(offered_scram_mechanisms(false), ElementsAre("SCRAM-SHA-256"));
}

TEST(ChosenMechanism, IsPlusWhereBothSidesCan) {
    EXPECT_EQ(choose_scram_mechanism({"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"}, true),
              ScramMechanism::sha_256_plus);
}

TEST(ChosenMechanism, IsPlainWhereOneSideCannotBind) {
    EXPECT_EQ(choose_scram_mechanism({"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}, false),
              ScramMechanism::sha_256);
    EXPECT_EQ(choose_scram_mechanism({"SCRAM-SHA-256"}, true), ScramMechanism::sha_256);
}

TEST(ChosenMechanism, IsNoneWhereTheServerOffersNothingWeKnow) {
    EXPECT_EQ(choose_scram_mechanism({"SCRAM-SHA-256-PLUS"}, false), std::nullopt);
    EXPECT_EQ(choose_scram_mechanism({"OAUTHBEARER"}, true), std::nullopt);
    EXPECT_EQ(choose_scram_mechanism({}, true), std::nullopt);
}

}  // namespace
}  // namespace curfew::postgres

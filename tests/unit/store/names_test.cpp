// The words that the store keeps, and what a grant's state follows from.
#include <gtest/gtest.h>

#include "store/store.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::GrantState;
using store::Confirmation;
using store::GrantCountdown;
using store::SessionState;

TEST(StoreNames, ReadsEveryConfirmationThatItWrites) {
    for (const auto value : {Confirmation::pending, Confirmation::activity, Confirmation::eof,
                             Confirmation::never_started, Confirmation::unconfirmed})
        EXPECT_EQ(store::parse_confirmation(store::to_string(value)), value);
    EXPECT_EQ(store::parse_confirmation("Activity"), std::nullopt);
    EXPECT_EQ(store::parse_confirmation(""), std::nullopt);
}

TEST(StoreNames, ReadsEverySessionStateThatItWrites) {
    for (const auto value : {SessionState::live, SessionState::ending, SessionState::ended})
        EXPECT_EQ(store::parse_session_state(store::to_string(value)), value);
    EXPECT_EQ(store::parse_session_state("over"), std::nullopt);
}

TEST(GrantState, FollowsFromTheWindow) {
    EXPECT_EQ((GrantCountdown{{}, 1ns, 1h, {}}.state()), GrantState::upcoming);
    EXPECT_EQ((GrantCountdown{{}, 0ns, 1h, {}}.state()), GrantState::active);
    EXPECT_EQ((GrantCountdown{{}, -1h, 1ns, {}}.state()), GrantState::active);
    EXPECT_EQ((GrantCountdown{{}, -1h, 0ns, {}}.state()), GrantState::ended);
}

TEST(GrantState, IsEndedOnceThatWasSeenWhateverTheClockSays) {
    policy::Grant grant;
    grant.ended = true;
    EXPECT_EQ((GrantCountdown{grant, -1h, 1h, {}}.state()), GrantState::ended);
}

TEST(GrantState, StaysRevokedWhenTheWindowHasPassed) {
    policy::Grant grant;
    grant.revoked = policy::Grant::Revocation{};
    EXPECT_EQ((GrantCountdown{grant, -1h, 1h, {}}.state()), GrantState::revoked);
    EXPECT_EQ((GrantCountdown{grant, -2h, -1h, {}}.state()), GrantState::revoked);
}

}  // namespace
}  // namespace curfew::test

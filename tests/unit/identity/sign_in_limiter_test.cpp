#include "identity/sign_in_limiter.hpp"

#include <gtest/gtest.h>

#include <string>

#include "identity/token_buckets.hpp"

namespace curfew::identity {
namespace {

using namespace std::chrono_literals;

BootInstant at(Duration since) {
    return BootInstant{1h + since};
}

TEST(TokenBuckets, GiveABurstAndThenOneAtATime) {
    TokenBuckets buckets{{3, 10s}, 100};
    for (int i = 0; i < 3; ++i) {
        EXPECT_LE(buckets.wait("a", at(0s)), 0s) << i;
        buckets.take("a", at(0s));
    }
    EXPECT_EQ(buckets.wait("a", at(0s)), 10s);
    EXPECT_EQ(buckets.wait("a", at(9s)), 1s);
    EXPECT_LE(buckets.wait("a", at(10s)), 0s);
    buckets.take("a", at(10s));
    EXPECT_EQ(buckets.wait("a", at(10s)), 10s);
}

TEST(TokenBuckets, AreOneForEachKey) {
    TokenBuckets buckets{{1, 10s}, 100};
    buckets.take("a", at(0s));
    EXPECT_GT(buckets.wait("a", at(0s)), 0s);
    EXPECT_LE(buckets.wait("b", at(0s)), 0s);
}

TEST(TokenBuckets, TakeBackWhatIsGivenBack) {
    TokenBuckets buckets{{2, 10s}, 100};
    buckets.take("a", at(0s));
    buckets.take("a", at(0s));
    buckets.give_back("a", at(0s));
    EXPECT_LE(buckets.wait("a", at(0s)), 0s);
    buckets.take("a", at(0s));
    EXPECT_GT(buckets.wait("a", at(0s)), 0s);
}

TEST(TokenBuckets, NeverHoldMoreThanTheirBurst) {
    TokenBuckets buckets{{2, 10s}, 100};
    buckets.give_back("a", at(0s));
    buckets.give_back("a", at(0s));
    for (int i = 0; i < 2; ++i)
        buckets.take("a", at(1000s));
    EXPECT_GT(buckets.wait("a", at(1000s)), 0s);
}

TEST(TokenBuckets, ForgetTheFullOnes) {
    TokenBuckets buckets{{2, 10s}, 100};
    for (int i = 0; i < 50; ++i)
        buckets.take(std::to_string(i), at(0s));
    EXPECT_EQ(buckets.size(), 50U);
    buckets.take("another", at(10s));
    EXPECT_EQ(buckets.size(), 1U);
}

TEST(TokenBuckets, StayBoundedAndRememberWhoWasHitHardest) {
    TokenBuckets buckets{{2, 10s}, 100};
    for (int i = 0; i < 3; ++i)
        buckets.take("hit", at(0s));
    for (int i = 0; i < 10'000; ++i)
        buckets.take("sprayed" + std::to_string(i), at(0s));
    EXPECT_EQ(buckets.size(), 100U);
    EXPECT_EQ(buckets.wait("hit", at(0s)), 20s);
}

class SignInLimiterTest : public testing::Test {
protected:
    // How many tries in a row are let through, of `at_most`.
    int tries(std::string_view user, std::string_view address, int at_most) {
        int allowed = 0;
        while (allowed < at_most && !limiter_.refuse(user, address))
            ++allowed;
        return allowed;
    }

    ManualClock clock_;
    SignInLimiter limiter_{clock_};
};

TEST_F(SignInLimiterTest, SlowsDownWhoGuessesOneUsersPassword) {
    EXPECT_EQ(tries("alice", "192.0.2.1", 100), 10);
    EXPECT_EQ(limiter_.refuse("alice", "192.0.2.1"), Duration{30s});
    EXPECT_EQ(limiter_.refuse("alice", "192.0.2.2"), Duration{30s}) << "from wherever";
    EXPECT_EQ(limiter_.refuse("bob", "192.0.2.2"), std::nullopt) << "others are not concerned";
}

TEST_F(SignInLimiterTest, NeverLocksAnybodyOutForGood) {
    tries("alice", "192.0.2.1", 100);
    clock_.advance(30s);
    EXPECT_EQ(tries("alice", "192.0.2.2", 100), 1);
    clock_.advance(1h);
    EXPECT_EQ(tries("alice", "192.0.2.2", 100), 10);
}

TEST_F(SignInLimiterTest, CountsTriesThatWereRefusedForNothing) {
    tries("alice", "192.0.2.1", 100);
    for (int i = 0; i < 1000; ++i)
        EXPECT_TRUE(limiter_.refuse("alice", "192.0.2.1"));
    EXPECT_EQ(limiter_.refuse("alice", "192.0.2.1"), Duration{30s}) << "knocking makes it no longer";
}

TEST_F(SignInLimiterTest, SlowsDownAnAddressThatTriesManyUsers) {
    int allowed = 0;
    for (int i = 0; i < 100; ++i)
        allowed += limiter_.refuse("user" + std::to_string(i), "192.0.2.1") ? 0 : 1;
    EXPECT_EQ(allowed, 20);
    EXPECT_FALSE(limiter_.refuse("user", "192.0.2.2"));
}

TEST_F(SignInLimiterTest, TakesA64OfIpv6ForOneAddress) {
    for (int i = 0; i < 20; ++i)
        EXPECT_FALSE(limiter_.refuse("user" + std::to_string(i), "2001:db8::" + std::to_string(i)));
    EXPECT_TRUE(limiter_.refuse("user", "2001:db8::ffff"));
    EXPECT_FALSE(limiter_.refuse("user", "2001:db8:0:1::1"));
}

TEST_F(SignInLimiterTest, DoesNotCountTheRightPassword) {
    for (int i = 0; i < 1000; ++i) {
        ASSERT_FALSE(limiter_.refuse("alice", "192.0.2.1"));
        limiter_.succeeded("alice", "192.0.2.1");
    }
    EXPECT_EQ(tries("alice", "192.0.2.9", 100), 10) << "nor against others";
}

TEST_F(SignInLimiterTest, KeepsNobodyOutWhoseAddressIsKnown) {
    ASSERT_FALSE(limiter_.refuse("alice", "192.0.2.1"));
    limiter_.succeeded("alice", "192.0.2.1");
    for (int attacker = 0; attacker < 100; ++attacker)
        tries("alice", "198.51.100." + std::to_string(attacker), 100);
    EXPECT_TRUE(limiter_.refuse("alice", "198.51.100.200"));
    EXPECT_EQ(tries("alice", "192.0.2.1", 100), 10) << "with a budget of its own";
}

TEST_F(SignInLimiterTest, ForgetsAnAddressAfterAMonth) {
    ASSERT_FALSE(limiter_.refuse("alice", "192.0.2.1"));
    limiter_.succeeded("alice", "192.0.2.1");
    clock_.advance(24h * 30 - 1s);
    tries("alice", "198.51.100.1", 100);
    ASSERT_FALSE(limiter_.refuse("alice", "192.0.2.1"));
    clock_.advance(1s);
    EXPECT_TRUE(limiter_.refuse("alice", "192.0.2.1"));
}

TEST_F(SignInLimiterTest, TakesCaseVariantsForOneUser) {
    EXPECT_EQ(tries("alice", "192.0.2.1", 5), 5);
    EXPECT_EQ(tries("ALICE", "192.0.2.2", 100), 5);
}

TEST_F(SignInLimiterTest, IsNotMovedByTheWallClock) {
    tries("alice", "192.0.2.1", 100);
    clock_.step_wall(1h);
    EXPECT_TRUE(limiter_.refuse("alice", "192.0.2.1"));
}

TEST(AddressKey, IsOneForEverySubscriber) {
    EXPECT_EQ(address_key("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(address_key("::ffff:192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(address_key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
    EXPECT_EQ(address_key("unix"), "unix");
}

}  // namespace
}  // namespace curfew::identity

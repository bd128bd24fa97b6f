#include "identity/password_checker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <ctime>
#include <vector>

#include "support/running_loop.hpp"

namespace curfew::identity {
namespace {

using test::await;

constexpr ScryptCost cheap{4, 8, 1};
const Secret password{"correct horse battery"};

TEST(PasswordChecker, KnowsTheRightPassword) {
    PasswordChecker checker{cheap};
    const auto stored = await(checker.hash(password));
    ASSERT_TRUE(stored);
    EXPECT_TRUE(await(checker.check(password, *stored))->right);
    EXPECT_FALSE(await(checker.check(Secret{"another horse battery"}, *stored))->right);
}

TEST(PasswordChecker, LetsNobodyInWhereThereIsNoPassword) {
    PasswordChecker checker{cheap};
    EXPECT_FALSE(await(checker.check(password, std::nullopt))->right);
    EXPECT_FALSE(await(checker.check(Secret{""}, std::nullopt))->right);
}

TEST(PasswordChecker, RenewsAHashThatCostLessThanToday) {
    PasswordChecker checker{ScryptCost{5, 8, 1}};
    const auto old = PasswordHash::of(password, cheap).text();
    const auto check = await(checker.check(password, old));
    ASSERT_TRUE(check->right);
    ASSERT_TRUE(check->renewed);
    const auto renewed = PasswordHash::parse(check->renewed->reveal());
    EXPECT_EQ(renewed->cost(), (ScryptCost{5, 8, 1}));
    EXPECT_TRUE(renewed->is_of(password));
    EXPECT_FALSE(await(checker.check(password, *check->renewed))->renewed) << "once is enough";
    EXPECT_FALSE(await(checker.check(Secret{"another horse battery"}, old))->renewed) << "not by a wrong one";
}

TEST(PasswordChecker, SaysSoWhenWhatIsStoredIsNoHash) {
    PasswordChecker checker{cheap};
    EXPECT_EQ(await(checker.check(password, Secret{"md5abc"})).error().code, ErrorCode::internal);
}

TEST(PasswordChecker, DoesNotHashWhatIsTooLongToBeAPassword) {
    PasswordChecker checker{cheap};
    const auto stored = PasswordHash::of(Secret{std::string(longest_password + 1, 'x')}, cheap).text();
    EXPECT_FALSE(await(checker.check(Secret{std::string(longest_password + 1, 'x')}, stored))->right);
}

// Medians, so that one interruption means nothing. A check that skipped the hash would take a thousandth.
TEST(PasswordChecker, TakesAsLongForNobody) {
    const ScryptCost cost{12, 8, 1};
    PasswordChecker checker{cost};
    const auto stored = PasswordHash::of(password, cost).text();
    // By the work that it is: how long that takes is a matter of what else the machine has to do.
    const auto median = [&](const std::optional<Secret>& of) {
        std::vector<std::clock_t> times;
        for (int i = 0; i < 9; ++i) {
            const std::clock_t start = std::clock();
            EXPECT_FALSE(await(checker.check(Secret{"another horse battery"}, of))->right);
            times.push_back(std::clock() - start);
        }
        std::sort(times.begin(), times.end());
        return times[times.size() / 2];
    };
    const auto somebody = median(stored);
    const auto nobody = median(std::nullopt);
    EXPECT_LT(nobody, somebody * 3);
    EXPECT_LT(somebody, nobody * 3);
}

TEST(PasswordChecker, RefusesAFloodInsteadOfQueuingIt) {
    boost::asio::io_context loop;
    PasswordChecker checker{ScryptCost{13, 8, 1}};
    int done = 0;
    int refused = 0;
    for (int i = 0; i < 200; ++i) {
        boost::asio::co_spawn(loop, checker.check(password, std::nullopt),
                              [&](const std::exception_ptr&, const Result<PasswordCheck>& check) {
                                  check ? ++done : ++refused;
                              });
    }
    loop.run();
    EXPECT_EQ(done + refused, 200);
    EXPECT_GE(refused, 100);
    EXPECT_GE(done, 32);
}

}  // namespace
}  // namespace curfew::identity

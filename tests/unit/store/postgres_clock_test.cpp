// Time as a store in PostgreSQL tells it: never later than true, never back.
#include "store/postgres/postgres_clock.hpp"

#include <gtest/gtest.h>

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::PostgresClock;
using Wall = std::chrono::sys_time<Duration>;

const BootInstant boot{1h};
const Wall noon{std::chrono::hours{24 * 365 * 50}};

TEST(PostgresClocks, ShowWhatPostgresqlShowsAsOfTheQuestion) {
    PostgresClock clock;
    const auto time = clock.read(noon, boot, boot + 3ms);
    EXPECT_EQ(time.wall, noon);
    EXPECT_EQ(time.boot, boot) << "so that a slow answer shortens what is left, and never lengthens it";
    EXPECT_EQ(clock.ahead(), 0s);
}

TEST(PostgresClocks, FollowPostgresqlForwards) {
    PostgresClock clock;
    (void)clock.read(noon, boot, boot);
    EXPECT_EQ(clock.read(noon + 2h, boot + 1s, boot + 1s).wall, noon + 2h);
    EXPECT_EQ(clock.ahead(), 0s);
}

TEST(PostgresClocks, GoOnWherePostgresqlWasSetBack) {
    PostgresClock clock;
    (void)clock.read(noon, boot, boot);
    EXPECT_EQ(clock.read(noon - 1h, boot + 10s, boot + 10s).wall, noon + 10s);
    EXPECT_EQ(clock.ahead(), 1h + 10s);
    EXPECT_EQ(clock.read(noon - 1h + 5s, boot + 15s, boot + 15s).wall, noon + 15s);
}

TEST(PostgresClocks, AreNotDrivenAheadBySlowAnswers) {
    PostgresClock clock;
    // The clock was read at the beginning of these two seconds, as well as it may have been at their end.
    (void)clock.read(noon, boot, boot + 2s);
    EXPECT_EQ(clock.read(noon + 3s, boot + 3s, boot + 3s).wall, noon + 3s);
    EXPECT_EQ(clock.ahead(), 0s);
}

}  // namespace
}  // namespace curfew::test

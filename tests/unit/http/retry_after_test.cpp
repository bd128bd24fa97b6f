#include "http/retry_after.hpp"

#include <gtest/gtest.h>

#include "base/time_text.hpp"

namespace curfew::http {
namespace {

using namespace std::chrono_literals;

const WallInstant now = parse_utc("2026-11-24T14:05:00Z").value();

TEST(RetryAfter, IsANumberOfSeconds) {
    EXPECT_EQ(parse_retry_after("0", now), 0s);
    EXPECT_EQ(parse_retry_after("17", now), 17s);
    EXPECT_EQ(parse_retry_after("99999999999", now), 366 * 24h);
}

TEST(RetryAfter, IsADateOfHttp) {
    EXPECT_EQ(parse_retry_after("Tue, 24 Nov 2026 14:06:30 GMT", now), 90s);
    EXPECT_EQ(parse_retry_after("Tue, 24 Nov 2026 14:00:00 GMT", now), 0s);
}

TEST(RetryAfter, IsNothingElse) {
    for (const char* text : {"", "-1", "1.5", "17s", " 17", "soon", "2026-11-24", "99999999999999999999"})
        EXPECT_EQ(parse_retry_after(text, now), std::nullopt) << text;
}

}  // namespace
}  // namespace curfew::http

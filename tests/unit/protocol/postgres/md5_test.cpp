#include "protocol/postgres/md5_auth.hpp"

#include <gtest/gtest.h>

namespace curfew::postgres {
namespace {

// Reference values: md5(md5(password, user) in hexadecimal, salt), by Python's hashlib.
TEST(Md5Response, HashesPasswordWithUserAndThenWithTheSalt) {
    EXPECT_EQ(md5_response("alice", "secret", "\x01\x02\x03\x04"), "md598a0412b9c31436fc53776e863350083");
}

TEST(Md5Response, TakesZeroBytesInTheSaltAsTheyCome) {
    EXPECT_EQ(md5_response("alice", "secret", std::string_view{"\0\0\0\0", 4}),
              "md5d5892e05ed854e3687f1ffefc3977bf9");
}

}  // namespace
}  // namespace curfew::postgres

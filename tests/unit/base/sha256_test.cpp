#include "base/sha256.hpp"

#include <gtest/gtest.h>

namespace curfew::test {
namespace {

// FIPS 180-4's examples.
TEST(Sha256, IsThatOfTheStandard) {
    EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256, IsThereAsBytes) {
    const Sha256Digest digest = sha256("abc");
    EXPECT_EQ(digest_bytes(digest).size(), 32U);
    EXPECT_EQ(digest_bytes(digest).front(), '\xba');
}

}  // namespace
}  // namespace curfew::test

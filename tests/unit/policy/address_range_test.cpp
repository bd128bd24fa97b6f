#include "policy/address_range.hpp"

#include <gtest/gtest.h>

namespace curfew::policy {
namespace {

AddressRange range(const std::string& address, const std::string& mask = "") {
    return AddressRange::parse(address, mask).value();
}

TEST(AddressRange, IsReadFromAnAddressAndAMask) {
    for (const char* text : {"192.0.2.1", "0.0.0.0", "::1", "2001:db8::7", "fe80::1%eth0"})
        EXPECT_TRUE(AddressRange::parse(text)) << text;
    for (const char* text : {"", "all", "samehost", "db.example.com", "192.0.2", "192.0.2.1/24"})
        EXPECT_FALSE(AddressRange::parse(text)) << text;
    EXPECT_FALSE(AddressRange::parse("192.0.2.0", "ffff::")) << "of two families";
    EXPECT_FALSE(AddressRange::parse("192.0.2.0", "24"));
}

TEST(AddressRange, ContainsWhatAgreesInTheBitsOfItsMask) {
    const AddressRange net = range("192.0.2.64", "255.255.255.192");
    EXPECT_TRUE(net.contains(range("192.0.2.64")));
    EXPECT_TRUE(net.contains(range("192.0.2.127")));
    EXPECT_TRUE(net.contains(range("192.0.2.96", "255.255.255.224")));
    EXPECT_TRUE(net.contains(net));
    EXPECT_FALSE(net.contains(range("192.0.2.128")));
    EXPECT_FALSE(net.contains(range("192.0.2.0", "255.255.255.0")));
    EXPECT_FALSE(range("192.0.2.64").contains(net));
}

TEST(AddressRange, ContainsNothingOfTheOtherFamily) {
    EXPECT_FALSE(range("0.0.0.0", "0.0.0.0").contains(range("::1")));
    EXPECT_FALSE(range("::", "::").contains(range("127.0.0.1")));
    EXPECT_TRUE(range("::", "::").contains(range("2001:db8::7")));
}

TEST(AddressRange, OverlapsWhatHasAnAddressInCommon) {
    EXPECT_TRUE(range("0.0.0.0", "0.0.0.0").overlaps(AddressRange::loopback_v4()));
    EXPECT_TRUE(range("127.0.0.1").overlaps(AddressRange::loopback_v4()));
    EXPECT_FALSE(range("10.0.0.0", "255.0.0.0").overlaps(AddressRange::loopback_v4()));
    EXPECT_FALSE(range("::1").overlaps(AddressRange::loopback_v4()));
}

TEST(AddressRange, IsLoopbackIfItIsNothingElse) {
    EXPECT_TRUE(range("127.0.0.1").is_loopback());
    EXPECT_TRUE(range("::1").is_loopback());
    EXPECT_FALSE(range("0.0.0.0", "0.0.0.0").is_loopback());
    EXPECT_FALSE(range("::", "::").is_loopback());
}

}  // namespace
}  // namespace curfew::policy

#include "base/ip_network.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace curfew {
namespace {

std::optional<std::string> address(std::string_view text) {
    const auto read = IpAddress::parse(text);
    return read ? std::optional{read->text()} : std::nullopt;
}

bool contains(std::string_view network, std::string_view inside) {
    return IpNetwork::parse(network).value().contains(IpAddress::parse(inside).value());
}

TEST(IpAddress, IsReadInBothFamilies) {
    EXPECT_EQ(address("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(address("2001:DB8::1"), "2001:db8::1");
    for (const std::string text : {"", "192.0.2", "192.0.2.1.5", "192.0.2.256", "0x7f.1", "fe80::1%eth0",
                                   "[::1]", "localhost", " 127.0.0.1"})
        EXPECT_EQ(address(text), std::nullopt) << text;
    EXPECT_EQ(address(std::string_view{"127.0.0.1\0.example", 18}), std::nullopt);
}

TEST(IpAddress, IsTheSameMappedIntoIpv6) {
    const auto mapped = IpAddress::parse("::ffff:192.0.2.1");
    ASSERT_TRUE(mapped);
    EXPECT_TRUE(mapped->is_v4());
    EXPECT_EQ(*mapped, IpAddress::parse("192.0.2.1"));
    EXPECT_FALSE(IpAddress::parse("::192.0.2.1")->is_v4());
}

TEST(IpNetwork, ContainsWhatBeginsWithItsBits) {
    EXPECT_TRUE(contains("10.0.0.0/8", "10.255.255.255"));
    EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
    EXPECT_TRUE(contains("192.0.2.128/25", "192.0.2.128"));
    EXPECT_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
    EXPECT_TRUE(contains("2001:db8::/32", "2001:db8:ffff::1"));
    EXPECT_FALSE(contains("2001:db8::/32", "2001:db9::"));
    EXPECT_TRUE(contains("192.0.2.7", "192.0.2.7"));
    EXPECT_FALSE(contains("192.0.2.7", "192.0.2.6"));
    EXPECT_TRUE(contains("0.0.0.0/0", "8.8.8.8"));
}

TEST(IpNetwork, KeepsTheFamiliesApart) {
    EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
    EXPECT_TRUE(contains("::/0", "10.1.2.3"));
}

TEST(IpNetwork, RefusesBitsBehindItsLength) {
    for (const char* text : {"10.0.0.1/8", "192.0.2.1/24", "2001:db8::1/32", "10.0.0.0/33", "::/129",
                             "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/ 8", "/8", ""})
        EXPECT_FALSE(IpNetwork::parse(text)) << text;
}

TEST(IpNetwork, IsWrittenAsItIsRead) {
    for (const char* text : {"10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32", "::/0"})
        EXPECT_EQ(IpNetwork::parse(text)->text(), text);
}

}  // namespace
}  // namespace curfew

#include "http/destinations.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <string>

namespace curfew::http {
namespace {

bool is_public(const std::string& text) {
    return http::is_public(IpAddress::parse(text).value());
}

TEST(Destinations, ArePublicOnTheInternet) {
    for (const char* text :
         {"1.1.1.1", "8.8.8.8", "11.0.0.1", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
          "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
          "223.255.255.255", "2606:4700::1111", "2a00:1450::1"})
        EXPECT_TRUE(is_public(text)) << text;
}

TEST(Destinations, AreNotPublicOnThisMachineAndInPrivateNetworks) {
    for (const char* text : {"127.0.0.1", "127.255.255.255", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1",
                             "172.31.255.255", "192.168.0.1", "100.64.0.1", "::1", "::", "fc00::1",
                             "fd12:3456::1", "fe80::1", "febf::1", "fec0::1"})
        EXPECT_FALSE(is_public(text)) << text;
}

TEST(Destinations, AreNotPublicWhereCloudsTellMachinesTheirSecrets) {
    for (const char* text : {"169.254.169.254", "169.254.170.2", "168.63.129.16", "100.100.100.200",
                             "192.0.0.192", "fd00:ec2::254"})
        EXPECT_FALSE(is_public(text)) << text;
}

TEST(Destinations, AreNotPublicAsMulticastReservedOrDocumentation) {
    for (const char* text :
         {"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.51.100.1",
          "203.0.113.1", "198.18.0.1", "ff02::1", "2001:db8::1", "3fff::1", "2001::1", "100::1", "5f00::1"})
        EXPECT_FALSE(is_public(text)) << text;
}

TEST(Destinations, AreInIpv6WhatTheIpv4AddressInThemIs) {
    EXPECT_FALSE(is_public("::ffff:127.0.0.1"));
    EXPECT_FALSE(is_public("::ffff:169.254.169.254"));
    EXPECT_TRUE(is_public("::ffff:8.8.8.8"));
    EXPECT_FALSE(is_public("64:ff9b::a9fe:a9fe"));
    EXPECT_TRUE(is_public("64:ff9b::808:808"));
    EXPECT_FALSE(is_public("2002:7f00:1::"));
    EXPECT_FALSE(is_public("2002:a00:1::1"));
    EXPECT_FALSE(is_public("::127.0.0.1"));
}

TEST(Destinations, AllowNetworksThatAreNamed) {
    const auto destinations = Destinations::public_and({IpNetwork::parse("10.1.2.0/24").value()});
    EXPECT_TRUE(destinations.allow(IpAddress::parse("10.1.2.3").value()));
    EXPECT_TRUE(destinations.allow(IpAddress::parse("::ffff:10.1.2.3").value()));
    EXPECT_FALSE(destinations.allow(IpAddress::parse("10.1.3.3").value()));
    EXPECT_TRUE(destinations.allow(IpAddress::parse("8.8.8.8").value()));
}

TEST(Destinations, AllowEverythingWhereTheyAreNotLimited) {
    EXPECT_TRUE(Destinations{}.allow(IpAddress::parse("169.254.169.254").value()));
}

TEST(Destinations, AreReadFromWhatASocketConnectsTo) {
    const auto destinations = Destinations::public_and({});
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    ASSERT_EQ(::inet_pton(AF_INET, "169.254.169.254", &v4.sin_addr), 1);
    EXPECT_FALSE(destinations.allow(reinterpret_cast<const sockaddr*>(&v4)));
    ASSERT_EQ(::inet_pton(AF_INET, "8.8.8.8", &v4.sin_addr), 1);
    EXPECT_TRUE(destinations.allow(reinterpret_cast<const sockaddr*>(&v4)));
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    ASSERT_EQ(::inet_pton(AF_INET6, "::ffff:127.0.0.1", &v6.sin6_addr), 1);
    EXPECT_FALSE(destinations.allow(reinterpret_cast<const sockaddr*>(&v6)));
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    EXPECT_FALSE(destinations.allow(reinterpret_cast<const sockaddr*>(&local)));
}

}  // namespace
}  // namespace curfew::http

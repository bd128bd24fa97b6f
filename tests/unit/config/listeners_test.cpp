#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loading.hpp"

namespace curfew::config::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string with_listener(const std::string& listener) {
    return file_with({{"listeners", "[" + listener + "]"}});
}

Endpoint address_of(const std::string& address) {
    const auto config = load_valid(with_listener("{ address: '" + address + "' }"));
    return config.listeners.empty() ? Endpoint{} : config.listeners.front().address;
}

TEST(ConfigListener, TakesIpv4Ipv6AndUnixSocketAddresses) {
    EXPECT_EQ(address_of("0.0.0.0:6432"), (Endpoint{"0.0.0.0", 6432}));
    EXPECT_EQ(address_of("[::1]:6432"), (Endpoint{"::1", 6432}));
    EXPECT_EQ(address_of("/run/curfew/.s.PGSQL.5432"), (Endpoint{"/run/curfew/.s.PGSQL.5432", 0}));
}

TEST(ConfigListener, Ipv6AddressesAreCanonical) {
    EXPECT_EQ(address_of("[0:0:0:0:0:0:0:1]:6432"), (Endpoint{"::1", 6432}));
}

TEST(ConfigListener, RefusesWhatIsNoAddress) {
    for (const std::string address :
         {"6432", ":6432", "localhost:6432", "0.0.0.0", "0.0.0.0:", "0.0.0.0:65536", "0.0.0.0:x", "::1:6432",
          "[127.0.0.1]:6432", "[::1]", "run/x.sock", "1.2.3:6432", "0.0.0.0:6432 "}) {
        EXPECT_THAT(problems_of(with_listener("{ address: '" + address + "' }")),
                    OnlyProblem("listeners[0].address", "expected an IP address and a port"))
            << address;
    }
}

TEST(ConfigListener, RefusesAUnixSocketPathThatDoesNotFit) {
    const std::string longest = "/" + std::string(106, 'x');
    EXPECT_EQ(address_of(longest).host, longest);
    EXPECT_THAT(problems_of(with_listener("{ address: " + longest + "x }")),
                OnlyProblem("listeners[0].address", "at most 107 bytes"));
}

TEST(ConfigListener, NeedsAnAddress) {
    EXPECT_THAT(problems_of(with_listener("{ name: main }")),
                OnlyProblem("listeners[0]", "the key 'address' is missing"));
}

TEST(ConfigListener, ListMustNotBeEmpty) {
    EXPECT_THAT(problems_of(with_listener("")), OnlyProblem("listeners", "the list is empty"));
}

TEST(ConfigListener, AreAtMost256) {
    std::string many;
    for (int port = 1; port <= 257; ++port)
        many += "{ address: 10.0.0.1:" + std::to_string(port) + " }, ";
    EXPECT_THAT(problems_of(with_listener(many)),
                OnlyProblem("listeners", "at most 256 listeners, found 257"));
}

TEST(ConfigListener, IsNamedByItsPlaceUnlessItHasAName) {
    const auto config = load_valid(with_listener(
        "{ address: 10.0.0.1:1 }, { address: 10.0.0.1:2, name: main }, { address: 10.0.0.1:3 }"));
    ASSERT_EQ(config.listeners.size(), 3U);
    EXPECT_EQ(config.listeners[0].name, "listener-1");
    EXPECT_EQ(config.listeners[1].name, "main");
    EXPECT_EQ(config.listeners[2].name, "listener-3");
}

TEST(ConfigListener, NamesAreUnique) {
    EXPECT_THAT(
        problems_of(with_listener("{ address: 10.0.0.1:1, name: a }, { address: 10.0.0.1:2, name: a }")),
        OnlyProblem("listeners[1].name", "'a' is taken by listeners[0]"));
    EXPECT_THAT(
        problems_of(with_listener("{ address: 10.0.0.1:1, name: listener-2 }, { address: 10.0.0.1:2 }")),
        OnlyProblem("listeners[1].name", "'listener-2' is taken"));
}

TEST(ConfigListener, NamesArePlain) {
    EXPECT_THAT(problems_of(with_listener("{ address: 10.0.0.1:1, name: 'a:b' }")),
                OnlyProblem("listeners[0].name", "'a:b' does not"));
}

TEST(ConfigListener, AddressesDoNotClash) {
    EXPECT_THAT(problems_of(with_listener("{ address: 10.0.0.1:1 }, { address: 10.0.0.1:1 }")),
                OnlyProblem("listeners[1].address", "clashes with 10.0.0.1:1 of listener 'listener-1'"));
    EXPECT_THAT(problems_of(with_listener("{ address: /run/a }, { address: /run/a }")),
                OnlyProblem("listeners[1].address", "clashes"));
}

TEST(ConfigListener, AllAddressesClashWithEachOfTheirKind) {
    EXPECT_THAT(problems_of(with_listener("{ address: 0.0.0.0:1 }, { address: 10.0.0.1:1 }")),
                OnlyProblem("listeners[1].address", "clashes with 0.0.0.0:1"));
    EXPECT_THAT(problems_of(with_listener("{ address: '[fe80::1]:1' }, { address: '[::]:1' }")),
                OnlyProblem("listeners[1].address", "clashes with [fe80::1]:1"));
    EXPECT_THAT(problems_of(with_listener("{ address: 0.0.0.0:1 }, { address: '[::]:1' }")), IsEmpty());
    EXPECT_THAT(problems_of(with_listener("{ address: 0.0.0.0:1 }, { address: 10.0.0.1:2 }")), IsEmpty());
}

TEST(ConfigListener, PortZeroIsAnyThatIsFreeAndClashesWithNothing) {
    const auto config = load_valid(with_listener("{ address: 0.0.0.0:0 }, { address: 0.0.0.0:0 }"));
    ASSERT_EQ(config.listeners.size(), 2U);
    EXPECT_EQ(config.listeners[0].address, (Endpoint{"0.0.0.0", 0}));
}

TEST(ConfigListener, MayBelongToOneResource) {
    const auto config = load_valid(with_listener("{ address: 10.0.0.1:1, resource: prod }"));
    EXPECT_EQ(config.listeners.front().resource, "prod");
}

TEST(ConfigListener, ItsResourceMustExist) {
    EXPECT_THAT(problems_of(with_listener("{ address: 10.0.0.1:1, resource: prd }")),
                OnlyProblem("listeners[0].resource", "there is no resource 'prd' (did you mean 'prod'?)"));
}

TEST(ConfigListener, ResourceThatIsBrokenInsideStillExists) {
    EXPECT_THAT(problems_of(file_with({{"listeners", "[{ address: 10.0.0.1:1, resource: prod }]"},
                                       {"resources", "{ prod: { host: 10.0.0.5, port: 0 } }"}})),
                ElementsAre(HasSubstr("resources.prod.port")));
}

TEST(ConfigListener, WithoutATlsSectionIsPlaintext) {
    EXPECT_EQ(load_valid(file_with({})).listeners.front().tls.mode, ClientTls::disable);
}

TEST(ConfigListener, TlsNeedsACertificate) {
    EXPECT_THAT(problems_of(with_listener("{ address: 10.0.0.1:1, tls: { mode: allow } }")),
                OnlyProblem("listeners[0].tls", "'certificate' and 'key' are missing"));
    EXPECT_THAT(problems_of(with_listener("{ address: 10.0.0.1:1, tls: { } }")),
                OnlyProblem("listeners[0].tls", "'certificate' and 'key' are missing"));
    EXPECT_THAT(problems_of(with_listener("{ address: 10.0.0.1:1, tls: { mode: disable } }")), IsEmpty());
}

TEST(ConfigListener, TlsModeIsOneOfThree) {
    EXPECT_THAT(problems_of(with_listener("{ address: 10.0.0.1:1, tls: { mode: prefer } }")),
                testing::Contains("listeners[0].tls.mode: expected one of disable, allow, require, "
                                  "found 'prefer'"));
}

}  // namespace
}  // namespace curfew::config::test

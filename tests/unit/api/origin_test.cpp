#include "api/origin.hpp"

#include <gtest/gtest.h>

namespace curfew::api {
namespace {

constexpr const char* public_url = "https://Curfew.example.com:8443/";

Request with(std::vector<std::pair<std::string, std::string>> headers) {
    Request request{http::verb::post, "/", 11};
    for (const auto& [name, value] : headers)
        request.insert(name, value);
    return request;
}

bool named(const std::string& host) {
    return names_this_server(with({{"Host", host}}), public_url);
}

TEST(Host, MayBeAnAddressLocalhostOrThePublicName) {
    for (const char* host :
         {"127.0.0.1", "127.0.0.1:8432", "[::1]:8432", "[::1]", "192.0.2.7:1", "localhost", "LOCALHOST:8432",
          "curfew.example.com", "CURFEW.example.com:8443", "curfew.example.com:443"}) {
        EXPECT_TRUE(named(host)) << host;
    }
}

TEST(Host, MayBeNoOtherName) {
    for (const char* host : {"", "evil.example", "evil.example:8432", "curfew.example.com.evil.example",
                             "localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1:8432:1", "[::1",
                             "[evil]", "[127.0.0.1]", "localhost:port", "localhost:", "user@localhost",
                             "localhost/", "local host", "1", "127.1"}) {
        EXPECT_FALSE(named(host)) << host;
    }
}

TEST(Host, MustStandThereOnce) {
    EXPECT_FALSE(names_this_server(with({}), public_url));
    EXPECT_FALSE(names_this_server(with({{"Host", "localhost"}, {"Host", "localhost"}}), public_url));
}

TEST(Host, IsNotTakenFromThePublicUrlWhereThereIsNone) {
    EXPECT_FALSE(names_this_server(with({{"Host", "curfew.example.com"}}), ""));
    EXPECT_TRUE(names_this_server(with({{"Host", "127.0.0.1"}}), ""));
}

Site site(std::vector<std::pair<std::string, std::string>> headers, bool tls = true) {
    headers.emplace_back("Host", "127.0.0.1:8432");
    Peer peer;
    peer.tls = tls;
    return site_of(with(std::move(headers)), peer, public_url);
}

TEST(Site, IsWhatTheBrowserSaysItIs) {
    EXPECT_EQ(site({{"Sec-Fetch-Site", "same-origin"}}), Site::same);
    for (const char* other : {"same-site", "cross-site", "none", "Same-Origin", "whatever"})
        EXPECT_EQ(site({{"Sec-Fetch-Site", other}}), Site::other) << other;
    // The newer header counts: a page cannot set either.
    EXPECT_EQ(site({{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://127.0.0.1:8432"}}), Site::other);
}

TEST(Site, IsTheOriginOfAnOlderBrowser) {
    EXPECT_EQ(site({{"Origin", "https://127.0.0.1:8432"}}), Site::same);
    EXPECT_EQ(site({{"Origin", "https://curfew.example.com:8443"}}), Site::same);
    EXPECT_EQ(site({{"Origin", "http://127.0.0.1:8432"}}, false), Site::same);
    for (const char* other :
         {"http://127.0.0.1:8432", "https://127.0.0.1", "https://127.0.0.1:8433", "null",
          "https://curfew.example.com", "https://curfew.example.com:8443/", "https://evil.example"})
        EXPECT_EQ(site({{"Origin", other}}), Site::other) << other;
}

TEST(Site, IsNotKnownWhereNobodySays) {
    EXPECT_EQ(site({}), Site::unknown);
}

TEST(Site, IsAnotherWhereAHeaderStandsThereTwice) {
    EXPECT_EQ(site({{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "cross-site"}}), Site::other);
    EXPECT_EQ(site({{"Origin", "https://127.0.0.1:8432"}, {"Origin", "https://evil.example"}}), Site::other);
}

}  // namespace
}  // namespace curfew::api

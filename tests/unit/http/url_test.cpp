#include "http/url.hpp"

#include <gtest/gtest.h>

namespace curfew::http {
namespace {

TEST(UrlEncoding, LeavesNothingThatMeansSomething) {
    EXPECT_EQ(url_encoded("azAZ09-._~"), "azAZ09-._~");
    EXPECT_EQ(url_encoded(" +%&=?#/:@\n"), "%20%2B%25%26%3D%3F%23%2F%3A%40%0A");
    EXPECT_EQ(encoded_fields({{"a", "1"}, {"b c", "2&3"}}), "a=1&b%20c=2%263");
}

TEST(UrlOrigin, LeavesOutWhatMayBeASecret) {
    EXPECT_EQ(origin_of("https://example.com/workflows/abc?sig=secret"), "https://example.com");
    EXPECT_EQ(origin_of("https://example.com:8443/x"), "https://example.com:8443");
    EXPECT_EQ(origin_of("http://[::1]:80/x"), "http://[::1]:80");
    EXPECT_EQ(origin_of("https://user:password@example.com/"), "");
    EXPECT_EQ(origin_of("not a URL"), "");
}

}  // namespace
}  // namespace curfew::http

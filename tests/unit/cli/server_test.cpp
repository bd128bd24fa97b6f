// How a server is written, and when a token is not sent to it.
#include "cli/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/sign_in.hpp"

namespace curfew::cli {
namespace {

using testing::HasSubstr;

std::string normal(std::string_view text) {
    const auto url = normal_server_url(text);
    return url ? *url : "refused: " + url.error().message;
}

TEST(ServerUrl, IsWrittenInOneWayOnly) {
    EXPECT_EQ(normal("curfew.example.org"), "https://curfew.example.org");
    EXPECT_EQ(normal("HTTPS://Curfew.Example.org:443/"), "https://curfew.example.org");
    EXPECT_EQ(normal("https://curfew.example.org:8443"), "https://curfew.example.org:8443");
    EXPECT_EQ(normal("https://[2001:db8::1]:8443/"), "https://[2001:db8::1]:8443");
}

TEST(ServerUrl, TakesHttpOnLoopbackAlone) {
    EXPECT_EQ(normal("http://localhost:8080"), "http://localhost:8080");
    EXPECT_EQ(normal("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
    EXPECT_EQ(normal("http://[::1]:8080"), "http://[::1]:8080");
    EXPECT_THAT(normal("http://curfew.example.org"), HasSubstr("would show your token"));
    EXPECT_THAT(normal("http://localhost.example.org"), HasSubstr("would show your token"));
}

TEST(ServerUrl, RefusesWhatIsMoreThanAServer) {
    for (const char* text : {"", "https://", "ftp://curfew.example.org", "https://alice@curfew.example.org",
                             "https://curfew.example.org/api", "https://curfew.example.org/?x=1",
                             "https://curfew.example.org#x", "file:///etc/passwd"}) {
        EXPECT_THAT(normal(text), HasSubstr("refused: ")) << text;
    }
}

TEST(ServerUrl, KnowsItsHost) {
    EXPECT_EQ(host_of("https://curfew.example.org:8443"), "curfew.example.org");
    EXPECT_EQ(host_of("https://[::1]:8443"), "::1");
}

TEST(OneTimeLink, IsFoundInWhateverFormItComes) {
    for (const char* text : {"https://curfew.example.org/sign-in#cfl_abc-_1",
                             "https://curfew.example.org/sign-in?first_administrator=true#cfl_abc-_1",
                             "https://curfew.example.org/?code=cfl_abc-_1&x=2",
                             "  https://curfew.example.org/one-time/cfl_abc-_1.\n"}) {
        const auto link = parse_one_time_link(text);
        ASSERT_TRUE(link) << text;
        EXPECT_EQ(link->code, "cfl_abc-_1");
        EXPECT_THAT(link->server, HasSubstr("https://curfew.example.org"));
    }
    EXPECT_EQ(parse_one_time_link("cfl_abc")->server, "");
    EXPECT_FALSE(parse_one_time_link("https://curfew.example.org/"));
}

}  // namespace
}  // namespace curfew::cli

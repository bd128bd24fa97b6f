// The web page as it is served: where, to whom, and what it may do in a browser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "api/page.hpp"
#include "api/refusal_page.hpp"
#include "known_people.hpp"

namespace curfew::test {
namespace {

using api::http::field;
using api::http::verb;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::array served_files{
    api::PageFile{"/index.html", "text/html; charset=utf-8", "W/\"1\"", "<!doctype html>the page", ""},
    api::PageFile{"/assets/index-abc.js", "text/javascript; charset=utf-8", "W/\"2\"", "plain script",
                  "packed script"}};
constexpr std::array<std::string_view, 5> served_paths{"/", "/requests", "/requests/new", "/requests/{id}",
                                                       "/rules/{name}"};
const api::Page served_page{served_files, served_paths};
constexpr const char* browser_accepts = "text/html,application/xhtml+xml,*/*;q=0.8";

api::Request request_for(const std::string& target, verb method = verb::get,
                         const char* accept = browser_accepts) {
    api::Request request{method, target, 11};
    request.set(field::accept, accept);
    return request;
}

std::string content_at(const std::string& target) {
    const auto answer = served_page.answer(request_for(target));
    return answer && answer->result_int() == 200 ? answer->body() : "";
}

TEST(Page, IsThereAtEveryPathThatItHasAViewFor) {
    for (const char* target : {"/", "/requests", "/requests/", "/requests/new", "/requests/r-7k3mq9xd",
                               "/requests?view=mine", "/rules/prod%20rule"}) {
        EXPECT_EQ(content_at(target), "<!doctype html>the page") << target;
    }
    EXPECT_EQ(content_at("/assets/index-abc.js"), "plain script");
}

TEST(Page, LeavesTheApiAlone) {
    for (const char* target : {"/api", "/api/", "/api/v1/requests", "/api/v9/x"})
        EXPECT_FALSE(served_page.answer(request_for(target))) << target;
}

TEST(Page, SaysItselfWhereNothingIs) {
    for (const char* target :
         {"/nothing", "/requests/r-7k3mq9xd/more", "/rules", "/index.html", "//requests"}) {
        const auto answer = served_page.answer(request_for(target)).value();
        EXPECT_EQ(answer.result_int(), 404U) << target;
        EXPECT_EQ(answer.body(), "<!doctype html>the page") << target;
        EXPECT_EQ(answer.count(field::etag), 0U) << target;
    }
}

TEST(Page, IsNothingThatAProgramOrAScriptTagWouldTakeForWhatItAskedFor) {
    EXPECT_FALSE(served_page.answer(request_for("/nothing", verb::get, "*/*")));
    EXPECT_FALSE(served_page.answer(request_for("/assets/index-old.js")));
}

TEST(Page, CanOnlyBeRead) {
    const auto refused = served_page.answer(request_for("/requests", verb::post)).value();
    EXPECT_EQ(refused.result_int(), 405U);
    EXPECT_EQ(refused[field::allow], "GET, HEAD, OPTIONS");
    EXPECT_EQ(served_page.answer(request_for("/requests", verb::head)).value().result_int(), 200U);
    EXPECT_FALSE(served_page.answer(request_for("/nothing", verb::post)));
}

TEST(Page, IsPackedForWhoTakesIt) {
    for (const auto& [accepted, packed] : std::map<std::string, bool>{{"gzip, deflate, br", true},
                                                                      {"br;q=1.0, GZIP;q=0.5", true},
                                                                      {"*", true},
                                                                      {"gzip;q=0", false},
                                                                      {"gzip; q=0.000", false},
                                                                      {"br", false},
                                                                      {"xgzip", false}}) {
        auto request = request_for("/assets/index-abc.js");
        request.set(field::accept_encoding, accepted);
        const auto answer = served_page.answer(request).value();
        EXPECT_EQ(answer.body(), packed ? "packed script" : "plain script") << accepted;
        EXPECT_EQ(answer.count(field::content_encoding), packed ? 1U : 0U) << accepted;
        EXPECT_EQ(answer[field::vary], "Accept-Encoding");
    }
}

TEST(Page, IsAskedForAnewAndItsFilesAreKeptForGood) {
    EXPECT_EQ(served_page.answer(request_for("/requests")).value()[field::cache_control], "no-cache");
    EXPECT_EQ(served_page.answer(request_for("/assets/index-abc.js")).value()[field::cache_control],
              "public, max-age=31536000, immutable");
}

TEST(Page, IsNotSentToWhoHasIt) {
    for (const auto& [known, status] : std::map<std::string, unsigned>{
             {"W/\"1\"", 304}, {"\"1\"", 304}, {"\"0\", W/\"1\"", 304}, {"*", 304}, {"\"0\"", 200}}) {
        auto request = request_for("/requests");
        request.set(field::if_none_match, known);
        const auto answer = served_page.answer(request).value();
        EXPECT_EQ(answer.result_int(), status) << known;
        EXPECT_EQ(answer.body().empty(), status == 304) << known;
        EXPECT_EQ(answer[field::etag], "W/\"1\"");
    }
}

TEST(Page, MayRunAndReachNothingButWhatThisServerHas) {
    for (const char* target : {"/requests", "/nothing", "/assets/index-abc.js"}) {
        const auto answer = served_page.answer(request_for(target)).value();
        const std::string policy{answer["Content-Security-Policy"]};
        EXPECT_THAT(policy, AllOf(HasSubstr("default-src 'none'; script-src 'self';"),
                                  HasSubstr("connect-src 'self'"), HasSubstr("base-uri 'none'"),
                                  HasSubstr("frame-ancestors 'none'")));
        EXPECT_THAT(policy, Not(HasSubstr("unsafe"))) << target;
        EXPECT_EQ(answer["Cross-Origin-Opener-Policy"], "same-origin");
        EXPECT_THAT(std::string{answer["Permissions-Policy"]}, HasSubstr("camera=()"));
    }
}

TEST(Page, SaysThatItWasNotBuilt) {
    const api::Page none{{}, served_paths};
    const auto answer = none.answer(request_for("/requests")).value();
    EXPECT_EQ(answer.result_int(), 404U);
    EXPECT_THAT(answer.body(), HasSubstr("built without its page"));
    EXPECT_FALSE(none.answer(request_for("/nothing")));
}

// What was built in, as far as this build has a page.
TEST(Page, NamesNoFileThatIsNotThere) {
    const auto built = api::page_files();
    if (built.empty()) GTEST_SKIP() << "this build has no page";
    const auto index = std::find_if(built.begin(), built.end(),
                                    [](const api::PageFile& file) { return file.path == "/index.html"; });
    ASSERT_NE(index, built.end());
    int named = 0;
    for (std::size_t at = index->content.find("\"/assets/"); at != std::string_view::npos;
         at = index->content.find("\"/assets/", at + 1)) {
        const auto name = index->content.substr(at + 1, index->content.find('"', at + 1) - at - 1);
        EXPECT_TRUE(std::any_of(built.begin(), built.end(), [&](const auto& file) {
            return file.path == name;
        })) << name;
        ++named;
    }
    EXPECT_GE(named, 2) << "a script and a style";
    EXPECT_THAT(std::string{index->content}, AllOf(Not(HasSubstr("<style")), Not(HasSubstr("style="))));
}

// --- Over the sockets

class PageOnSockets : public testing::Test {
protected:
    RunningAdmin admin{[](api::ApiServerOptions& options) {
        serve_known_people(options);
        options.api.page = served_page;
    }};

    HttpReply by_tcp(std::string_view method, std::string_view target, const Headers& headers) {
        return exchange(RawClient::tcp(admin.port()), method, target, "", headers);
    }
};

TEST_F(PageOnSockets, NeedsNobodyToBeSignedIn) {
    for (const auto& reply : {by_tcp("GET", "/requests/r-7k3mq9xd", {}),
                              exchange(admin.connect(), "GET", "/requests/r-7k3mq9xd")}) {
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.body, "<!doctype html>the page");
        EXPECT_EQ(reply.headers.at("cache-control"), "no-cache");
        EXPECT_EQ(reply.headers.at("content-security-policy"), api::page_policy);
        EXPECT_EQ(reply.headers.at("x-content-type-options"), "nosniff");
        EXPECT_EQ(reply.headers.at("referrer-policy"), "no-referrer");
        EXPECT_EQ(reply.headers.at("cross-origin-resource-policy"), "same-origin");
        EXPECT_EQ(reply.headers.count("set-cookie"), 0U);
    }
}

TEST_F(PageOnSockets, IsServedByNoNameButTheServers) {
    EXPECT_EQ(by_tcp("GET", "/requests", {{"Host", "evil.example"}}).status, 421);
}

TEST_F(PageOnSockets, TellsItsLengthToHeadAndSendsNothing) {
    const auto reply = by_tcp("HEAD", "/requests", {});
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.headers.at("content-length"), "23");
    EXPECT_EQ(reply.body, "");
}

TEST_F(PageOnSockets, SaysNothingOfALengthWhereItHasNotChanged) {
    const auto reply = by_tcp("GET", "/requests", {{"If-None-Match", "W/\"1\""}});
    EXPECT_EQ(reply.status, 304);
    EXPECT_EQ(reply.headers.count("content-length"), 0U);
    EXPECT_EQ(reply.headers.at("cache-control"), "no-cache");
}

TEST_F(PageOnSockets, TellsTheTime) {
    EXPECT_THAT(by_tcp("GET", "/api/v1/openapi.json", {}).headers.at("date"),
                testing::MatchesRegex("[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT"));
}

// --- Refusals that a person sees

const Headers navigation{{"Sec-Fetch-Mode", "navigate"}, {"Accept", browser_accepts}};

TEST_F(PageOnSockets, TellsABrowsersWindowInWordsWhatWasRefused) {
    const auto reply = by_tcp("GET", "/api/v1/sign-in/oidc/callback?error=access_denied", navigation);
    EXPECT_EQ(reply.status, 404) << "no provider is configured here";
    EXPECT_EQ(reply.headers.at("content-type"), "text/html; charset=utf-8");
    EXPECT_THAT(reply.body, AllOf(HasSubstr("<h1>Not Found</h1>"), HasSubstr("href=\"/sign-in\"")));
    EXPECT_THAT(reply.headers.at("content-security-policy"),
                HasSubstr("default-src 'none'; style-src 'sha256-"));
}

TEST_F(PageOnSockets, TellsAScriptAProblemDocument) {
    const Headers from_script{{"Sec-Fetch-Mode", "cors"}, {"Accept", browser_accepts}};
    const auto reply = by_tcp("GET", "/api/v1/me", from_script);
    EXPECT_EQ(reply.status, 401);
    EXPECT_EQ(reply.headers.at("content-type"), "application/problem+json");
}

TEST_F(PageOnSockets, LeadsNobodyBackToAHostThatIsNotTheServer) {
    Headers headers = navigation;
    headers.emplace_back("Host", "evil.example");
    const auto reply = by_tcp("GET", "/requests", headers);
    EXPECT_EQ(reply.status, 421);
    EXPECT_THAT(reply.body, AllOf(HasSubstr("evil.example"), Not(HasSubstr("href="))));
}

TEST_F(PageOnSockets, ShowsWhatWasAskedForAsTextAlone) {
    const auto reply = by_tcp("GET", "/api/v1/<script>alert(1)</script>&\"", navigation);
    EXPECT_EQ(reply.status, 404);
    EXPECT_THAT(reply.body, AllOf(HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;"),
                                  Not(HasSubstr("<script"))));
}

}  // namespace
}  // namespace curfew::test

// Signing in and out, by page and by program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "people_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SignIn : public PeopleTest {
protected:
    SignIn() { give_password("alice"); }

    HttpReply with_password(const std::string& user, const std::string& password,
                            const Headers& headers = {}) {
        return call("POST", "/sign-in/password", json({{"user", user}, {"password", password}}), headers);
    }
    HttpReply with_code(const std::string& code, const std::string& password) {
        return call("POST", "/sign-in/one-time", json({{"code", code}, {"password", password}}));
    }
    static std::string json(const boost::json::object& object) { return boost::json::serialize(object); }
    int me(const Headers& headers) { return call("GET", "/me", "", headers).status; }
    // A provider that nobody answers for.
    void use_provider() {
        identity::OpenIdSettings settings;
        settings.provider.issuer = "https://127.0.0.1:1/realms/staff";
        settings.provider.client_id = "curfew";
        settings.redirect_uri = "https://curfew.example.com/api/v1/sign-in/oidc/callback";
        admin.workplace().sign_in.use_provider(
            std::make_shared<identity::ProviderSignIn>(settings, Secret{std::string(32, 's')}, admin.clock));
    }
};

// --- Passwords
// -----------------------------------------------------------------------------------------------

TEST_F(SignIn, GivesThePageACookieThatScriptsAndOtherSitesCannotUse) {
    const auto reply = with_password("alice", good_password);
    EXPECT_EQ(reply.status, 200);
    EXPECT_THAT(reply.headers.at("set-cookie"),
                AllOf(ContainsRegex("^curfew=cfs_[A-Za-z0-9_-]+; "), HasSubstr("; Path=/;"),
                      HasSubstr("; HttpOnly; SameSite=Strict"), HasSubstr("; Max-Age=43200;"),
                      Not(HasSubstr("Secure")), Not(HasSubstr("Domain"))));
    EXPECT_TRUE(reply.json().at("token").is_null());
    EXPECT_EQ(reply.json().at("expires_at"), "2020-01-02T00:00:00Z");
    EXPECT_EQ(reply.json().at("me").at("display_name"), "Alice Adams");
    EXPECT_EQ(reply.json().at("me").at("via"), "sign_in");
    EXPECT_THAT(reply.body, Not(HasSubstr("cfs_")));
    EXPECT_EQ(me(with_cookie(value_of(reply))), 200);
}

TEST_F(SignIn, HasTheCookieGoOverTlsAloneWhereAProxyInFrontDoesTls) {
    const auto reply = with_password("alice", good_password, {{"Host", "Curfew.Example.com"}});
    EXPECT_THAT(reply.headers.at("set-cookie"), AllOf(StartsWith("curfew="), EndsWith("; Secure")));
}

TEST_F(SignIn, GivesAProgramAToken) {
    const auto reply =
        call("POST", "/sign-in/password",
             json({{"user", "al"}, {"password", good_password}, {"as", "token"}, {"token_name", "laptop"}}));
    EXPECT_EQ(reply.status, 200);
    EXPECT_FALSE(reply.headers.contains("set-cookie"));
    EXPECT_THAT(text_of(reply, "token"), StartsWith("cft_"));
    EXPECT_EQ(reply.json().at("me").at("name"), "alice") << "al is a name of hers";
    EXPECT_EQ(reply.json().at("me").at("via"), "token");
    const auto tokens = call("GET", "/tokens", "", with_token(text_of(reply, "token"))).json();
    EXPECT_EQ(tokens.at("items").at(0).at("name"), "laptop");
}

TEST_F(SignIn, TellsAWrongNameAndAWrongPasswordAlike) {
    const auto password = with_password("alice", "not her pass phrase");
    const auto name = with_password("nobody", good_password);
    const auto none = with_password("bob", good_password);
    EXPECT_EQ(password.status, 401);
    EXPECT_THAT(password.headers.at("www-authenticate"), HasSubstr("Bearer"));
    for (const auto& other : {name, none}) {
        EXPECT_EQ(other.status, 401);
        EXPECT_EQ(other.body, password.body);
    }
    EXPECT_FALSE(password.headers.contains("set-cookie"));
}

TEST_F(SignIn, IsSlowedDownForWhoTriesTooOften) {
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(with_password("bob", "guess").status, 401);
    const auto limited = with_password("bob", "guess");
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(limited.json().at("code"), "rate_limited");
    const auto wait = std::chrono::seconds{std::stoi(limited.headers.at("retry-after"))};
    EXPECT_GT(wait, 0s);
    admin.clock.advance(wait);
    EXPECT_EQ(with_password("bob", "guess").status, 401);
}

TEST_F(SignIn, AsksForAllThatItNeeds) {
    for (const char* body :
         {"{}", R"({"user":"alice"})", R"({"user":"alice","password":""})",
          R"({"user":"alice","password":"x","as":"both"})", R"({"user":"alice","password":"x","more":1})"}) {
        EXPECT_EQ(call("POST", "/sign-in/password", body).status, 400) << body;
    }
}

TEST_F(SignIn, IsRefusedToOtherSitesPages) {
    for (const Headers& headers :
         {Headers{{"Sec-Fetch-Site", "cross-site"}}, Headers{{"Origin", "https://evil.example"}},
          Headers{{"Sec-Fetch-Site", "same-site"}}}) {
        const auto reply = with_password("alice", good_password, headers);
        EXPECT_EQ(reply.status, 403);
        EXPECT_FALSE(reply.headers.contains("set-cookie"));
    }
}

TEST_F(SignIn, IsKeptByNoCache) {
    EXPECT_EQ(with_password("alice", good_password).headers.at("cache-control"), "no-store");
    EXPECT_EQ(with_password("alice", "wrong").headers.at("cache-control"), "no-store");
    EXPECT_EQ(administer("POST", "/users/bob/one-time-link").headers.at("cache-control"), "no-store");
}

TEST_F(SignIn, EndsWithTheUser) {
    ASSERT_EQ(administer("POST", "/users", R"({"name":"frank"})").status, 201);
    give_password("frank");
    const auto cookie = sign_in("frank");
    const auto token = token_of("frank");
    EXPECT_EQ(me(with_cookie(cookie)), 200);
    ASSERT_EQ(administer("DELETE", "/users/frank", "", {{"If-Match", "*"}}).status, 204);
    EXPECT_EQ(me(with_cookie(cookie)), 401);
    EXPECT_EQ(me(with_token(token)), 401);
    // Who comes by that name later is somebody else.
    ASSERT_EQ(administer("POST", "/users", R"({"name":"frank"})").status, 201);
    EXPECT_EQ(me(with_cookie(cookie)), 401);
    EXPECT_EQ(me(with_token(token)), 401);
    EXPECT_EQ(with_password("frank", good_password).status, 401);
}

// --- Links
// -----------------------------------------------------------------------------------------------

TEST_F(SignIn, ByALinkChoosesAPassword) {
    const auto link = administer("POST", "/users/bob/one-time-link");
    EXPECT_EQ(link.status, 201);
    EXPECT_EQ(text_of(link, "user"), "bob");
    EXPECT_EQ(text_of(link, "url"), "https://curfew.example.com/sign-in#" + text_of(link, "code"));
    EXPECT_EQ(text_of(link, "expires_at"), "2020-01-02T12:00:00Z");
    const auto code = text_of(link, "code");
    EXPECT_EQ(with_code(code, "short").status, 400);
    const auto used = with_code(code, good_password);
    EXPECT_EQ(used.status, 200) << used.body;
    EXPECT_EQ(me(with_cookie(value_of(used))), 200);
    EXPECT_EQ(with_password("bob", good_password).status, 200);
    const auto again = with_code(code, "another pass phrase");
    EXPECT_EQ(again.status, 401);
    EXPECT_THAT(detail_of(again), HasSubstr("used already"));
}

TEST_F(SignIn, ByALinkIsForUsersAlone) {
    EXPECT_EQ(administer("POST", "/users/nobody/one-time-link").status, 404);
    EXPECT_EQ(administer("POST", "/users/bob/one-time-link", R"({"for":"ever"})").status, 400);
}

TEST_F(SignIn, ByALinkIsOfferedWithoutAnAddressWhereThereIsNone) {
    RunningAdmin nowhere;
    const auto link = nowhere.request("POST", "/api/v1/users/bob/one-time-link").json();
    EXPECT_TRUE(link.at("url").is_null());
    EXPECT_THAT(std::string{link.at("code").as_string()}, StartsWith("cfl_"));
}

TEST_F(SignIn, ByALinkIsSlowedDownToo) {
    int status = 0;
    for (int i = 0; i < 25 && status != 429; ++i)
        status = with_code("cfl_guess", good_password).status;
    EXPECT_EQ(status, 429);
}

class FirstAdministrator : public PeopleTest {
protected:
    FirstAdministrator()
        : PeopleTest{Behind{R"(
listeners: [{ name: main, address: "127.0.0.1:6432" }]
store: { path: /nowhere/curfew.db }
resources: { prod: { host: 127.0.0.1, login: passthrough, tls: { sslmode: disable } } }
users: { bob: {} }
)"}} {}
};

TEST_F(FirstAdministrator, IsMadeByTheLinkOfTheFirstStart) {
    EXPECT_EQ(call("GET", "/sign-in").json().at("first_administrator"), true);
    const auto link =
        admin.await([](Workplace& workplace) { return workplace.password_links.offer_first_administrator(); })
            .value();
    const std::string code{link.value().code.reveal()};
    const auto body = [&](const char* more) {
        return R"({"code":")" + code + R"(","password":")" + good_password + "\"" + more + "}";
    };
    EXPECT_EQ(call("POST", "/sign-in/one-time", body("")).status, 400) << "it is nobody's yet";
    const auto used = call("POST", "/sign-in/one-time", body(R"(,"user":"dora")"));
    ASSERT_EQ(used.status, 200) << used.body;
    EXPECT_EQ(used.json().at("me").at("administrator"), true);
    EXPECT_EQ(call("GET", "/users", "", with_cookie(value_of(used))).status, 200);
    EXPECT_EQ(call("GET", "/sign-in").json().at("first_administrator"), false);
    EXPECT_EQ(call("POST", "/sign-in/one-time", body(R"(,"user":"eve")")).status, 401);
}

// --- One's own password
// ----------------------------------------------------------------------------------------

TEST_F(SignIn, GivesWayToAChangedPasswordEverywhereButHere) {
    const auto here = sign_in("alice");
    const auto elsewhere = sign_in("alice");
    const auto token = token_of("alice");
    const auto body = json({{"current", good_password}, {"new", "a better pass phrase"}});
    const auto changed = call("PUT", "/me/password", body, with_cookie(here));
    ASSERT_EQ(changed.status, 204) << changed.body;
    EXPECT_EQ(me(with_cookie(value_of(changed))), 200);
    EXPECT_EQ(me(with_cookie(here)), 401);
    EXPECT_EQ(me(with_cookie(elsewhere)), 401);
    EXPECT_EQ(me(with_token(token)), 200) << "tokens stay";
    EXPECT_EQ(with_password("alice", good_password).status, 401);
    EXPECT_EQ(with_password("alice", "a better pass phrase").status, 200);
}

TEST_F(SignIn, KeepsAPasswordThatIsNotProvedOrNotReplacedByAGoodOne) {
    const auto cookie = with_cookie(sign_in("alice"));
    const auto wrong =
        call("PUT", "/me/password",
             json({{"current", "a wrong pass phrase"}, {"new", "a better pass phrase"}}), cookie);
    EXPECT_EQ(wrong.status, 403);
    EXPECT_THAT(wrong.problems(), ElementsAre(StartsWith("current: that is not")));
    const auto too_short =
        call("PUT", "/me/password", json({{"current", good_password}, {"new", "short"}}), cookie);
    EXPECT_EQ(too_short.status, 400);
    EXPECT_THAT(too_short.problems(), ElementsAre(HasSubstr("new: ")));
    EXPECT_EQ(call("PUT", "/me/password", "{}", cookie).status, 400);
    EXPECT_EQ(me(cookie), 200);
    EXPECT_EQ(with_password("alice", good_password).status, 200);
}

TEST_F(SignIn, ByATokenDoesNotChangeAPassword) {
    const auto body = json({{"current", good_password}, {"new", "a better pass phrase"}});
    EXPECT_EQ(call("PUT", "/me/password", body, with_token(token_of("alice"))).status, 403);
    EXPECT_EQ(with_password("alice", good_password).status, 200);
}

TEST_F(SignIn, OfWhoIsNoUserHasNoPassword) {
    EXPECT_EQ(administer("PUT", "/me/password", json({{"current", "x"}, {"new", "y"}})).status, 409);
}

// --- Signing out
// -----------------------------------------------------------------------------------------------

TEST_F(SignIn, IsOverOnceSignedOut) {
    const auto here = with_cookie(sign_in("alice"));
    const auto elsewhere = with_cookie(sign_in("alice"));
    const auto out = call("POST", "/sign-out", "", here);
    EXPECT_EQ(out.status, 204);
    EXPECT_THAT(out.headers.at("set-cookie"), AllOf(StartsWith("curfew=;"), HasSubstr("Max-Age=0")));
    EXPECT_EQ(me(here), 401);
    EXPECT_EQ(me(elsewhere), 200);
}

TEST_F(SignIn, OfAProgramIsOverOnceSignedOut) {
    const auto token = with_token(token_of("alice"));
    const auto out = call("POST", "/sign-out", "", token);
    EXPECT_EQ(out.status, 204);
    EXPECT_FALSE(out.headers.contains("set-cookie"));
    EXPECT_EQ(me(token), 401);
}

TEST_F(SignIn, IsNotWhatTheUnixSocketGoesBy) {
    EXPECT_EQ(administer("POST", "/sign-out").status, 409);
}

// --- At the provider
// -----------------------------------------------------------------------------------------------

TEST_F(SignIn, SaysHowItCanBeDone) {
    EXPECT_EQ(call("GET", "/sign-in").json(),
              (boost::json::value{
                  {"password", true}, {"oidc", nullptr}, {"device", false}, {"first_administrator", true}}))
        << "alice is no administrator";
    give_password("ann");
    use_provider();
    const auto methods = call("GET", "/sign-in").json();
    EXPECT_EQ(methods.at("oidc").at("name"), "127.0.0.1");
    EXPECT_EQ(methods.at("device"), false) << "the provider cannot be asked";
    EXPECT_EQ(methods.at("first_administrator"), false);
}

TEST_F(SignIn, AtTheProviderTakesOne) {
    EXPECT_EQ(call("GET", "/sign-in/oidc").status, 404);
    EXPECT_EQ(call("GET", "/sign-in/oidc/callback?code=x&state=y").status, 404);
    EXPECT_EQ(call("POST", "/sign-in/device").status, 404);
    EXPECT_EQ(call("POST", "/sign-in/device/poll", R"({"device_code":"x"})").status, 404);
    use_provider();
    EXPECT_EQ(call("GET", "/sign-in/oidc").status, 503);
    EXPECT_EQ(call("POST", "/sign-in/device").status, 503);
}

TEST_F(SignIn, LeadsNowhereButToAPathOfThisServer) {
    use_provider();
    EXPECT_EQ(call("GET", "/sign-in/oidc?return_to=/requests%3Fview=mine").status, 503) << "that would do";
    for (const char* elsewhere : {"//evil.example", "https://evil.example/", "/%5Cevil.example",
                                  "%5C%5Cevil.example", "requests", "/%0d%0aLocation:%20https://evil.example",
                                  "", "%2F%2Fevil.example", "javascript:alert(1)", "/%09/evil.example"}) {
        EXPECT_EQ(call("GET", std::string{"/sign-in/oidc?return_to="} + elsewhere).status, 400) << elsewhere;
    }
    EXPECT_EQ(call("GET", "/sign-in/oidc?return_to=/" + std::string(1000, 'x')).status, 400);
}

TEST_F(SignIn, IsFinishedOnlyByTheBrowserThatBeganIt) {
    use_provider();
    const auto reply = call("GET", "/sign-in/oidc/callback?code=x&state=y&iss=z&authuser=0&scope=openid");
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(detail_of(reply), HasSubstr("in another browser"));
    EXPECT_THAT(reply.headers.at("set-cookie"), AllOf(StartsWith("curfew-oidc=;"), HasSubstr("Max-Age=0")));
    EXPECT_EQ(call("GET", "/sign-in/oidc/callback?state=y", "", {{"Cookie", "curfew-oidc=made-up"}}).status,
              400);
    EXPECT_EQ(call("POST", "/sign-in/device/poll", R"({"device_code":"made-up"})").status, 400);
}

}  // namespace
}  // namespace curfew::test

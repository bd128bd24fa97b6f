#include "identity/open_id_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <string>

#include "base/sha256.hpp"
#include "fake_provider.hpp"
#include "identity/base64.hpp"
#include "identity/json_members.hpp"

namespace curfew::identity {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

OpenIdSettings settings() {
    OpenIdSettings settings;
    settings.provider.issuer = FakeProvider::issuer;
    settings.provider.client_id = "curfew";
    settings.provider.client_secret = Secret{"s e+c/r&t"};
    settings.redirect_uri = "https://curfew.example/api/v1/sign-in/oidc/callback";
    return settings;
}

class OpenIdClientTest : public testing::Test {
protected:
    static Secret installation() { return Secret{std::string(32, 's')}; }

    AuthorizationStart start() {
        auto started = client_.start_authorization("/requests");
        EXPECT_TRUE(started);
        provider_.nonce = field(started->url, "nonce");
        return *started;
    }
    // What the provider sends the browser back with.
    static AuthorizationAnswer answer_to(const AuthorizationStart& started) {
        AuthorizationAnswer answer;
        answer.code = "code";
        answer.state = field(started.url, "state");
        answer.issuer = FakeProvider::issuer;
        return answer;
    }
    // A whole sign-in.
    Result<AuthorizationResult> sign_in() {
        const AuthorizationStart started = start();
        return client_.finish_authorization(started.cookie, answer_to(started));
    }

    ManualClock clock_;
    FakeProvider provider_{clock_};
    OpenIdClient client_{settings(), installation(), provider_, clock_};
};

TEST_F(OpenIdClientTest, SendsPeopleToTheProviderWithPkce) {
    const auto started = start();
    EXPECT_THAT(started.url,
                testing::StartsWith("https://id.example/auth?response_type=code&client_id=curfew&"));
    EXPECT_EQ(field(started.url, "redirect_uri"), settings().redirect_uri);
    EXPECT_EQ(field(started.url, "scope"), "openid profile email");
    EXPECT_EQ(field(started.url, "code_challenge_method"), "S256");
    EXPECT_EQ(field(started.url, "code_challenge").size(), 43U);
    EXPECT_EQ(started.url.find("verifier"), std::string::npos);
}

TEST_F(OpenIdClientTest, BeginsNoTwoSignInsAlike) {
    const auto one = start();
    const auto two = start();
    for (const char* name : {"state", "nonce", "code_challenge"})
        EXPECT_NE(field(one.url, name), field(two.url, name)) << name;
}

TEST_F(OpenIdClientTest, LeadsNowhereElseAfterwards) {
    for (const char* path : {"/", "/requests/r-7k3mq9xd?x=1#y"})
        EXPECT_TRUE(client_.start_authorization(path)) << path;
    for (const char* elsewhere : {"", "requests", "//evil.example", "/\\evil.example", "https://evil.example",
                                  "/\t/evil.example", "/\r\nSet-Cookie: x=y"})
        EXPECT_EQ(client_.start_authorization(elsewhere).error().code, ErrorCode::invalid) << elsewhere;
}

TEST_F(OpenIdClientTest, BelievesWhoTheProviderSignedIn) {
    provider_.more_claims = {{"preferred_username", "alice"}, {"groups", json::array{"dba"}}};
    const auto result = sign_in();
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(text_member(result->claims, "preferred_username"), "alice");
    EXPECT_EQ(result->return_to, "/requests");
    EXPECT_EQ(provider_.asked("/me"), 0) << "there was nothing left to ask";
}

TEST_F(OpenIdClientTest, ProvesThatItBeganTheSignInItself) {
    const auto started = start();
    ASSERT_TRUE(client_.finish_authorization(started.cookie, answer_to(started)));
    const auto& form = *provider_.last_token_request.form;
    EXPECT_EQ(encode_base64(digest_bytes(sha256(field(form, "code_verifier"))), Base64::url),
              field(started.url, "code_challenge"));
    EXPECT_EQ(field(form, "redirect_uri"), settings().redirect_uri);
}

// base64("curfew:s%20e%2Bc%2Fr%26t"): encoded first, as RFC 6749, section 2.3.1 says.
TEST_F(OpenIdClientTest, ShowsItsSecretInTheHeader) {
    ASSERT_TRUE(sign_in());
    ASSERT_TRUE(provider_.last_token_request.authorization);
    EXPECT_EQ(provider_.last_token_request.authorization->reveal(),
              "Basic " + encode_base64("curfew:s%20e%2Bc%2Fr%26t", Base64::standard));
    EXPECT_EQ(field(*provider_.last_token_request.form, "client_secret"), "");
}

TEST_F(OpenIdClientTest, ShowsItsSecretInTheFormWhereTheProviderTakesNothingElse) {
    provider_.metadata["token_endpoint_auth_methods_supported"] = json::array{"client_secret_post"};
    ASSERT_TRUE(sign_in());
    EXPECT_FALSE(provider_.last_token_request.authorization);
    EXPECT_EQ(field(*provider_.last_token_request.form, "client_secret"), "s e+c/r&t");
    EXPECT_EQ(field(*provider_.last_token_request.form, "client_id"), "curfew");
}

TEST_F(OpenIdClientTest, AsksTheUserinfoEndpointForWhatTheTokenLacks) {
    provider_.userinfo["preferred_username"] = "alice";
    provider_.userinfo["iss"] = "https://evil.example";
    const auto result = sign_in();
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(text_member(result->claims, "preferred_username"), "alice");
    EXPECT_EQ(text_member(result->claims, "iss"), FakeProvider::issuer) << "what was signed stays";
}

TEST_F(OpenIdClientTest, DoesNotBelieveUserinfoAboutSomebodyElse) {
    provider_.userinfo = {{"sub", "another"}, {"preferred_username", "alice"}};
    EXPECT_THAT(sign_in().error().message, HasSubstr("somebody else"));
}

TEST_F(OpenIdClientTest, RefusesAnAnswerToAnotherBrowsersQuestion) {
    const auto mine = start();
    const auto others = start();
    EXPECT_EQ(client_.finish_authorization(mine.cookie, answer_to(others)).error().code, ErrorCode::invalid);
    EXPECT_EQ(client_.finish_authorization("", answer_to(mine)).error().code, ErrorCode::invalid);
    AuthorizationAnswer stateless = answer_to(mine);
    stateless.state.clear();
    EXPECT_EQ(client_.finish_authorization(mine.cookie, stateless).error().code, ErrorCode::invalid);
    EXPECT_EQ(provider_.asked("/token"), 0) << "nothing of it reached the provider";
}

TEST_F(OpenIdClientTest, RefusesATokenOfAnotherSignIn) {
    const auto mine = start();
    start();  // its nonce is the provider's now
    EXPECT_THAT(client_.finish_authorization(mine.cookie, answer_to(mine)).error().message,
                HasSubstr("nonce"));
}

TEST_F(OpenIdClientTest, RefusesASignInThatTookTooLong) {
    const auto started = start();
    clock_.advance(started.lifetime);
    EXPECT_THAT(client_.finish_authorization(started.cookie, answer_to(started)).error().message,
                HasSubstr("too long ago"));
}

TEST_F(OpenIdClientTest, RefusesAnAnswerOfAnotherProvider) {
    const auto started = start();
    AuthorizationAnswer answer = answer_to(started);
    answer.issuer = "https://evil.example";
    EXPECT_THAT(client_.finish_authorization(started.cookie, answer).error().message, HasSubstr("iss"));
    answer.issuer.reset();
    EXPECT_THAT(client_.finish_authorization(started.cookie, answer).error().message, HasSubstr("iss"))
        << "this provider says that it always names itself";
}

TEST_F(OpenIdClientTest, SaysThatThePersonDeclined) {
    const auto started = start();
    AuthorizationAnswer answer = answer_to(started);
    answer.error = "access_denied";
    EXPECT_EQ(client_.finish_authorization(started.cookie, answer).error().code, ErrorCode::forbidden);
}

TEST_F(OpenIdClientTest, SaysThatACodeIsOfNoUse) {
    const auto started = start();
    AuthorizationAnswer answer = answer_to(started);
    answer.code = "another code";
    EXPECT_THAT(client_.finish_authorization(started.cookie, answer).error().message,
                HasSubstr("begin again"));
}

TEST_F(OpenIdClientTest, RefusesATokenThatTheProviderDidNotSign) {
    ASSERT_TRUE(sign_in());
    provider_.signer = TokenSigner{SignatureAlgorithm::es256};  // the same name, another key
    EXPECT_THAT(sign_in().error().message, HasSubstr("signature"));
}

TEST_F(OpenIdClientTest, FollowsTheProviderToANewKey) {
    ASSERT_TRUE(sign_in());
    ASSERT_TRUE(sign_in());
    EXPECT_EQ(provider_.asked("/jwks"), 1) << "keys are remembered";
    clock_.advance(1min);
    provider_.signer = TokenSigner{SignatureAlgorithm::rs256, "key-2"};
    provider_.published_keys = provider_.signer.key_set();
    ASSERT_TRUE(sign_in());
    EXPECT_EQ(provider_.asked("/jwks"), 2);
}

TEST_F(OpenIdClientTest, AsksForKeysOnceInTenSecondsWhateverTokensName) {
    ASSERT_TRUE(sign_in());
    clock_.advance(10s);
    provider_.signer = TokenSigner{SignatureAlgorithm::es256, "nobody's"};
    for (int i = 0; i < 20; ++i)
        EXPECT_THAT(sign_in().error().message, HasSubstr("no key 'nobody's'"));
    EXPECT_EQ(provider_.asked("/jwks"), 2);
    clock_.advance(10s);
    EXPECT_FALSE(sign_in());
    EXPECT_EQ(provider_.asked("/jwks"), 3);
}

TEST_F(OpenIdClientTest, DropsAKeyThatTheProviderTookBackWithinAnHour) {
    ASSERT_TRUE(sign_in());
    provider_.published_keys = TokenSigner{SignatureAlgorithm::es256, "key-2"}.key_set();
    clock_.advance(59min);
    EXPECT_TRUE(sign_in()) << "not known yet";
    clock_.advance(1min);
    EXPECT_THAT(sign_in().error().message, HasSubstr("no key"));
}

TEST_F(OpenIdClientTest, DoesNotWaitForAProviderThatIsAwayAgainAndAgain) {
    provider_.away = true;
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(client_.start_authorization("/").error().code, ErrorCode::unavailable);
    EXPECT_EQ(provider_.asked("/.well-known/openid-configuration"), 1);
    provider_.away = false;
    clock_.advance(5s);
    EXPECT_TRUE(client_.start_authorization("/"));
}

TEST_F(OpenIdClientTest, UsesNoProviderThatIsNotWhatItIsTakenFor) {
    const auto refusal = [&](const char* name, json::value value) {
        FakeProvider provider{clock_};
        provider.metadata[name] = std::move(value);
        OpenIdClient client{settings(), installation(), provider, clock_};
        const auto started = client.start_authorization("/");
        return started ? std::string{"none"} : started.error().message;
    };
    EXPECT_THAT(refusal("issuer", "https://evil.example"), HasSubstr("calls itself"));
    EXPECT_THAT(refusal("issuer", "https://id.example/"), HasSubstr("letter by letter"));
    EXPECT_THAT(refusal("token_endpoint", "http://id.example/token"), HasSubstr("token_endpoint"));
    EXPECT_THAT(refusal("jwks_uri", "file:///etc/passwd"), HasSubstr("jwks_uri"));
    EXPECT_THAT(refusal("userinfo_endpoint", "https://user:pass@id.example"), HasSubstr("userinfo_endpoint"));
    EXPECT_THAT(refusal("code_challenge_methods_supported", json::array{"plain"}), HasSubstr("S256"));
    EXPECT_EQ(refusal("response_types_supported", json::array{"code"}), "none");
}

class DeviceFlow : public OpenIdClientTest {
protected:
    DeviceStart begin() {
        auto started = client_.start_device();
        EXPECT_TRUE(started);
        return *started;
    }
};

TEST_F(DeviceFlow, ShowsWhereToGoAndKeepsTheDeviceCodeToItself) {
    const auto started = begin();
    EXPECT_EQ(started.user_code, "WDJB-MJHT");
    EXPECT_EQ(started.verification_uri, "https://id.example/verify");
    EXPECT_EQ(started.interval, 7s);
    EXPECT_EQ(started.expires_in, 600s);
    EXPECT_EQ(started.device_code.find("device"), std::string::npos);
    EXPECT_LT(started.device_code.size(), 1000U);
}

TEST_F(DeviceFlow, WaitsUntilThePersonHasSignedIn) {
    const auto started = begin();
    auto answer = client_.poll_device(started.device_code);
    ASSERT_TRUE(answer);
    EXPECT_EQ(std::get<DevicePending>(*answer).interval, 7s);
    provider_.device_error.clear();
    provider_.more_claims["preferred_username"] = "alice";
    clock_.advance(7s);
    answer = client_.poll_device(started.device_code);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(text_member(std::get<Claims>(*answer), "preferred_username"), "alice");
    EXPECT_EQ(field(*provider_.last_token_request.form, "device_code"), "device");
}

TEST_F(DeviceFlow, AsksTheProviderNoMoreOftenThanItWants) {
    const auto started = begin();
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(client_.poll_device(started.device_code));
    EXPECT_EQ(provider_.asked("/token"), 1);
    clock_.advance(5s);
    ASSERT_TRUE(client_.poll_device(started.device_code));
    EXPECT_EQ(provider_.asked("/token"), 1);
    clock_.advance(2s);
    ASSERT_TRUE(client_.poll_device(started.device_code));
    EXPECT_EQ(provider_.asked("/token"), 2);
    clock_.advance(1min);
    ASSERT_TRUE(client_.poll_device(started.device_code));
    EXPECT_EQ(provider_.asked("/token"), 3);
}

TEST_F(DeviceFlow, SlowsDownWhenTheProviderSaysSo) {
    provider_.device_error = "slow_down";
    const auto answer = client_.poll_device(begin().device_code);
    ASSERT_TRUE(answer);
    EXPECT_EQ(std::get<DevicePending>(*answer).interval, 12s);
}

TEST_F(DeviceFlow, SaysWhatBecameOfIt) {
    const auto declined = begin();
    provider_.device_error = "access_denied";
    EXPECT_EQ(client_.poll_device(declined.device_code).error().code, ErrorCode::forbidden);
    provider_.device_error = "expired_token";
    EXPECT_THAT(client_.poll_device(begin().device_code).error().message, HasSubstr("in time"));
}

TEST_F(DeviceFlow, EndsWithTheProvidersTime) {
    const auto started = begin();
    clock_.advance(600s);
    EXPECT_THAT(client_.poll_device(started.device_code).error().message, HasSubstr("too long"));
    EXPECT_EQ(provider_.asked("/token"), 0);
}

TEST_F(DeviceFlow, TakesNothingThatItDidNotBegin) {
    EXPECT_EQ(client_.poll_device("device").error().code, ErrorCode::invalid);
    EXPECT_EQ(client_.poll_device(start().cookie).error().code, ErrorCode::invalid)
        << "a page's sign-in is no device's";
}

TEST_F(DeviceFlow, IsNotThereWhereTheProviderHasNone) {
    EXPECT_TRUE(client_.has_device_flow());
    provider_.metadata.erase("device_authorization_endpoint");
    OpenIdClient client{settings(), installation(), provider_, clock_};
    EXPECT_FALSE(client.has_device_flow());
    EXPECT_EQ(client.start_device().error().code, ErrorCode::not_found);
}

TEST(AllowedUrl, IsHttpsOrThisMachine) {
    for (const char* url : {"https://id.example", "https://id.example:8443/a?b=c", "http://localhost:1/x",
                            "http://127.0.0.1:1", "http://[::1]:1/"})
        EXPECT_TRUE(http::allowed_url(url)) << url;
    for (const char* url :
         {"", "id.example", "http://id.example", "http://localhost.evil.example",
          "https://user:password@id.example", "http://127.0.0.1@evil.example", "file:///etc/passwd",
          "ftp://localhost/", "https://", "javascript:alert(1)", "http://127.0.0.2"})
        EXPECT_FALSE(http::allowed_url(url)) << url;
}

}  // namespace
}  // namespace curfew::identity

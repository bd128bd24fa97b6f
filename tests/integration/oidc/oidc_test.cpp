// People sign in at a real OpenID provider, over real TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "identity/json_members.hpp"
#include "identity/people.hpp"
#include "oidc_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using identity::Claims;
using identity::DevicePending;
using identity::GroupNames;
using identity::OpenIdClient;
using identity::OpenIdSettings;
using testing::HasSubstr;

TEST_F(Oidc, SignsInOnThePage) {
    const auto claims = sign_in(curfew, "alice");
    ASSERT_TRUE(claims) << claims.error().message;
    EXPECT_EQ(identity::text_member(*claims, "sub"), "alice");
    EXPECT_EQ(identity::text_member(*claims, "preferred_username"), "alice");
    EXPECT_EQ(identity::texts_member(*claims, "groups").value(), (std::vector<std::string>{"dba", "staff"}));
}

TEST_F(Oidc, TakesEveryAlgorithmThatItPromises) {
    for (const char* id : {"curfew-ps256", "curfew-es256", "curfew-eddsa"}) {
        OpenIdClient other = client(settings(id));
        const auto claims = sign_in(other, "alice");
        EXPECT_TRUE(claims) << id << ": " << (claims ? "" : claims.error().message);
    }
}

TEST_F(Oidc, RefusesATokenThatIsSignedWithTheClientsSecret) {
    OpenIdClient other = client(settings("curfew-hs256"));
    EXPECT_THAT(sign_in(other, "alice").error().message, HasSubstr("'HS256'"));
}

TEST_F(Oidc, SignsInWithoutASecretByPkceAlone) {
    OpenIdSettings without = settings("curfew-public");
    without.provider.client_secret.reset();
    OpenIdClient other = client(without);
    EXPECT_TRUE(sign_in(other, "alice"));
}

TEST_F(Oidc, FollowsTheProviderToNewKeys) {
    ASSERT_TRUE(sign_in(curfew, "alice"));
    const int asked = provider->asked("/jwks");
    ASSERT_TRUE(sign_in(curfew, "alice"));
    EXPECT_EQ(provider->asked("/jwks"), asked) << "keys are remembered";
    provider->rotate_keys();
    clock.advance(10s);
    const auto claims = sign_in(curfew, "alice");
    EXPECT_TRUE(claims) << claims.error().message;
    EXPECT_EQ(provider->asked("/jwks"), asked + 1);
}

TEST_F(Oidc, TakesACodeOnce) {
    const auto start = curfew.start_authorization("/");
    ASSERT_TRUE(start);
    const auto answer = answer_of(Browser{provider->root_certificate()}.sign_in(start->url, "alice"));
    ASSERT_TRUE(curfew.finish_authorization(start->cookie, answer));
    EXPECT_THAT(curfew.finish_authorization(start->cookie, answer).error().message, HasSubstr("begin again"));
}

// Somebody who got hold of a code cannot use it: the provider wants to see what only the beginner knows.
TEST_F(Oidc, TakesNoCodeOfAnotherSignIn) {
    const auto victim = curfew.start_authorization("/");
    const auto attacker = curfew.start_authorization("/");
    ASSERT_TRUE(victim && attacker);
    auto stolen = answer_of(Browser{provider->root_certificate()}.sign_in(victim->url, "alice"));
    stolen.state = query_field(attacker->url, "state");
    EXPECT_EQ(curfew.finish_authorization(attacker->cookie, stolen).error().code, ErrorCode::invalid);
}

TEST_F(Oidc, SaysThatThePersonDeclined) {
    const auto start = curfew.start_authorization("/");
    ASSERT_TRUE(start);
    const std::string back = Browser{provider->root_certificate()}.decline(start->url);
    ASSERT_THAT(back, HasSubstr("error=access_denied"));
    EXPECT_EQ(curfew.finish_authorization(start->cookie, answer_of(back)).error().code, ErrorCode::forbidden);
}

TEST_F(Oidc, RefusesAProviderWhoseCertificateNobodyVouchesFor) {
    http::CurlFetch of_the_system{http::CurlFetch::Options{}};
    OpenIdClient other{settings(), Secret{std::string(32, 's')}, of_the_system, clock};
    const auto refused = other.start_authorization("/");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("certificate"));
}

TEST_F(Oidc, SaysThatItsSecretIsWrong) {
    OpenIdSettings wrong = settings();
    wrong.provider.client_secret = Secret{"not the secret"};
    OpenIdClient other = client(wrong);
    const auto refused = sign_in(other, "alice");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("invalid_client"));
    EXPECT_THAT(refused.error().message, testing::Not(HasSubstr("not the secret")));
}

TEST_F(Oidc, FindsTheUserAndTheGroupsThatTheClaimsMean) {
    config::Config config;
    config.users["alice"].name = "alice";
    config.users["alice"].email = "alice@example.com";
    config.users["robert"].name = "robert";
    config.users["robert"].aliases = {"bob"};
    config.groups["dba"] = {};
    config.groups["oncall"] = {};
    config.groups["administrators"] = {"alice"};
    config.sign_in.oidc = settings().provider;
    const identity::People people{config};

    const auto alice = identity::identify(sign_in(curfew, "alice").value(), *config.sign_in.oidc, people);
    ASSERT_TRUE(alice) << alice.error().message;
    EXPECT_EQ(alice->user, "alice");
    EXPECT_EQ(alice->groups, (GroupNames{"dba"}));
    const auto bob = identity::identify(sign_in(curfew, "bob").value(), *config.sign_in.oidc, people);
    ASSERT_TRUE(bob) << bob.error().message;
    EXPECT_EQ(bob->user, "robert");
    EXPECT_EQ(bob->groups, (GroupNames{"oncall"}));
    EXPECT_EQ(
        identity::identify(sign_in(curfew, "mallory").value(), *config.sign_in.oidc, people).error().code,
        ErrorCode::forbidden);
}

class OidcDevice : public Oidc {
protected:
    void SetUp() override {
        auto started = curfew.start_device();
        ASSERT_TRUE(started) << started.error().message;
        start = *started;
        ASSERT_TRUE(start.verification_uri_complete);
    }
    // The command asks again, once it may.
    Result<identity::DeviceAnswer> poll() {
        clock.advance(start.interval);
        return curfew.poll_device(start.device_code);
    }

    identity::DeviceStart start;
    Browser browser{provider->root_certificate()};
};

TEST_F(OidcDevice, SignsInWhatHasNoBrowser) {
    auto answer = poll();
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_TRUE(std::holds_alternative<DevicePending>(*answer));
    browser.sign_in(*start.verification_uri_complete, "alice");
    EXPECT_THAT(browser.page(), HasSubstr("Sign-in Success"));
    answer = poll();
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_TRUE(std::holds_alternative<Claims>(*answer));
    EXPECT_EQ(identity::text_member(std::get<Claims>(*answer), "preferred_username"), "alice");
    EXPECT_EQ(identity::texts_member(std::get<Claims>(*answer), "groups")->front(), "dba");
}

TEST_F(OidcDevice, SignsInOnce) {
    browser.sign_in(*start.verification_uri_complete, "alice");
    ASSERT_TRUE(poll());
    EXPECT_THAT(poll().error().message, HasSubstr("begin again"));
}

TEST_F(OidcDevice, SaysThatThePersonDeclined) {
    browser.decline(*start.verification_uri_complete);
    const auto answer = poll();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::forbidden);
}

TEST_F(OidcDevice, AsksTheProviderNoMoreOftenThanItWants) {
    ASSERT_TRUE(curfew.poll_device(start.device_code));
    const int asked = provider->asked("/token");
    for (int i = 0; i < 50; ++i)
        ASSERT_TRUE(curfew.poll_device(start.device_code));
    EXPECT_EQ(provider->asked("/token"), asked);
}

}  // namespace
}  // namespace curfew::test

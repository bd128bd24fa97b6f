// From the provider's page to a token of Curfew's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "config/config.hpp"
#include "identity/authentication.hpp"
#include "identity/sign_in_desk.hpp"
#include "oidc_fixture.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/awaiting.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

using identity::GroupNames;
using identity::People;
using identity::SignInContext;
using testing::HasSubstr;

class OidcSignIn : public Oidc {
protected:
    OidcSignIn() {
        config.users["alice"].name = "alice";
        config.users["root"].name = "root";
        config.groups["dba"] = {};
        config.groups["administrators"] = {};
        config.sign_in.oidc = settings().provider;
        people = std::make_shared<const People>(config);
        desk.use_provider(
            std::make_shared<identity::ProviderSignIn>(settings(), Secret{std::string(32, 's')}, clock));
    }

    template <class T>
    static T await(boost::asio::awaitable<T> task) {
        boost::asio::io_context loop;
        auto outcome = test::start(loop, std::move(task));
        loop.run();
        return outcome.get();
    }
    identity::SignInResult<identity::SignedInAtProvider> sign_in_as(std::string_view name) {
        const auto start = await(desk.start_at_provider("/requests", "192.0.2.1"));
        if (!start) return start.error();
        const std::string back = Browser{provider->root_certificate()}.sign_in(start->url, name);
        return await(desk.finish_at_provider(start->cookie, answer_of(back), SignInContext{"192.0.2.1"}));
    }

    TemporaryDirectory directory;
    std::shared_ptr<store::SqliteStore> store =
        store::SqliteStore::open(directory / "curfew.db", clock).value();
    config::Config config;
    std::shared_ptr<const People> people;
    identity::PasswordChecker passwords;
    identity::SignInLimiter limiter{clock};
    identity::SignInDesk desk{{*store, [this] { return people; }, passwords, limiter}};
    identity::Authentication authentication{*store, [this] { return people; }};
};

TEST_F(OidcSignIn, GivesThePageASignInWithTheClaimedGroups) {
    const auto signed_in = sign_in_as("alice");
    ASSERT_TRUE(signed_in) << signed_in.error().error.message;
    EXPECT_EQ(signed_in->return_to, "/requests");
    const auto principal = await(authentication.by_token(signed_in->signed_in.token));
    ASSERT_TRUE(principal) << principal.error().message;
    EXPECT_EQ(principal->user, "alice");
    EXPECT_EQ(principal->method, "oidc");
    EXPECT_EQ(principal->groups, (GroupNames{"dba"}));
    EXPECT_FALSE(principal->is_administrator);
}

TEST_F(OidcSignIn, MakesNobodyAnAdministratorByAClaim) {
    const auto signed_in = sign_in_as("root");
    ASSERT_TRUE(signed_in) << signed_in.error().error.message;
    EXPECT_FALSE(signed_in->signed_in.principal.is_administrator);
}

TEST_F(OidcSignIn, LetsNobodyInWhoIsNoUser) {
    const auto refused = sign_in_as("mallory");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error.code, ErrorCode::forbidden);
    EXPECT_THAT(refused.error().error.message, HasSubstr("ask an administrator"));
}

TEST_F(OidcSignIn, GivesTheCommandATokenWithTheClaimedGroups) {
    const SignInContext program{"192.0.2.1", "curfew on laptop"};
    EXPECT_TRUE(await(desk.provider()->has_device_flow()).value());
    const auto start = await(desk.start_device("192.0.2.1"));
    ASSERT_TRUE(start) << start.error().error.message;
    auto answer = await(desk.poll_device(start->device_code, program));
    ASSERT_TRUE(answer) << answer.error().error.message;
    EXPECT_TRUE(std::holds_alternative<identity::DevicePending>(*answer));

    Browser{provider->root_certificate()}.sign_in(start->verification_uri_complete.value(), "alice");
    clock.advance(start->interval);
    answer = await(desk.poll_device(start->device_code, program));
    ASSERT_TRUE(answer) << answer.error().error.message;
    const auto* signed_in = std::get_if<identity::SignedIn>(&*answer);
    ASSERT_NE(signed_in, nullptr);
    const auto principal = await(authentication.by_token(signed_in->token));
    ASSERT_TRUE(principal) << principal.error().message;
    EXPECT_EQ(principal->via, identity::Via::token);
    EXPECT_EQ(principal->groups, (GroupNames{"dba"}));
    EXPECT_EQ(await(store->tokens("alice"))->front().name, "curfew on laptop");
}

TEST_F(OidcSignIn, GoesOnAfterARestart) {
    const auto start = await(desk.start_at_provider("/", "192.0.2.1"));
    ASSERT_TRUE(start);
    const std::string back = Browser{provider->root_certificate()}.sign_in(start->url, "alice");
    // As after a restart of this node, or on another one: nothing is remembered but the installation's
    // secret.
    desk.use_provider(
        std::make_shared<identity::ProviderSignIn>(settings(), Secret{std::string(32, 's')}, clock));
    const SignInContext context{"192.0.2.1"};
    EXPECT_TRUE(await(desk.finish_at_provider(start->cookie, answer_of(back), context)));
}

TEST_F(OidcSignIn, SaysThatTheProviderIsAway) {
    identity::OpenIdSettings away = settings();
    away.provider.issuer = "https://127.0.0.1:1";
    desk.use_provider(std::make_shared<identity::ProviderSignIn>(away, Secret{std::string(32, 's')}, clock));
    const auto refused = await(desk.start_at_provider("/", "192.0.2.1"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error.code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace curfew::test

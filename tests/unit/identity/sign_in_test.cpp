#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "identity/token.hpp"
#include "sign_in_fixture.hpp"

namespace curfew::identity {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

using SignInDeskTest = SignInTest;

TEST_F(SignInDeskTest, SignsInByAnyOfAPersonsNames) {
    for (const char* name : {"alice", "ALICE", "asmith"}) {
        const auto signed_in = sign_in(name, alices_password);
        ASSERT_TRUE(signed_in) << signed_in.error().error.message;
        EXPECT_EQ(signed_in->principal.user, "alice");
        EXPECT_EQ(signed_in->expires_at, clock.wall_now() + 12h);
        const auto principal = who(signed_in->token);
        ASSERT_TRUE(principal) << principal.error().message;
        EXPECT_EQ(principal->user, "alice");
        EXPECT_EQ(principal->scopes, Scopes::all());
        EXPECT_EQ(principal->via, Via::sign_in);
        EXPECT_EQ(principal->method, "password");
        EXPECT_FALSE(principal->is_administrator);
    }
}

TEST_F(SignInDeskTest, TellsAWrongNameFromAWrongPasswordByNothing) {
    give_password("mallory", alices_password);  // of nobody who is listed
    for (const auto& [name, password] : {std::pair{"alice", "another horse battery"},
                                         {"nobody", alices_password},
                                         {"mallory", alices_password},
                                         {"bob", ""},
                                         {"bob", alices_password},
                                         {"", ""}}) {
        const auto refused = sign_in(name, password);
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.error().error.code, ErrorCode::forbidden);
        EXPECT_EQ(refused.error().error.message, "wrong name or password");
    }
}

TEST_F(SignInDeskTest, SignsNobodyInByPasswordWhereThatIsOff) {
    config.sign_in.passwords = false;
    apply_config();
    EXPECT_EQ(sign_in("alice", alices_password).error().error.code, ErrorCode::forbidden);
}

TEST_F(SignInDeskTest, LastsAsLongAsConfigured) {
    config.sign_in.session = 1h;
    apply_config();
    const auto signed_in = sign_in("alice", alices_password);
    clock.advance(1h - 1s);
    EXPECT_TRUE(who(signed_in->token));
    clock.advance(1s);
    EXPECT_EQ(who(signed_in->token).error().code, ErrorCode::forbidden);
}

TEST_F(SignInDeskTest, GivesAProgramATokenOfThatName) {
    const auto signed_in = sign_in("alice", alices_password, program());
    ASSERT_TRUE(signed_in);
    EXPECT_EQ(token_kind(signed_in->token.reveal()), TokenKind::access);
    const auto tokens = await(store->tokens("alice"));
    ASSERT_EQ(tokens->size(), 1U);
    EXPECT_EQ(tokens->front().name, "curfew on laptop");
    EXPECT_EQ(tokens->front().expires_at, clock.wall_now() + 12h);
    const auto principal = who(signed_in->token);
    ASSERT_TRUE(principal) << principal.error().message;
    EXPECT_EQ(principal->via, Via::token);
    EXPECT_EQ(principal->scopes, Scopes::all());
    EXPECT_EQ(principal->token, tokens->front().id);
}

TEST_F(SignInDeskTest, SlowsDownWhoGuesses) {
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(sign_in("alice", "guess").error().retry_after, std::nullopt);
    const auto limited = sign_in("ASmith", alices_password);
    ASSERT_FALSE(limited) << "not even the right one, by another of the names";
    EXPECT_EQ(limited.error().error.code, ErrorCode::unavailable);
    EXPECT_EQ(limited.error().retry_after, Duration{30s});
    clock.advance(30s);
    EXPECT_TRUE(sign_in("alice", alices_password));
}

TEST_F(SignInDeskTest, DoesNotSlowDownWhoKnowsThePassword) {
    for (int i = 0; i < 50; ++i)
        ASSERT_TRUE(sign_in("alice", alices_password));
}

TEST_F(SignInDeskTest, HashesAnOldPasswordAnew) {
    PasswordChecker dearer{ScryptCost{5, 8, 1}};
    SignInDesk other{{*store, [this] { return people; }, dearer, limiter}};
    ASSERT_TRUE(await(other.with_password("alice", Secret{alices_password}, from())));
    const auto stored = await(store->find_password("alice")).value();
    EXPECT_EQ(PasswordHash::parse(stored->hash.reveal())->cost(), (ScryptCost{5, 8, 1}));
    EXPECT_TRUE(await(other.with_password("alice", Secret{alices_password}, from())));
}

TEST_F(SignInDeskTest, ChangesAPasswordAndSignsOutEverywhere) {
    const auto before = sign_in("alice", alices_password);
    const auto changed =
        await(desk.change_password("alice", Secret{alices_password}, Secret{"a better pass phrase"}, from()));
    ASSERT_TRUE(changed) << changed.error().error.message;
    EXPECT_FALSE(who(before->token));
    EXPECT_TRUE(who(changed->token));
    EXPECT_FALSE(sign_in("alice", alices_password));
    EXPECT_TRUE(sign_in("alice", "a better pass phrase"));
}

TEST_F(SignInDeskTest, ChangesNoPasswordForWhoDoesNotKnowIt) {
    const auto refused =
        await(desk.change_password("alice", Secret{"another"}, Secret{"a better pass phrase"}, from()));
    EXPECT_EQ(refused.error().error.code, ErrorCode::forbidden);
    EXPECT_EQ(await(desk.change_password("bob", Secret{""}, Secret{"a better pass phrase"}, from()))
                  .error()
                  .error.code,
              ErrorCode::forbidden)
        << "who has none";
    EXPECT_TRUE(sign_in("alice", alices_password));
}

TEST_F(SignInDeskTest, TakesNoPasswordThatIsTooShort) {
    const auto refused =
        await(desk.change_password("alice", Secret{alices_password}, Secret{"short"}, from()));
    EXPECT_EQ(refused.error().error.code, ErrorCode::invalid);
    EXPECT_TRUE(sign_in("alice", alices_password));
}

TEST_F(SignInDeskTest, SignsOut) {
    const auto page = sign_in("alice", alices_password);
    const auto other_page = sign_in("alice", alices_password);
    const auto command = sign_in("alice", alices_password, program());
    EXPECT_TRUE(await(desk.sign_out(page->token)));
    EXPECT_FALSE(who(page->token));
    EXPECT_TRUE(who(other_page->token));
    EXPECT_TRUE(await(desk.sign_out(command->token)));
    EXPECT_THAT(who(command->token).error().message, HasSubstr("revoked"));
    EXPECT_TRUE(await(desk.sign_out(command->token))) << "twice is no error";
    EXPECT_TRUE(await(desk.sign_out(make_token(TokenKind::access).text)));
}

TEST_F(SignInDeskTest, SaysThatThereIsNoProvider) {
    EXPECT_EQ(await(desk.start_at_provider("/", "192.0.2.1")).error().error.code, ErrorCode::not_found);
    EXPECT_EQ(await(desk.start_device("192.0.2.1")).error().error.code, ErrorCode::not_found);
    EXPECT_EQ(await(desk.poll_device("code", program())).error().error.code, ErrorCode::not_found);
}

class AuthenticationTest : public SignInTest {
protected:
    Secret token_of(const std::string& user, std::vector<std::string> scopes, Duration lifetime = 24h) {
        MadeToken made = make_token(TokenKind::access);
        store::NewToken record;
        record.user = user;
        record.name = "test";
        record.scopes = std::move(scopes);
        record.hash = made.hash;
        record.lifetime = lifetime;
        id = await(store->add_token(std::move(record), user)).value().id;
        return std::move(made.text);
    }
    void sign_in_with_claims(const std::string& user, const GroupNames& groups, Duration lifetime = 1h) {
        store::NewSignIn record;
        record.hash = make_token(TokenKind::sign_in).hash;
        record.user = user;
        record.method = "oidc";
        record.claims = claims_text({user, "sub", groups});
        record.lifetime = lifetime;
        ASSERT_TRUE(await(store->add_sign_in(std::move(record))));
    }
    TokenId id;
};

TEST_F(AuthenticationTest, KnowsATokenForItsScopes) {
    const auto principal = who(token_of("alice", {"request", "of a later version"}));
    ASSERT_TRUE(principal);
    EXPECT_EQ(principal->scopes, (Scopes{Scope::request}));
    EXPECT_EQ(principal->expires_at, clock.wall_now() + 24h);
}

TEST_F(AuthenticationTest, KnowsNothingThatIsNoToken) {
    for (const std::string text : {"", "cft_", "correct horse battery", "cfl_"})
        EXPECT_EQ(who(Secret{text}).error().code, ErrorCode::forbidden);
    EXPECT_FALSE(who(make_token(TokenKind::access).text)) << "nobody's";
    EXPECT_FALSE(who(make_token(TokenKind::sign_in).text));
    EXPECT_FALSE(who(make_token(TokenKind::link).text)) << "of a link alone";
}

TEST_F(AuthenticationTest, TakesNoTokenThatExpiredOrWasRevoked) {
    const Secret token = token_of("alice", {"read"}, 1h);
    clock.advance(1h);
    EXPECT_THAT(who(token).error().message, HasSubstr("expired"));
    const Secret other = token_of("alice", {"read"});
    ASSERT_TRUE(await(store->revoke_token(id, "carol")));
    EXPECT_THAT(who(other).error().message, HasSubstr("revoked"));
}

TEST_F(AuthenticationTest, JudgesThePersonAnewEachTime) {
    const Secret token = token_of("carol", {"admin"});
    EXPECT_TRUE(who(token)->may(Scope::admin));
    config.groups["administrators"] = {"bob"};
    config.groups["dba"] = {"carol"};
    apply_config();
    EXPECT_FALSE(who(token)->may(Scope::admin));
    EXPECT_EQ(who(token)->groups, (GroupNames{"dba"}));
    config.users.erase("carol");
    config.groups["dba"] = {};
    apply_config();
    EXPECT_THAT(who(token).error().message, HasSubstr("does not exist any more"));
}

TEST_F(AuthenticationTest, GivesATokenTheGroupsOfTheNewestSignInAtTheProvider) {
    config.groups["oncall"] = {};
    config.sign_in.oidc.emplace();
    apply_config();
    const Secret token = token_of("alice", {"request"});
    EXPECT_EQ(who(token)->groups, GroupNames{});
    sign_in_with_claims("alice", {"dba"}, 2h);
    EXPECT_EQ(who(token)->groups, (GroupNames{"dba"}));
    sign_in_with_claims("alice", {"oncall"}, 1h);
    sign_in_with_claims("bob", {"dba"});
    EXPECT_EQ(who(token)->groups, (GroupNames{"oncall"}));
    clock.advance(1h);
    EXPECT_EQ(who(token)->groups, (GroupNames{"oncall"})) << "one of them is not over";
    clock.advance(1h);
    EXPECT_EQ(who(token)->groups, GroupNames{});
}

// Else who was put out of a group would stay in it by not closing a browser.
TEST_F(AuthenticationTest, GivesAnOlderSignInTheGroupsOfTheNewestOne) {
    config.sign_in.oidc.emplace();
    apply_config();
    const MadeToken older = make_token(TokenKind::sign_in);
    ASSERT_TRUE(await(store->add_sign_in(
        {older.hash, "alice", "oidc", claims_text({"alice", "sub", {"dba"}}), Duration{8h}})));
    EXPECT_EQ(who(older.text)->groups, (GroupNames{"dba"}));
    sign_in_with_claims("alice", {});
    EXPECT_EQ(who(older.text)->groups, GroupNames{});
}

TEST_F(AuthenticationTest, GivesASignInByPasswordTheSameGroups) {
    config.sign_in.oidc.emplace();
    apply_config();
    const auto by_password = sign_in("alice", alices_password);
    EXPECT_EQ(who(by_password->token)->groups, GroupNames{});
    sign_in_with_claims("alice", {"dba"}, 1h);
    EXPECT_EQ(who(by_password->token)->groups, (GroupNames{"dba"}));
    clock.advance(1h);
    EXPECT_EQ(who(by_password->token)->groups, GroupNames{});
}

TEST_F(AuthenticationTest, TakesNoClaimsOnceTheProviderIsNotConfigured) {
    config.sign_in.oidc.emplace();
    apply_config();
    sign_in_with_claims("alice", {"dba"});
    const Secret token = token_of("alice", {"request"});
    EXPECT_EQ(who(token)->groups, (GroupNames{"dba"}));
    config.sign_in.oidc.reset();
    apply_config();
    EXPECT_EQ(who(token)->groups, GroupNames{});
}

}  // namespace
}  // namespace curfew::identity

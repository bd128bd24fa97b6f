#include "identity/access_tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "identity/token.hpp"
#include "sign_in_fixture.hpp"

namespace curfew::identity {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class AccessTokensTest : public SignInTest {
protected:
    Principal alice(Scopes scopes = Scopes::all()) {
        Principal principal = *principal_of("alice", {}, *people);
        principal.scopes = scopes;
        return principal;
    }
    Result<MadeAccessToken> make(const Principal& asker, TokenWish wish) {
        return await(make_access_token(*store, asker, std::move(wish), clock.wall_now()));
    }
    static TokenWish wish() { return {"deploy", {Scope::request}, 24h}; }
};

TEST_F(AccessTokensTest, AreTheirMakersAndShownOnce) {
    const auto made = make(alice(), wish());
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->token.user, "alice");
    EXPECT_EQ(made->token.name, "deploy");
    EXPECT_EQ(made->token.scopes, (std::vector<std::string>{"read", "request"}));
    EXPECT_EQ(made->token.expires_at, clock.wall_now() + 24h);
    EXPECT_EQ(token_kind(made->secret.reveal()), TokenKind::access);
    EXPECT_EQ(who(made->secret)->scopes, (Scopes{Scope::request}));
}

TEST_F(AccessTokensTest, NeedANameScopesAndATimeToEnd) {
    TokenWish nameless = wish();
    nameless.name.clear();
    EXPECT_THAT(make(alice(), nameless).error().message, HasSubstr("name"));
    TokenWish useless = wish();
    useless.scopes = {};
    EXPECT_THAT(make(alice(), useless).error().message, HasSubstr("scopes"));
    for (const Duration lifetime : {Duration{0s}, Duration{-1s}, Duration{24h * 367}}) {
        TokenWish timeless = wish();
        timeless.lifetime = lifetime;
        EXPECT_EQ(make(alice(), timeless).error().code, ErrorCode::invalid);
    }
}

TEST_F(AccessTokensTest, HaveNoMoreScopesThanTheirMaker) {
    TokenWish wide = wish();
    wide.scopes = {Scope::request, Scope::review};
    const auto refused = make(alice({Scope::request}), wide);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::forbidden);
    EXPECT_THAT(refused.error().message, HasSubstr("read request"));
}

TEST_F(AccessTokensTest, DoNotOutliveTheTokenThatMakesThem) {
    Principal program = alice();
    program.via = Via::token;
    program.token_made_at = clock.wall_now() - fresh_sign_in - 1s;
    program.expires_at = clock.wall_now() + 1h;
    EXPECT_EQ(make(program, wish()).error().code, ErrorCode::forbidden);
    TokenWish shorter = wish();
    shorter.lifetime = 1h;
    EXPECT_TRUE(make(program, shorter));
}

// Of a sign-in by the command, as a rule: who has just proved who they are may make one for a program.
TEST_F(AccessTokensTest, MayOutliveTheTokenThatMakesThemWhileThatIsFresh) {
    Principal person = alice();
    person.via = Via::token;
    person.token_made_at = clock.wall_now() - fresh_sign_in;
    person.expires_at = clock.wall_now() + 1h;
    EXPECT_TRUE(make(person, wish()));
}

TEST_F(AccessTokensTest, AreMadeByUsersAlone) {
    EXPECT_EQ(make(principal_of_socket("root", *people), wish()).error().code, ErrorCode::forbidden);
    EXPECT_TRUE(make(principal_of_socket("alice", *people), wish()));
}

}  // namespace
}  // namespace curfew::identity

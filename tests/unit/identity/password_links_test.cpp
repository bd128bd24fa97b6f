#include "identity/password_links.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <utility>
#include <vector>

#include "identity/token.hpp"
#include "sign_in_fixture.hpp"

namespace curfew::identity {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* good = "a good pass phrase";

class PasswordLinksTest : public SignInTest {
protected:
    SignInResult<SignedIn> use(const Secret& code, std::string name, std::string password) {
        return await(links.use(code, std::move(name), Secret{std::move(password)}, from()));
    }
    Secret offered() { return await(links.offer_first_administrator()).value().value().code; }
    Secret link_for(const std::string& user) { return await(links.make(user, "carol")).value().code; }

    std::vector<std::string> made_administrators;
    std::optional<Error> failure;
    // What the API does by the store: here, in the configuration.
    MakeAdministrator make_administrator = [this](std::string user) -> Awaitable<Result<void>> {
        if (failure) co_return *failure;
        config.users[user].name = user;
        config.groups["administrators"].push_back(user);
        apply_config();
        made_administrators.push_back(std::move(user));
        co_return Result<void>{};
    };
    PasswordLinks links{parts(), make_administrator};
};

TEST_F(PasswordLinksTest, MakeTheFirstAdministrator) {
    config.groups["administrators"].clear();
    apply_config();
    const auto link = await(links.offer_first_administrator());
    ASSERT_TRUE(link && *link);
    EXPECT_EQ((*link)->expires_at, clock.wall_now() + 24h);
    EXPECT_EQ(token_kind((*link)->code.reveal()), TokenKind::link);
    const auto signed_in = use((*link)->code, "dave", good);
    ASSERT_TRUE(signed_in) << signed_in.error().error.message;
    EXPECT_THAT(made_administrators, ElementsAre("dave"));
    EXPECT_TRUE(who(signed_in->token)->is_administrator);
    EXPECT_TRUE(sign_in("dave", good));
}

TEST_F(PasswordLinksTest, GiveADeclaredAdministratorAPassword) {
    const auto signed_in = use(offered(), "Carol", good);
    ASSERT_TRUE(signed_in) << signed_in.error().error.message;
    EXPECT_EQ(signed_in->principal.user, "carol");
    EXPECT_TRUE(signed_in->principal.is_administrator);
    EXPECT_THAT(made_administrators, ElementsAre()) << "carol is one already";
}

TEST_F(PasswordLinksTest, AreNotOfferedOnceAnAdministratorCanSignIn) {
    EXPECT_TRUE(await(links.needs_first_administrator()).value()) << "alice has a password, and is none";
    give_password("carol", good);
    EXPECT_FALSE(await(links.needs_first_administrator()).value());
    EXPECT_FALSE(await(links.offer_first_administrator()).value());
}

TEST_F(PasswordLinksTest, AreNotOfferedWhereAdministratorsSignInAtTheProvider) {
    config.sign_in.oidc.emplace();
    apply_config();
    EXPECT_FALSE(await(links.needs_first_administrator()).value());
    config.groups["administrators"].clear();
    apply_config();
    EXPECT_TRUE(await(links.needs_first_administrator()).value()) << "there is none who could";
    config.sign_in.oidc->administrators_from_claims = true;
    apply_config();
    EXPECT_FALSE(await(links.needs_first_administrator()).value()) << "the provider says who is one";
    config.sign_in.oidc->administrators_from_claims = false;
    config.sign_in.passwords = false;
    apply_config();
    EXPECT_FALSE(await(links.needs_first_administrator()).value()) << "a password would be of no use";
}

TEST(PasswordLinkUrl, HasTheCodeWhereBrowsersSendItToNobody) {
    const MadeLink link{"alice", Secret{"cfl_abc"}, {}};
    EXPECT_EQ(link_url("https://curfew.example.com", link), "https://curfew.example.com/sign-in#cfl_abc");
}

TEST(PasswordLinkUrl, SaysWhereANameIsToBeChosenToo) {
    const MadeLink link{"", Secret{"cfl_abc"}, {}};
    EXPECT_EQ(link_url("https://curfew.example.com", link),
              "https://curfew.example.com/sign-in?first_administrator=true#cfl_abc");
}

TEST_F(PasswordLinksTest, WorkOnce) {
    const Secret code = offered();
    ASSERT_TRUE(use(code, "carol", good));
    const auto again = use(code, "carol", "another pass phrase");
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().error.code, ErrorCode::forbidden);
    EXPECT_THAT(again.error().error.message, HasSubstr("used already"));
    EXPECT_TRUE(sign_in("carol", good));
}

TEST_F(PasswordLinksTest, WorkForOneOfManyWhoTryAtATime) {
    const Secret code = offered();
    boost::asio::io_context loop;
    int signed_in = 0;
    for (int i = 0; i < 10; ++i) {
        boost::asio::co_spawn(loop, links.use(code, "user" + std::to_string(i), Secret{good}, from()),
                              [&](const std::exception_ptr&, const SignInResult<SignedIn>& outcome) {
                                  if (outcome) ++signed_in;
                              });
    }
    loop.run();
    EXPECT_EQ(signed_in, 1);
    EXPECT_EQ(made_administrators.size(), 1U);
}

TEST_F(PasswordLinksTest, WorkForADay) {
    const Secret code = offered();
    clock.advance(24h - 1s);
    EXPECT_EQ(use(code, "", good).error().error.message, "say what your user name is to be");
    clock.advance(1s);
    EXPECT_THAT(use(code, "carol", good).error().error.message, HasSubstr("expired"));
}

TEST_F(PasswordLinksTest, WorkForNobodyOnceThereAreNoPasswords) {
    const Secret code = link_for("alice");
    config.sign_in.passwords = false;
    apply_config();
    EXPECT_EQ(use(code, "", good).error().error.code, ErrorCode::forbidden);
}

TEST_F(PasswordLinksTest, AreReplacedByNewerOnes) {
    const Secret first = offered();
    const Secret second = offered();
    EXPECT_FALSE(use(first, "carol", good));
    EXPECT_TRUE(use(second, "carol", good));
}

TEST_F(PasswordLinksTest, AreNotUsedUpByAPasswordThatWillNotDo) {
    const Secret code = offered();
    EXPECT_EQ(use(code, "carol", "short").error().error.code, ErrorCode::invalid);
    EXPECT_TRUE(use(code, "carol", good));
}

TEST_F(PasswordLinksTest, AreNotUsedUpByANameThatWillNotDo) {
    const Secret code = offered();
    EXPECT_EQ(use(code, std::string(64, 'x'), good).error().error.code, ErrorCode::invalid);
    EXPECT_EQ(use(code, "two\nlines", good).error().error.code, ErrorCode::invalid);
    EXPECT_TRUE(use(code, "carol", good));
}

TEST_F(PasswordLinksTest, LetAUserChooseAPassword) {
    const auto before = sign_in("alice", alices_password);
    const auto signed_in = use(link_for("asmith"), "bob", good);
    ASSERT_TRUE(signed_in) << signed_in.error().error.message;
    EXPECT_EQ(signed_in->principal.user, "alice") << "whatever name is typed";
    EXPECT_FALSE(signed_in->principal.is_administrator);
    EXPECT_THAT(made_administrators, ElementsAre());
    EXPECT_FALSE(who(before->token)) << "signed out everywhere else";
    EXPECT_FALSE(sign_in("alice", alices_password));
    EXPECT_TRUE(sign_in("alice", good));
}

TEST_F(PasswordLinksTest, AreMadeForUsersAlone) {
    EXPECT_EQ(await(links.make("mallory", "carol")).error().code, ErrorCode::not_found);
    config.sign_in.passwords = false;
    apply_config();
    EXPECT_EQ(await(links.make("alice", "carol")).error().code, ErrorCode::forbidden);
}

TEST_F(PasswordLinksTest, AreNothingElsesToken) {
    EXPECT_FALSE(use(sign_in("alice", alices_password)->token, "carol", good));
    EXPECT_FALSE(use(make_token(TokenKind::link).text, "carol", good));
    EXPECT_FALSE(use(Secret{"a link"}, "carol", good));
}

TEST_F(PasswordLinksTest, MayBeTriedSoOftenByOneAddress) {
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(use(make_token(TokenKind::link).text, "carol", good).error().retry_after, std::nullopt);
    const auto limited = use(offered(), "carol", good);
    ASSERT_FALSE(limited);
    EXPECT_TRUE(limited.error().retry_after);
}

TEST_F(PasswordLinksTest, SetNoPasswordWhereTheAdministratorCannotBeMade) {
    failure = Error{ErrorCode::conflict, "the group is declared"};
    EXPECT_EQ(use(offered(), "dave", good).error().error.message, "the group is declared");
    EXPECT_FALSE(await(store->find_password("dave")).value());
    EXPECT_TRUE(await(links.needs_first_administrator()).value()) << "so the next start offers another";
}

}  // namespace
}  // namespace curfew::identity

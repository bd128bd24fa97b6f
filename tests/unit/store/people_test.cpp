// What people sign in with: known by hashes, for as long as it lasts, and not after.
#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "disk.hpp"
#include "request_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::NewOneTimeLink;
using store::NewSignIn;
using store::NewToken;
using store::OneTimeLink;
using store::SecretHash;
using store::Token;
using store::TokenState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class People : public RequestTest {
protected:
    Token add_token(const SecretHash& hash, std::optional<Duration> lifetime = 24h,
                    const std::string& user = "alice") {
        return await(store->add_token({user, "ci", {"requests", "sessions"}, hash, lifetime}, user)).value();
    }
    std::optional<Token> use_token(const SecretHash& hash) { return await(store->use_token(hash)).value(); }
    void sign_in(const SecretHash& hash, const std::string& user = "alice") {
        await(store->add_sign_in({hash, user, "oidc", R"({"groups": ["dba"]})", 8h})).value();
    }
    std::optional<store::SignIn> signed_in(const SecretHash& hash) {
        return await(store->use_sign_in(hash)).value();
    }
    void make_link(const SecretHash& hash, const std::string& user = {}) {
        await(store->add_link({hash, "first_administrator", user, "root", 1h})).value();
    }
    Result<OneTimeLink> use_link(const SecretHash& hash, const std::string& purpose = "first_administrator") {
        return await(store->use_link(hash, purpose));
    }
};

TEST_F(People, HaveThePasswordThatWasSetLast) {
    EXPECT_THAT(await(store->people_with_passwords()).value(), IsEmpty());
    EXPECT_FALSE(await(store->find_password("alice")).value());
    await(store->set_password("alice", Secret{"scrypt$1$x"}, "root")).value();
    clock.advance(1h);
    await(store->set_password("alice", Secret{"scrypt$2$y"}, "alice")).value();
    const auto password = await(store->find_password("alice")).value();
    ASSERT_TRUE(password);
    EXPECT_EQ(password->hash.reveal(), "scrypt$2$y");
    EXPECT_EQ(password->changed_by, "alice");
    EXPECT_EQ(password->changed_at, clock.wall_now());
    EXPECT_THAT(await(store->people_with_passwords()).value(), ElementsAre("alice"));
    EXPECT_EQ(await(store->set_password("alice", Secret{}, "root")).error().code, ErrorCode::invalid);
}

TEST_F(People, AreKnownByTheirTokensUntilThoseExpire) {
    const Token made = add_token({1, 2, 3}, 1h);
    const auto found = use_token({1, 2, 3});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, made.id);
    EXPECT_EQ(found->user, "alice");
    EXPECT_THAT(found->scopes, ElementsAre("requests", "sessions"));
    EXPECT_EQ(found->state, TokenState::active);
    EXPECT_FALSE(use_token({1, 2, 4}));
    clock.advance(1h - 1ms);
    EXPECT_EQ(use_token({1, 2, 3})->state, TokenState::active);
    clock.advance(1ms);
    EXPECT_EQ(use_token({1, 2, 3})->state, TokenState::expired);
}

TEST_F(People, AreNotKnownByATokenThatWasRevoked) {
    const Token made = add_token({1}, std::nullopt);
    const auto revoked = await(store->revoke_token(made.id, "root"));
    ASSERT_TRUE(revoked);
    EXPECT_EQ(revoked->state, TokenState::revoked);
    EXPECT_EQ(use_token({1})->state, TokenState::revoked);
    EXPECT_EQ(use_token({1})->revoked_by, "root");
    EXPECT_EQ(await(store->revoke_token(made.id, "bob")).error().code, ErrorCode::conflict);
    EXPECT_EQ(await(store->revoke_token(TokenId::generate(), "bob")).error().code, ErrorCode::not_found);
}

TEST_F(People, SeeWhenATokenWasLastUsedAtAFewWritesPrice) {
    if (!store_backend->file()) GTEST_SKIP() << "of a store in a file";
    const Token made = add_token({1});
    EXPECT_FALSE(await(store->find_token(made.id)).value()->last_used_at);
    use_token({1});
    const WallInstant first = clock.wall_now();
    EXPECT_EQ(await(store->find_token(made.id)).value()->last_used_at, first);
    clock.advance(4min);
    const std::size_t flushes = disk::flushes();
    for (int i = 0; i < 100; ++i)
        use_token({1});
    EXPECT_EQ(disk::flushes(), flushes);
    clock.advance(1min);
    use_token({1});
    EXPECT_EQ(await(store->find_token(made.id)).value()->last_used_at, first + 5min);
}

TEST_F(People, UseTheirTokensWhileNothingCanBeWritten) {
    if (!store_backend->file()) GTEST_SKIP() << "of a store in a file";
    add_token({1});
    const disk::Full full;
    EXPECT_EQ(use_token({1})->user, "alice");
}

TEST_F(People, HaveTheirTokensListedNewestFirst) {
    const TokenId first = add_token({1}).id;
    const TokenId second = add_token({2}).id;
    const TokenId others = add_token({3}, 1h, "bob").id;
    const auto ids = [&](const std::optional<std::string>& user) {
        std::vector<TokenId> found;
        for (const Token& token : await(store->tokens(user)).value())
            found.push_back(token.id);
        return found;
    };
    EXPECT_THAT(ids("alice"), ElementsAre(second, first));
    EXPECT_THAT(ids(std::nullopt), ElementsAre(others, second, first));
}

TEST_F(People, HaveOneTokenASecret) {
    add_token({1});
    const NewToken again{"mallory", "x", {}, {1}, 1h};
    EXPECT_EQ(await(store->add_token(again, "mallory")).error().code, ErrorCode::conflict);
}

TEST_F(People, HaveNothingThatLastsForNoTimeOrForEver) {
    for (const Duration lifetime : {Duration{0}, Duration{-1h}, Duration{20 * 366 * 24h}, Duration::max()}) {
        const NewToken token{"alice", "x", {}, {1}, lifetime};
        EXPECT_EQ(await(store->add_token(token, "alice")).error().code, ErrorCode::invalid);
        const NewSignIn sign_in{{1}, "alice", "password", {}, lifetime};
        EXPECT_EQ(await(store->add_sign_in(sign_in)).error().code, ErrorCode::invalid);
        const NewOneTimeLink link{{1}, "x", {}, {}, lifetime};
        EXPECT_EQ(await(store->add_link(link)).error().code, ErrorCode::invalid);
    }
}

TEST_F(People, AreSignedInUntilTheSignInExpires) {
    sign_in({1});
    clock.advance(8h - 1ms);
    const auto found = signed_in({1});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->user, "alice");
    EXPECT_EQ(found->method, "oidc");
    EXPECT_EQ(found->claims, R"({"groups": ["dba"]})");
    EXPECT_EQ(found->last_seen_at, found->created_at) << "as of before now";
    EXPECT_EQ(signed_in({1})->last_seen_at, clock.wall_now());
    clock.advance(1ms);
    EXPECT_FALSE(signed_in({1}));
    EXPECT_THAT(await(store->sign_ins("alice")).value(), IsEmpty());
}

TEST_F(People, AreSignedOutHereOrEverywhere) {
    for (const unsigned char place : {1, 2, 3})
        sign_in({place});
    sign_in({9}, "bob");
    await(store->end_sign_in({1})).value();
    EXPECT_TRUE(await(store->end_sign_in({1}))) << "nothing to do";
    EXPECT_FALSE(signed_in({1}));
    EXPECT_THAT(await(store->sign_ins("alice")).value(), SizeIs(2));
    EXPECT_EQ(await(store->end_sign_ins_of("alice", "root")).value(), 2U);
    EXPECT_FALSE(signed_in({2}));
    EXPECT_TRUE(signed_in({9}));
}

// Of the last sign-in at the provider; one by a password says nothing.
TEST_F(People, HaveTheClaimsThatWereMadeLast) {
    EXPECT_THAT(await(store->claims()).value(), IsEmpty());
    await(store->add_sign_in({{1}, "bob", "oidc", "first", 8h})).value();
    await(store->add_sign_in({{2}, "alice", "oidc", "second", 8h})).value();
    clock.advance(1h);
    await(store->add_sign_in({{3}, "bob", "oidc", "third", 8h})).value();
    await(store->add_sign_in({{4}, "bob", "password", "", 8h})).value();
    const WallInstant now = clock.wall_now();
    EXPECT_THAT(await(store->claims()).value(),
                ElementsAre(store::Claims{"alice", "second", now - 1h}, store::Claims{"bob", "third", now}));
    EXPECT_EQ(await(store->find_claims("bob")).value()->text, "third");
    EXPECT_FALSE(await(store->find_claims("carol")).value());
}

TEST_F(People, KeepTheirClaimsWhenTheSignInIsOver) {
    await(store->add_sign_in({{1}, "alice", "oidc", "dba", 1h})).value();
    await(store->end_sign_ins_of("alice", "alice")).value();
    clock.advance(2h);
    sign_in({2}, "bob");  // clears away what has expired
    reopen();
    EXPECT_EQ(await(store->find_claims("alice")).value()->text, "dba");
}

TEST_F(People, LoseTheirClaimsWithEverythingElse) {
    await(store->add_sign_in({{1}, "alice", "oidc", "dba", 1h})).value();
    await(store->end_sign_ins_of("alice", "alice")).value();
    EXPECT_THAT(await(store->forget_all_but({"bob"}, "root")).value(), ElementsAre("alice"));
    EXPECT_FALSE(await(store->find_claims("alice")).value());
}

TEST_F(People, AreJudgedByNewClaimsInTheSameAct) {
    const RequestId request = approved().request.id;
    const GrantId grant = *look_up_request(request).request.grant;
    std::vector<store::Claims> judged;
    auto revoke_all = [&](const std::vector<store::Claims>& claims) -> store::ReconsiderRequest {
        judged = claims;
        return [](const policy::Request& one, const std::optional<store::GrantCountdown>& of,
                  WallInstant now) -> std::optional<store::RequestChange> {
            return revocation_by("")(one, of, now).value();
        };
    };
    await(store->add_sign_in({{1}, "bob", "oidc", "dba", 8h})).value();
    const auto same = await(store->add_sign_in_and_judge({{2}, "bob", "oidc", "dba", 8h}, revoke_all));
    EXPECT_FALSE(same->claims);
    const auto none = await(store->add_sign_in_and_judge({{3}, "bob", "password", "", 8h}, revoke_all));
    EXPECT_FALSE(none->claims);
    EXPECT_THAT(judged, IsEmpty()) << "as they were";
    EXPECT_THAT(current_grants(), ElementsAre(grant));

    const auto others = await(store->add_sign_in_and_judge({{4}, "bob", "oidc", "none", 8h}, revoke_all));
    EXPECT_EQ(others->sign_in.user, "bob");
    ASSERT_THAT(judged, SizeIs(1));
    EXPECT_EQ(judged[0].text, "none");
    EXPECT_EQ(others->claims, judged);
    ASSERT_THAT(others->requests, SizeIs(1));
    EXPECT_TRUE(others->requests[0].grant_changed);
    EXPECT_THAT(current_grants(), IsEmpty());
}

TEST_F(People, AreNotSignedInWhereWhatFollowsCannotBeWritten) {
    const RequestId request = approved().request.id;
    auto spoil = [](const std::vector<store::Claims>&) -> store::ReconsiderRequest {
        return [](const policy::Request& one, const std::optional<store::GrantCountdown>& of,
                  WallInstant now) -> std::optional<store::RequestChange> {
            auto change = revocation_by("")(one, of, now).value();
            change.next.requester = "mallory";
            return change;
        };
    };
    const auto answer = await(store->add_sign_in_and_judge({{1}, "bob", "oidc", "none", 8h}, spoil));
    EXPECT_EQ(answer.error().code, ErrorCode::internal);
    EXPECT_FALSE(signed_in({1}));
    EXPECT_FALSE(await(store->find_claims("bob")).value());
    EXPECT_EQ(look_up_request(request).request.status, policy::RequestStatus::approved);
}

TEST_F(People, UseALinkOnce) {
    make_link({1}, "alice");
    EXPECT_EQ(await(store->find_link({1}, "first_administrator")).value()->user, "alice");
    EXPECT_EQ(use_link({1}, "set_password").error().code, ErrorCode::not_found) << "it is for something else";
    EXPECT_EQ(use_link({1})->user, "alice");
    const auto again = use_link({1});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::not_found);
    EXPECT_FALSE(await(store->find_link({1}, "first_administrator")).value());
}

TEST_F(People, RaceForALinkAndOneGetsIt) {
    make_link({1});
    std::vector<store::Awaitable<Result<OneTimeLink>>> tries;
    for (int i = 0; i < 20; ++i)
        tries.push_back(store->use_link({1}, "first_administrator"));
    const auto answers = await_all(std::move(tries));
    EXPECT_EQ(std::count_if(answers.begin(), answers.end(), [](const auto& answer) { return answer; }), 1);
}

TEST_F(People, CannotUseALinkThatExpiredOrWasReplaced) {
    make_link({1});
    make_link({2});
    EXPECT_FALSE(use_link({1})) << "there is a newer one";
    clock.advance(1h);
    EXPECT_FALSE(use_link({2}));
}

TEST_F(People, AreForgottenWhoAreUsersNoMore) {
    await(store->set_password("alice", Secret{"scrypt$1"}, "root")).value();
    await(store->set_password("bob", Secret{"scrypt$2"}, "root")).value();
    add_token({1}, 24h, "carol");
    sign_in({2}, "dave");
    make_link({3}, "erin");
    make_link({4});
    EXPECT_THAT(await(store->forget_all_but({"alice"}, "curfewd")).value(),
                ElementsAre("bob", "carol", "dave", "erin"));
    EXPECT_THAT(await(store->people_with_passwords()).value(), ElementsAre("alice"));
    EXPECT_EQ(use_token({1})->state, TokenState::revoked);
    EXPECT_FALSE(signed_in({2}));
    EXPECT_FALSE(await(store->find_link({3}, "first_administrator")).value());
    EXPECT_TRUE(use_link({4})) << "nobody's yet";
    EXPECT_THAT(await(store->forget_all_but({"alice"}, "curfewd")).value(), IsEmpty());
}

TEST_F(People, LeaveNoSecretInTheFeed) {
    await(store->set_password("alice", Secret{"scrypt$very-secret"}, "root")).value();
    const GrantId grant = give().grant.id;
    await(store->set_grant_verifier(grant, Secret{"SCRAM-SHA-256$very-secret"}, "alice")).value();
    for (const auto& event : await(store->events_since(0, 100)).value())
        EXPECT_THAT(event.summary, Not(HasSubstr("very-secret"))) << event.kind;
}

TEST_F(People, HaveACredentialForAGrantThatDiesWithIt) {
    const GrantId grant = give().grant.id;
    const GrantId passing = give(new_grant("alice", 1min)).grant.id;
    EXPECT_FALSE(look_up(grant).grant.verifier);
    await(store->set_grant_verifier(grant, Secret{"SCRAM-SHA-256$1"}, "alice")).value();
    await(store->set_grant_verifier(grant, Secret{"SCRAM-SHA-256$2"}, "alice")).value();
    await(store->set_grant_verifier(passing, Secret{"SCRAM-SHA-256$3"}, "alice")).value();
    EXPECT_EQ(look_up(grant).grant.verifier->reveal(), "SCRAM-SHA-256$2");
    EXPECT_FALSE(await(store->revoke_grant(grant, "bob", ""))->grant.verifier);
    EXPECT_FALSE(look_up(grant).grant.verifier);
    EXPECT_EQ(await(store->set_grant_verifier(grant, Secret{"x"}, "alice")).error().code,
              ErrorCode::conflict);
    EXPECT_EQ(await(store->set_grant_verifier(GrantId::generate(), Secret{"x"}, "alice")).error().code,
              ErrorCode::not_found);
    clock.advance(1min);
    await(store->check_health()).value();
    EXPECT_FALSE(look_up(passing).grant.verifier);
}

}  // namespace
}  // namespace curfew::test

// Groups that the sign-in provider claims: for whom they count, for how long, and what ends with them.
#include <gmock/gmock.h>

#include "desk_fixture.hpp"
#include "identity/people.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::Decision;
using policy::GroupNames;
using policy::RequestStatus;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// As everywhere here, but the groups have no members of their own: whoever is in one, is so by a claim.
class Claims : public DeskTest {
protected:
    Claims() {
        std::string yaml = replaced(declared, "developers: [alice, bob]", "developers: []");
        yaml = replaced(std::move(yaml), "dba: [carol, dave]", "dba: []");
        declare(yaml + "sign_in: { oidc: { issuer: 'http://localhost:3000', client_id: curfew } }\n").value();
    }

    // A sign-in at the provider, which says that the user is in these groups.
    Result<store::SignIn> sign_in(const std::string& user, const GroupNames& groups, Duration lifetime = 8h) {
        store::NewSignIn sign_in;
        sign_in.hash[0] = ++sign_ins;
        sign_in.user = user;
        sign_in.method = "oidc";
        sign_in.claims = identity::claims_text({user, "sub-" + user, groups});
        sign_in.lifetime = lifetime;
        return await(registry->keep_sign_in(std::move(sign_in)));
    }
    Result<workflow::RequestView> ask(const std::string& user, const GroupNames& claimed) {
        return await(desk->submit("prod", wish(user), claimed));
    }
    Result<workflow::RequestView> approve(const policy::RequestId& id, const std::string& by,
                                          const GroupNames& claimed) {
        policy::event::Reviewed review;
        review.reviewer = by;
        return await(desk->review(id, std::move(review), claimed));
    }
    // alice's, approved by carol, both in their groups by a claim.
    policy::Request approved() {
        sign_in("alice", {"developers"}).value();
        sign_in("carol", {"dba"}).value();
        const auto id = ask("alice", {"developers"}).value().request.id;
        return approve(id, "carol", {"dba"}).value().request;
    }
    policy::Request look_up(const policy::RequestId& id) {
        return await(store->find_request(id)).value().request;
    }

    unsigned char sign_ins = 0;
};

TEST_F(Claims, LetAskAndApprove) {
    const policy::Request request = approved();
    EXPECT_EQ(request.status, RequestStatus::approved);
    EXPECT_THAT(grants(), SizeIs(1));
}

// The last word of the provider is not theirs to act by once they are signed out.
TEST_F(Claims, LetNobodyActWhoIsNotSignedIn) {
    sign_in("alice", {"developers"}).value();
    sign_in("carol", {"dba"}).value();
    EXPECT_EQ(ask("alice", {}).error().code, ErrorCode::forbidden);
    const auto id = ask("alice", {"developers"}).value().request.id;
    EXPECT_FALSE(approve(id, "carol", {}));
    EXPECT_FALSE(await(desk->find(id, {"carol"})));
    EXPECT_TRUE(await(desk->find(id, {"carol", false, {"dba"}})));
    EXPECT_EQ(look_up(id).status, RequestStatus::pending);
}

TEST_F(Claims, ShowARequesterHowFarTheirRequestIsThoughTheyAreNotSignedIn) {
    sign_in("alice", {"developers"}).value();
    const auto id = ask("alice", {"developers"}).value().request.id;
    const auto view = await(desk->find(id, {"alice"})).value();
    ASSERT_THAT(view.progress, SizeIs(1));
    EXPECT_THAT(view.reviewing_groups, ElementsAre("dba"));
    EXPECT_TRUE(view.may_revoke);
}

TEST_F(Claims, ListForAReviewerWhatWaitsForThem) {
    sign_in("alice", {"developers"}).value();
    ask("alice", {"developers"}).value();
    workflow::RequestQuery query;
    query.awaiting_my_review = true;
    EXPECT_THAT(await(desk->list(query, {}, {"carol"})).value().requests, IsEmpty());
    EXPECT_THAT(await(desk->list(query, {}, {"carol", false, {"dba"}})).value().requests, SizeIs(1));
}

TEST_F(Claims, OfAReviewerCountUntilTheLastApproval) {
    declare(replaced(declared, "max_duration: 4h", "max_duration: 4h\n    min_approvals: 2")).value();
    sign_in("alice", {"developers"}).value();
    sign_in("carol", {"dba"}).value();
    sign_in("dave", {"dba"}).value();
    const auto first = ask("alice", {"developers"}).value().request.id;
    EXPECT_EQ(approve(first, "carol", {"dba"}).value().request.status, RequestStatus::pending);
    EXPECT_EQ(approve(first, "dave", {"dba"}).value().request.status, RequestStatus::approved);

    const auto second = ask("alice", {"developers"}).value().request.id;
    approve(second, "carol", {"dba"}).value();
    sign_in("carol", {}).value();
    const auto view = approve(second, "dave", {"dba"}).value();
    EXPECT_EQ(view.request.status, RequestStatus::pending) << "she is no dba any more";
    EXPECT_EQ(view.progress[0].approvals, 1U);
}

TEST_F(Claims, OfTheRequesterAreJudgedAgainAtEachReview) {
    sign_in("alice", {"developers"}).value();
    sign_in("carol", {"dba"}).value();
    const auto id = ask("alice", {"developers"}).value().request.id;
    sign_in("alice", {}).value();
    EXPECT_EQ(look_up(id).decision, Decision::right_lost);
    EXPECT_FALSE(approve(id, "carol", {"dba"}));
}

// Nobody loses their session at night because the page's sign-in lasts for a day.
TEST_F(Claims, OutliveTheSignInForWhatStandsOnThem) {
    sign_in("alice", {"developers"}, 10min).value();
    sign_in("carol", {"dba"}, 10min).value();
    const auto id = ask("alice", {"developers"}).value().request.id;
    approve(id, "carol", {"dba"}).value();
    clock.advance(20min);
    await(store->end_sign_ins_of("alice", "alice")).value();
    await(desk->reconsider()).value();
    await(desk->settle()).value();
    await(registry->catch_up()).value();
    declare(declared + "\n").value();
    EXPECT_EQ(look_up(id).status, RequestStatus::approved);
    EXPECT_FALSE(node.grants.back().grant.revoked);
}

TEST_F(Claims, OutliveARestart) {
    const auto id = approved().id;
    await(registry->begin()).value();
    await(registry->catch_up()).value();
    EXPECT_EQ(look_up(id).status, RequestStatus::approved);
}

TEST_F(Claims, OutliveAChangeOfSomethingElse) {
    const auto id = approved().id;
    await(registry->put({config::ObjectKind::user, "frank"}, "{}", 0, "root")).value();
    EXPECT_EQ(look_up(id).status, RequestStatus::approved);
}

TEST_F(Claims, ThatANewerSignInLacksEndWhatStoodOnThem) {
    const auto id = approved().id;
    node.grants.clear();
    sign_in("alice", {"security"}).value();
    EXPECT_EQ(look_up(id).status, RequestStatus::revoked);
    EXPECT_EQ(look_up(id).decision, Decision::right_lost);
    ASSERT_THAT(node.grants, SizeIs(1)) << "told before the sign-in is answered";
    EXPECT_TRUE(node.grants[0].grant.revoked);
    EXPECT_THAT(await(store->sign_ins("alice")).value(), SizeIs(2));
}

TEST_F(Claims, ThatANewerSignInRepeatsEndNothing) {
    const auto id = approved().id;
    node.grants.clear();
    sign_in("alice", {"developers"}).value();
    sign_in("alice", {"developers", "security"}).value();
    EXPECT_EQ(look_up(id).status, RequestStatus::approved);
    EXPECT_THAT(node.grants, IsEmpty());
}

TEST_F(Claims, OfAReviewerThatAreGoneLeaveWhatIsApproved) {
    const auto id = approved().id;
    sign_in("carol", {}).value();
    EXPECT_EQ(look_up(id).status, RequestStatus::approved);
}

TEST_F(Claims, EndWithTheProvidersSay) {
    const auto id = approved().id;
    declare(replaced(replaced(declared, "client_id: curfew", "client_id: curfew, groups_claim: ''"),
                     "dba: []", "dba: [root]"))
        .value();
    EXPECT_EQ(look_up(id).decision, Decision::right_lost);
    EXPECT_TRUE(node.grants.back().grant.revoked);
}

TEST_F(Claims, AreForgottenWithTheUser) {
    await(registry->put({config::ObjectKind::user, "frank"}, "{}", 0, "root")).value();
    sign_in("frank", {"developers"}).value();
    ASSERT_THAT(registry->rulebook()->directory().members_of("developers"), ElementsAre("frank"));
    await(registry->remove({config::ObjectKind::user, "frank"}, std::nullopt, "root")).value();
    await(registry->put({config::ObjectKind::user, "frank"}, "{}", 0, "root")).value();
    EXPECT_THAT(registry->rulebook()->directory().members_of("developers"), IsEmpty());
    await(registry->begin()).value();
    EXPECT_THAT(registry->rulebook()->directory().members_of("developers"), IsEmpty());
}

TEST_F(Claims, AreForgottenWithADeclaredUser) {
    sign_in("bob", {"developers"}).value();
    const std::string with_bob = declared;
    declare(replaced(declared, "bob: {}, ", "")).value();
    declare(with_bob).value();
    EXPECT_THAT(registry->rulebook()->directory().members_of("developers"), IsEmpty());
    await(registry->begin()).value();
    EXPECT_THAT(registry->rulebook()->directory().members_of("developers"), IsEmpty());
}

TEST_F(Claims, AreTakenOnNobody) {
    EXPECT_EQ(sign_in("mallory", {"developers"}).error().code, ErrorCode::forbidden);
    EXPECT_THAT(await(store->claims()).value(), IsEmpty());
}

TEST_F(Claims, MakeAdministratorsOnlyWhereThatIsConfigured) {
    sign_in("bob", {"administrators"}).value();
    EXPECT_FALSE(registry->rulebook()->directory().is_administrator("bob"));
    declare(replaced(declared, "client_id: curfew", "client_id: curfew, administrators_from_claims: true"))
        .value();
    EXPECT_TRUE(registry->rulebook()->directory().is_administrator("bob"));
    const auto id = await(desk->submit("uncovered", wish("bob"), {"administrators"})).value().request.id;
    EXPECT_EQ(look_up(id).approval, Decision::administrator);
    sign_in("bob", {}).value();
    EXPECT_EQ(look_up(id).decision, Decision::right_lost);
}

// Nobody approves their own by being somebody's reviewer elsewhere.
TEST_F(Claims, LetNobodyApproveTheirOwnRequest) {
    sign_in("alice", {"developers", "dba"}).value();
    const auto id = ask("alice", {"developers", "dba"}).value().request.id;
    for (const char* name : {"alice", "AL", "Alice"})
        EXPECT_EQ(approve(id, name, {"developers", "dba"}).error().code, ErrorCode::forbidden);
}

}  // namespace
}  // namespace curfew::test

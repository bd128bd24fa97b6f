// Asking, deciding and taking back.
#include <gmock/gmock.h>

#include <string>

#include "desk_fixture.hpp"
#include "protocol/postgres/scram_verifier.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::Decision;
using policy::RequestStatus;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class Desk : public DeskTest {
protected:
    policy::RequestId pending(const std::string& user = "alice") { return ask(user).value().request.id; }
    RequestStatus status(const policy::RequestId& id) {
        return await(store->find_request(id)).value().request.status;
    }
};

TEST_F(Desk, GivesNothingBeforeSomebodyHasApproved) {
    const auto view = ask("alice").value();
    EXPECT_EQ(view.request.status, RequestStatus::pending);
    EXPECT_THAT(grants(), IsEmpty());
    EXPECT_THAT(node.grants, IsEmpty());
    ASSERT_THAT(view.progress, SizeIs(1));
    EXPECT_EQ(view.progress[0].approvals, 0U);
    EXPECT_EQ(view.progress[0].wanted, 1U);
}

// Nobody of this name is a user.
TEST_F(Desk, ShowsAndTakesBackForWhomTheOperatingSystemLetIn) {
    const auto id = pending();
    EXPECT_FALSE(await(desk->find(id, {"postgres"})));
    EXPECT_TRUE(await(desk->find(id, {"postgres", true})));
    EXPECT_EQ(await(desk->list({}, {}, {"postgres", true})).value().requests.size(), 1U);
    approve(id, "carol").value();
    EXPECT_FALSE(await(desk->revoke(id, {"postgres"}, "")));
    const auto view = await(desk->revoke(id, {"postgres", true}, "enough")).value();
    EXPECT_EQ(view.request.status, RequestStatus::revoked);
    EXPECT_EQ(view.request.decided_by, "postgres");
}

TEST_F(Desk, GivesAGrantWithTheLastApproval) {
    const auto id = pending();
    const auto view = approve(id, "carol").value();
    EXPECT_EQ(view.request.status, RequestStatus::approved);
    const auto all = grants();
    ASSERT_THAT(all, SizeIs(1));
    EXPECT_EQ(all[0].grant.subject.name, "alice");
    EXPECT_EQ(all[0].grant.resource, "prod");
    EXPECT_EQ(all[0].remaining, 1h);
    EXPECT_EQ(all[0].grant.request, id);
    EXPECT_EQ(view.request.grant, all[0].grant.id);
}

TEST_F(Desk, TellsTheNodeOfAGrantBeforeItAnswers) {
    const auto id = pending();
    approve(id, "carol").value();
    ASSERT_THAT(node.grants, SizeIs(1));
    EXPECT_EQ(node.grants[0].grant.request, id);
}

TEST_F(Desk, GivesOneGrantHoweverManyApproveAtOnce) {
    const auto id = pending();
    std::vector<std::future<Result<workflow::RequestView>>> racing;
    for (int i = 0; i < 20; ++i) {
        policy::event::Reviewed review;
        review.reviewer = i % 2 == 0 ? "carol" : "dave";
        racing.push_back(test::start(context, desk->review(id, std::move(review))));
    }
    context.restart();
    context.run_for(patience);
    int approved = 0;
    for (auto& one : racing)
        approved += one.get().has_value() ? 1 : 0;
    EXPECT_EQ(approved, 1);
    EXPECT_THAT(grants(), SizeIs(1));
    EXPECT_THAT(node.grants, SizeIs(1));
}

TEST_F(Desk, GivesNoGrantForARejectedRequest) {
    const auto id = pending();
    EXPECT_EQ(reject(id, "carol").value().request.status, RequestStatus::rejected);
    EXPECT_EQ(approve(id, "dave").error().code, ErrorCode::conflict);
    EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(Desk, LetsNobodyApproveTheirOwnRequestByAnyName) {
    const auto id = ask("carol").value().request.id;
    for (const char* name : {"carol", "CAROL", "Carol"})
        EXPECT_EQ(approve(id, name).error().code, ErrorCode::forbidden) << name;
    EXPECT_EQ(status(id), RequestStatus::pending);
}

TEST_F(Desk, HidesRequestsFromWhoHasNothingToDoWithThem) {
    const auto id = pending("alice");
    EXPECT_EQ(await(desk->find(id, {"bob"})).error().code, ErrorCode::not_found);
    EXPECT_EQ(approve(id, "bob").error().code, ErrorCode::not_found);
    EXPECT_EQ(await(desk->revoke(id, {"bob"}, "")).error().code, ErrorCode::not_found);
    EXPECT_TRUE(await(desk->find(id, {"al"})));
    EXPECT_TRUE(await(desk->find(id, {"carol"})));
    EXPECT_TRUE(await(desk->find(id, {"root"})));
}

TEST_F(Desk, ShowsEachViewerWhatTheyMayDo) {
    const auto id = pending();
    const auto seen_by = [&](const std::string& viewer) { return await(desk->find(id, {viewer})).value(); };
    EXPECT_THAT(seen_by("carol").may_review_for, ElementsAre("dba"));
    EXPECT_THAT(seen_by("alice").may_review_for, IsEmpty());
    EXPECT_TRUE(seen_by("alice").may_revoke);
    EXPECT_THAT(seen_by("alice").reviewing_groups, ElementsAre("dba"));
}

TEST_F(Desk, KeepsOnRecordFromWhereSomebodyDecided) {
    const auto id = pending();
    policy::event::Reviewed review;
    review.reviewer = "carol";
    const auto approved = await(desk->review(id, std::move(review), {}, "slack"));
    ASSERT_TRUE(approved) << approved.error().message;
    const workflow::Person alice{"alice", false, {}, "token 203.0.113.7"};
    await(desk->revoke(id, alice, "enough")).value();
    std::vector<std::string> said;
    for (const store::Event& event : await(store->events_since(0, 100)).value()) {
        if (event.kind == "request.approved" || event.kind == "request.revoked")
            said.push_back(event.summary);
    }
    ASSERT_THAT(said, SizeIs(2));
    EXPECT_THAT(said[0], HasSubstr(R"("from":"slack")"));
    EXPECT_THAT(said[1], HasSubstr(R"("from":"token 203.0.113.7")"));
}

TEST_F(Desk, TakesBackAGrantBeforeItAnswers) {
    for (const char* by : {"alice", "carol", "root"}) {
        const auto id = pending();
        approve(id, "dave").value();
        node.grants.clear();
        const auto view = await(desk->revoke(id, {by}, "enough")).value();
        EXPECT_EQ(view.request.status, RequestStatus::revoked) << by;
        ASSERT_THAT(node.grants, SizeIs(1));
        ASSERT_TRUE(node.grants[0].grant.revoked);
        EXPECT_EQ(node.grants[0].grant.revoked->by, by);
        EXPECT_EQ(node.grants[0].grant.revoked->reason, "enough");
    }
}

TEST_F(Desk, CancelsWhatIsPendingByTheSameVerb) {
    const auto id = pending();
    const auto view = await(desk->revoke(id, {"alice"}, "")).value();
    EXPECT_EQ(view.request.status, RequestStatus::rejected);
    EXPECT_EQ(view.request.decision, Decision::cancelled);
}

TEST_F(Desk, ApprovesAnAdministratorsOwnRequestWhereNoRuleIs) {
    const auto view = ask("root", "uncovered").value();
    EXPECT_EQ(view.request.status, RequestStatus::approved);
    EXPECT_EQ(view.request.decision, Decision::administrator);
    EXPECT_THAT(grants(), SizeIs(1));
    EXPECT_EQ(ask("alice", "uncovered").error().code, ErrorCode::forbidden);
}

TEST_F(Desk, ExtendsALiveGrantWithoutANewOne) {
    const auto id = pending();
    const auto grant = *approve(id, "carol").value().request.grant;
    policy::Wish more = wish("alice", 30min);
    more.kind = policy::RequestKind::extension;
    more.extends = grant;
    const auto asked = await(desk->submit("prod", more)).value();
    EXPECT_EQ(grants()[0].remaining, 1h);
    approve(asked.request.id, "dave").value();
    ASSERT_THAT(grants(), SizeIs(1));
    EXPECT_EQ(grants()[0].remaining, 90min);
    EXPECT_EQ(node.grants.back().grant.id, grant);
    EXPECT_EQ(node.grants.back().remaining, 90min);
}

TEST_F(Desk, EndsAnExtensionWithItsGrant) {
    const auto id = pending();
    policy::Wish more = wish("alice", 30min);
    more.kind = policy::RequestKind::extension;
    more.extends = approve(id, "carol").value().request.grant;
    const auto extension = await(desk->submit("prod", more)).value().request.id;
    approve(extension, "dave").value();
    node.grants.clear();
    await(desk->revoke(id, {"alice"}, "done")).value();
    const auto after = await(store->find_request(extension)).value().request;
    EXPECT_EQ(after.status, RequestStatus::revoked);
    EXPECT_EQ(after.decision, Decision::revoked);
    EXPECT_EQ(after.decided_by, "alice");
    EXPECT_EQ(after.decision_comment, "done");
    EXPECT_EQ(after.approval, Decision::reviewed);
    EXPECT_THAT(node.grants, SizeIs(1)) << "the node is told once";
}

TEST_F(Desk, RejectsWhatNobodyDecidedInTime) {
    const auto id = pending();
    clock.advance(59min);
    await(desk->settle()).value();
    EXPECT_EQ(status(id), RequestStatus::pending);
    clock.advance(1min);
    await(desk->settle()).value();
    EXPECT_EQ(status(id), RequestStatus::rejected);
    EXPECT_EQ(await(store->find_request(id)).value().request.decision, Decision::review_timed_out);
}

TEST_F(Desk, ClosesARequestWhoseWindowHasPassed) {
    const auto id = pending();
    approve(id, "carol").value();
    clock.advance(1h + 1ms);
    await(desk->settle()).value();
    EXPECT_EQ(status(id), RequestStatus::executed);
}

TEST_F(Desk, ListsWhatWaitsForAReviewer) {
    const auto first = pending("alice");
    const auto own = ask("carol").value().request.id;
    workflow::RequestQuery query;
    query.awaiting_my_review = true;
    const auto waiting = [&](const std::string& viewer) {
        std::vector<std::string> ids;
        for (const auto& view : await(desk->list(query, {}, {viewer})).value().requests)
            ids.push_back(view.request.id.text());
        return ids;
    };
    EXPECT_THAT(waiting("carol"), ElementsAre(first.text()));
    EXPECT_THAT(waiting("dave"), UnorderedElementsAre(first.text(), own.text()));
    EXPECT_THAT(waiting("alice"), IsEmpty());
    approve(first, "carol").value();
    EXPECT_THAT(waiting("dave"), ElementsAre(own.text()));
}

TEST_F(Desk, ListsForEachOnlyWhatTheyMaySee) {
    pending("alice");
    pending("bob");
    const auto count = [&](const std::string& viewer) {
        return await(desk->list({}, {}, {viewer})).value().requests.size();
    };
    EXPECT_EQ(count("alice"), 1U);
    EXPECT_EQ(count("carol"), 2U);
    EXPECT_EQ(count("root"), 2U);
    EXPECT_EQ(count("erin"), 0U);
}

TEST_F(Desk, IssuesASecretThatOnlyItsVerifierIsKeptOf) {
    const auto id = ask("alice", "managed").value().request.id;
    EXPECT_EQ(await(desk->issue_credential(id, "alice")).error().code, ErrorCode::conflict);
    approve(id, "carol").value();
    const auto first = await(desk->issue_credential(id, "alice")).value();
    const auto second = await(desk->issue_credential(id, "AL")).value();
    EXPECT_EQ(first.user, "alice");
    const auto verifier = postgres::ScramVerifier::parse(node.grants.back().grant.verifier->reveal());
    ASSERT_TRUE(verifier);
    EXPECT_TRUE(matches(*verifier, second.password.reveal()));
    EXPECT_FALSE(matches(*verifier, first.password.reveal()));
}

TEST_F(Desk, GivesTheSecretToItsRequesterAlone) {
    const auto id = ask("alice", "managed").value().request.id;
    approve(id, "carol").value();
    EXPECT_EQ(await(desk->issue_credential(id, "carol")).error().code, ErrorCode::forbidden);
    EXPECT_EQ(await(desk->issue_credential(id, "root")).error().code, ErrorCode::forbidden);
    EXPECT_EQ(await(desk->issue_credential(id, "bob")).error().code, ErrorCode::not_found);
}

TEST_F(Desk, HasNoSecretWherePeopleLogInWithTheirOwn) {
    const auto id = pending();
    approve(id, "carol").value();
    EXPECT_THAT(await(desk->issue_credential(id, "alice")).error().message,
                HasSubstr("your own PostgreSQL password"));
}

}  // namespace
}  // namespace curfew::test

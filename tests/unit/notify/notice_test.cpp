// Which notices follow from what happens, to whom, and when one is not worth saying any more.
#include <gmock/gmock.h>

#include "base/time_text.hpp"
#include "notice_fixture.hpp"

namespace curfew::notify {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Notices : public NoticeTest {
protected:
    std::string in(Duration from_now) {
        return format_utc(clock.wall_now() + std::chrono::duration_cast<std::chrono::milliseconds>(from_now));
    }
    // Of the first notice of this kind in what happened since the last look.
    std::optional<std::string> pointless(NoticeKind kind) {
        for (const Given& given : news()) {
            if (given.notice.kind == kind && !given.notice.is_update) first_ = given.notice;
        }
        return still_pointless();
    }
    std::optional<std::string> still_pointless() {
        const auto request = RequestId::parse(first_->subject);
        return why_pointless(*first_, facts_of(*request));
    }

private:
    std::optional<Notice> first_;
};

TEST_F(Notices, OfARequestGoToThoseWhoMayReviewIt) {
    asked("alice");
    EXPECT_THAT(told(), ElementsAre("request_waiting by alice to carol, dave"));
}

TEST_F(Notices, OfARequestGoToNobodyWhoAskedForIt) {
    // carol is in the reviewing group herself.
    asked("carol");
    EXPECT_THAT(told(), ElementsAre("request_waiting by carol to dave"));
}

TEST_F(Notices, OfAnApprovalGoToTheRequesterAndScheduleTheLastMinutes) {
    const auto id = asked("alice", "prod", 1h);
    told();
    approve(id, "carol").value();
    EXPECT_THAT(told(),
                ElementsAre("grant_ending at " + in(55min) + " by carol to alice",
                            "request_waiting (update) by carol", "request_approved by carol to alice"));
}

TEST_F(Notices, OfAShortGrantSayNothingOfItsLastMinutes) {
    const auto id = asked("alice", "prod", 10min - 1s);
    told();
    approve(id, "carol").value();
    EXPECT_THAT(told(), Not(Contains(HasSubstr("grant_ending"))));
}

TEST_F(Notices, OfARejectionGoToTheRequester) {
    const auto id = asked();
    told();
    reject(id, "dave").value();
    EXPECT_THAT(told(), ElementsAre("request_waiting (update) by dave", "request_rejected by dave to alice"));
}

TEST_F(Notices, OfAReviewThatNobodyMadeGoToTheRequester) {
    asked();
    told();
    clock.advance(2h);
    await(desk->settle()).value();
    EXPECT_THAT(told(), ElementsAre("request_waiting (update)", "request_rejected to alice"));
}

TEST_F(Notices, OfOnesOwnCancellationGoToNobody) {
    const auto id = asked();
    told();
    revoke(id, "alice");
    EXPECT_THAT(told(), ElementsAre("request_waiting (update) by alice", "request_rejected by alice"));
}

TEST_F(Notices, OfABrokenGlassGoToThoseWhoReviewItAndToTheRequesterWhoMayNotHaveBeenTheOne) {
    glass_broken();
    EXPECT_THAT(told(), ElementsAre("grant_ending at " + in(15min) + " by bob to bob",
                                    "request_waiting (update) by bob", "request_approved by bob to bob",
                                    "break_glass_used by bob to carol, dave"));
}

TEST_F(Notices, SayWhenNobodyHasReviewedABrokenGlassByItsEnd) {
    glass_broken();
    told();
    clock.advance(21min);
    await(desk->settle()).value();
    EXPECT_THAT(told(), ElementsAre("request_waiting (update)", "grant_ended to bob",
                                    "request_waiting (update)", "review_due to carol, dave"));
}

TEST_F(Notices, SayNothingMoreOfABrokenGlassThatWasReviewed) {
    const auto id = glass_broken();
    approve(id, "carol").value();
    told();
    clock.advance(21min);
    await(desk->settle()).value();
    EXPECT_THAT(told(), Not(Contains(HasSubstr("review_due"))));
}

TEST_F(Notices, OfARevocationGoToTheHolderAndTakeBackTheLastMinutes) {
    const auto id = asked();
    approve(id, "carol").value();
    told();
    revoke(id, "carol", "done early");
    EXPECT_THAT(told(), ElementsAre("request_waiting (update) by carol", "grant_ended by carol to alice",
                                    "request_waiting (update) by carol"));
    revoke(asked(), "alice");
    EXPECT_THAT(told(), Contains("request_rejected by alice"));
}

TEST_F(Notices, OfOnesOwnRevocationGoToNobody) {
    const auto id = asked();
    approve(id, "carol").value();
    told();
    revoke(id, "alice");
    EXPECT_THAT(told(), ElementsAre("request_waiting (update) by alice", "grant_ended by alice",
                                    "request_waiting (update) by alice"));
}

TEST_F(Notices, OfTheLastMinutesMoveWithAnExtension) {
    const auto id = asked("alice", "prod", 1h);
    approve(id, "carol").value();
    told();
    policy::Wish more = wish("alice", 30min);
    more.kind = policy::RequestKind::extension;
    more.extends = facts_of(id).grant->id;
    const auto extension = await(desk->submit("", std::move(more))).value().request.id;
    EXPECT_THAT(told(), ElementsAre("request_waiting by alice to carol, dave"));
    approve(extension, "dave").value();
    EXPECT_THAT(told(), ElementsAre("request_waiting (update) by dave",
                                    "grant_ending at " + in(85min) + " by dave to alice",
                                    "request_waiting (update) by dave", "request_approved by dave to alice"));
    clock.advance(1min);
    revoke(id, "carol");
    news();
}

TEST_F(Notices, WithdrawTheLastMinutesWhenTheEndMoves) {
    const auto id = asked();
    approve(id, "carol").value();
    news();
    EXPECT_THAT(withdrawn, IsEmpty());
    await(store->extend_grant(*facts_of(id).request->grant, 10min, "root")).value();
    news();
    EXPECT_THAT(withdrawn, ElementsAre("grant_ending"));
    revoke(id, "carol");
    news();
    EXPECT_THAT(withdrawn, ElementsAre("grant_ending"));
}

TEST_F(Notices, OfAGrantByHandGoToItsHolderAlone) {
    store::NewGrant grant;
    grant.subject = {policy::Subject::Kind::user, "alice"};
    grant.resource = "prod";
    grant.length = 1h;
    grant.given_by = "root";
    const auto given = await(store->add_grant(grant)).value();
    EXPECT_THAT(told(), ElementsAre("grant_ending at " + in(55min) + " by root to alice"));
    await(store->revoke_grant(given.grant.id, "root", "not needed")).value();
    EXPECT_THAT(told(), ElementsAre("grant_ended by root to alice"));
    grant.subject = {policy::Subject::Kind::group, "developers"};
    const auto shared = await(store->add_grant(grant)).value();
    EXPECT_THAT(told(), IsEmpty());
    await(store->revoke_grant(shared.grant.id, "root", "not needed")).value();
    EXPECT_THAT(told(), ElementsAre("grant_ended by root"));
}

TEST_F(Notices, OfARightThatWasLostSayWhy) {
    const auto id = asked();
    approve(id, "carol").value();
    told();
    declare(test::replaced(declared, "developers: [alice, bob]", "developers: [bob]")).value();
    EXPECT_THAT(told(), Contains("grant_ended to alice"));
}

TEST_F(Notices, GoToNobodyWhoIsNoUserAnyMore) {
    const auto id = asked();
    approve(id, "carol").value();
    told();
    std::string without = test::replaced(declared, "alice: { aliases: [al] }, ", "");
    declare(test::replaced(without, "developers: [alice, bob]", "developers: [bob]")).value();
    EXPECT_THAT(told(), Contains("grant_ended"));
}

TEST_F(Notices, GoToThoseWhoReviewBySomethingThatIsClaimedOfThem) {
    asked();
    const auto given = news();
    policy::Directory people = registry->rulebook()->directory();
    ASSERT_TRUE(people.add_member("dba", "erin"));
    const auto with_erin = registry->rulebook()->with(std::move(people));
    EXPECT_THAT(people_to_tell(given.front().notice, given.front().facts, *surroundings_of(with_erin)),
                ElementsAre("carol", "dave", "erin"));
}

TEST_F(Notices, ArePointlessOnceARequestWaitsForNobody) {
    const auto id = asked();
    EXPECT_EQ(pointless(NoticeKind::request_waiting), std::nullopt);
    approve(id, "carol").value();
    EXPECT_THAT(still_pointless().value(), HasSubstr("any more"));
}

TEST_F(Notices, ArePointlessOnceTheTimeToReviewIsOver) {
    asked();
    EXPECT_EQ(pointless(NoticeKind::request_waiting), std::nullopt);
    clock.advance(1h);
    EXPECT_THAT(still_pointless().value(), HasSubstr("any more"));
}

TEST_F(Notices, OfAnApprovalArePointlessOnceItIsRevoked) {
    const auto id = asked();
    approve(id, "carol").value();
    EXPECT_EQ(pointless(NoticeKind::request_approved), std::nullopt);
    revoke(id, "carol");
    EXPECT_THAT(still_pointless().value(), HasSubstr("over already"));
}

TEST_F(Notices, OfTheLastMinutesArePointlessWhereMoreOrNothingIsLeft) {
    const auto id = asked("alice", "prod", 1h);
    approve(id, "carol").value();
    EXPECT_THAT(pointless(NoticeKind::grant_ending).value(), HasSubstr("extended"));
    clock.advance(55min);
    EXPECT_EQ(still_pointless(), std::nullopt);
    clock.advance(4min);
    EXPECT_EQ(still_pointless(), std::nullopt);
    await(store->extend_grant(*facts_of(id).request->grant, 10min, "root")).value();
    EXPECT_THAT(still_pointless().value(), HasSubstr("extended"));
    revoke(id, "carol");
    EXPECT_THAT(still_pointless().value(), HasSubstr("over"));
}

TEST_F(Notices, OfAReviewThatIsDueArePointlessOnceItIsMade) {
    const auto id = glass_broken();
    told();
    clock.advance(21min);
    await(desk->settle()).value();
    EXPECT_EQ(pointless(NoticeKind::review_due), std::nullopt);
    approve(id, "carol").value();
    EXPECT_THAT(still_pointless().value(), HasSubstr("reviewed"));
}

TEST_F(Notices, AreReadBackAsTheyWereWritten) {
    asked();
    for (const Given& given : news()) {
        store::Delivery delivery;
        delivery.kind = to_string(given.notice.kind);
        delivery.subject = given.notice.subject;
        delivery.event = given.notice.event;
        delivery.content = content_of(given.notice);
        const auto read = notice_of(delivery);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->kind, given.notice.kind);
        EXPECT_EQ(read->event, given.notice.event);
        EXPECT_EQ(read->subject, given.notice.subject);
        EXPECT_EQ(read->resource, given.notice.resource);
        EXPECT_EQ(read->at, given.notice.at);
        EXPECT_EQ(read->actor, given.notice.actor);
        EXPECT_EQ(read->is_update, given.notice.is_update);
    }
}

TEST_F(Notices, ThatSomethingElseWroteAreNotRead) {
    store::Delivery delivery;
    delivery.kind = "request_waiting";
    for (const char* content : {"", "[]", "{}", R"({"at":"yesterday"})", "{"}) {
        delivery.content = content;
        EXPECT_FALSE(notice_of(delivery)) << content;
    }
    delivery.kind = "something_new";
    delivery.content = R"({"at":"2026-11-24T14:05:00Z","actor":"","resource":"prod"})";
    EXPECT_FALSE(notice_of(delivery));
}

}  // namespace
}  // namespace curfew::notify

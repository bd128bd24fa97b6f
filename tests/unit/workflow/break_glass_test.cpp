// Broken glass: at once, aloud, and answered for afterwards.
#include <gmock/gmock.h>

#include "base/log.hpp"
#include "desk_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::Decision;
using policy::RequestStatus;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// bob may break the glass; carol and dave (dba) answer for it.
class BrokenGlass : public DeskTest {
protected:
    BrokenGlass() {
        declare(replaced(declared, "max_duration: 4h",
                         "max_duration: 4h\n    break_glass_groups: [oncall]\n    break_glass_duration: 20m"))
            .value();
    }
    Result<void> declare(const std::string& yaml) {
        return DeskTest::declare(yaml.find("oncall: [bob]") != std::string::npos
                                     ? yaml
                                     : replaced(yaml, "groups:\n", "groups:\n  oncall: [bob]\n"));
    }
    workflow::RequestView broken(const std::string& by = "bob") {
        policy::Wish wish = DeskTest::wish(by, 4h);
        wish.break_glass = true;
        wish.reason = "the shop is down";
        return await(desk->submit("prod", std::move(wish))).value();
    }
    std::vector<std::string> waiting_for(const workflow::Person& reviewer) {
        workflow::RequestQuery query;
        query.awaiting_my_review = true;
        std::vector<std::string> ids;
        for (const auto& view : await(desk->list(query, {}, reviewer)).value().requests)
            ids.push_back(view.request.id.text());
        return ids;
    }
};

TEST_F(BrokenGlass, LetsInAtOnceForAShortTime) {
    const auto view = broken();
    EXPECT_EQ(view.request.status, RequestStatus::approved);
    EXPECT_EQ(view.request.approval, Decision::break_glass);
    EXPECT_TRUE(view.request.review_due);
    ASSERT_THAT(node.grants, SizeIs(1));
    EXPECT_EQ(node.grants[0].remaining, 20min);
}

TEST_F(BrokenGlass, IsRefusedWithoutAReasonAndToOthers) {
    policy::Wish wish = DeskTest::wish("bob");
    wish.break_glass = true;
    wish.reason = " ";
    EXPECT_EQ(await(desk->submit("prod", wish)).error().code, ErrorCode::invalid);
    wish.user = "alice";
    wish.reason = "the shop is down";
    EXPECT_EQ(await(desk->submit("prod", wish)).error().code, ErrorCode::forbidden);
    EXPECT_THAT(grants(), IsEmpty());
}

TEST_F(BrokenGlass, IsToldByAnEventOfItsOwn) {
    const auto before = await(store->last_event()).value();
    const auto view = broken();
    const auto events = await(store->events_since(before, 100)).value();
    ASSERT_THAT(events, SizeIs(4)) << "submitted, given, approved, and this";
    EXPECT_EQ(events[3].kind, "request.break_glass");
    EXPECT_EQ(events[3].id, view.request.id.text());
    EXPECT_EQ(events[3].actor, "bob");
    EXPECT_EQ(
        events[3].summary,
        R"({"requester":"bob","resource":"prod","reason":"the shop is down","groups":["dba"],"grant":")" +
            view.request.grant->text() + R"("})");
}

TEST_F(BrokenGlass, IsCriedOutInTheLog) {
    log::configure(log::Format::json, log::Level::warning);
    testing::internal::CaptureStderr();
    const auto view = broken();
    const std::string said = testing::internal::GetCapturedStderr();
    log::configure(std::nullopt, log::Level::info);
    EXPECT_THAT(
        said, AllOf(HasSubstr("request.break_glass"), HasSubstr("warning"), HasSubstr(view.request.id.text()),
                    HasSubstr("bob"), HasSubstr("prod"), HasSubstr("the shop is down"), HasSubstr("dba")));
}

TEST_F(BrokenGlass, IsCountedOnce) {
    std::vector<std::string> resources;
    desk->when_glass_broken([&](const policy::Request& request) { resources.push_back(request.resource); });
    ask("alice").value();
    const auto view = broken();
    await(desk->revoke(view.request.id, {"carol"}, "")).value();
    EXPECT_THAT(resources, ElementsAre("prod"));
}

TEST_F(BrokenGlass, WaitsForEveryReviewerUntilOneHasAnswered) {
    const auto id = broken().request.id;
    EXPECT_THAT(waiting_for({"carol"}), ElementsAre(id.text()));
    EXPECT_THAT(waiting_for({"dave"}), ElementsAre(id.text()));
    EXPECT_THAT(waiting_for({"bob"}), IsEmpty());
    EXPECT_THAT(waiting_for({"erin"}), IsEmpty());
    clock.advance(20min);
    await(desk->settle()).value();
    EXPECT_THAT(waiting_for({"carol"}), ElementsAre(id.text())) << "the time has passed, the question not";
    const auto view = approve(id, "carol").value();
    EXPECT_EQ(view.request.status, RequestStatus::executed);
    EXPECT_FALSE(view.request.review_due);
    EXPECT_THAT(waiting_for({"dave"}), IsEmpty());
    EXPECT_EQ(approve(id, "dave").error().code, ErrorCode::conflict);
}

TEST_F(BrokenGlass, StaysOpenWhereItsReviewerAgrees) {
    const auto id = broken().request.id;
    node.grants.clear();
    const auto view = approve(id, "carol").value();
    EXPECT_EQ(view.request.status, RequestStatus::approved);
    EXPECT_FALSE(view.request.review_due);
    EXPECT_THAT(node.grants, IsEmpty());
}

TEST_F(BrokenGlass, IsClosedByAReviewerWhoDisagrees) {
    const auto id = broken().request.id;
    const auto view = reject(id, "carol").value();
    EXPECT_EQ(view.request.status, RequestStatus::revoked);
    EXPECT_FALSE(view.request.review_due);
    EXPECT_TRUE(node.grants.back().grant.revoked);
    ASSERT_THAT(view.request.reviews, SizeIs(1));
    EXPECT_EQ(view.request.reviews[0].verdict, policy::Verdict::reject);
    EXPECT_EQ(view.request.reviews[0].comment, "not today");
}

TEST_F(BrokenGlass, KeepsADisagreementThatComesTooLate) {
    const auto id = broken().request.id;
    clock.advance(20min);
    await(desk->settle()).value();
    const auto view = reject(id, "carol").value();
    EXPECT_EQ(view.request.status, RequestStatus::executed);
    EXPECT_EQ(view.request.reviews[0].verdict, policy::Verdict::reject);
    EXPECT_FALSE(view.request.review_due);
}

TEST_F(BrokenGlass, IsAnsweredForByOthersThanItsRequester) {
    DeskTest::declare(replaced(replaced(declared, "oncall: [bob]", "oncall: [carol]"), "carol: {}",
                               "carol: { aliases: [caro] }"))
        .value();
    const auto id = broken("carol").request.id;
    for (const char* name : {"carol", "CAROL", "caro"}) {
        EXPECT_EQ(approve(id, name).error().code, ErrorCode::forbidden) << name;
        EXPECT_THAT(waiting_for({name}), IsEmpty());
    }
    EXPECT_TRUE(approve(id, "dave"));
}

TEST_F(BrokenGlass, StaysForTheGroupsOfARuleThatCoversSomethingElseByNow) {
    const auto id = broken().request.id;
    declare(replaced(declared, "resources: [prod, managed]", "resources: [managed]")).value();
    EXPECT_EQ(await(store->find_request(id)).value().request.status, RequestStatus::revoked);
    EXPECT_THAT(waiting_for({"carol"}), ElementsAre(id.text()));
    EXPECT_TRUE(await(desk->find(id, {"carol"})));
    EXPECT_TRUE(approve(id, "carol"));
}

TEST_F(BrokenGlass, FallsToAdministratorsOnceItsRuleIsGone) {
    const auto id = broken().request.id;
    declare(replaced(declared, "rules:\n  prod:", "rules:\n  another:")).value();
    declare(replaced(declared, "resources: [prod, managed]", "resources: [managed]")).value();
    EXPECT_THAT(waiting_for({"root"}), ElementsAre(id.text()));
    EXPECT_THAT(waiting_for({"carol"}), IsEmpty());
    EXPECT_THAT(await(desk->find(id, {"root"})).value().reviewing_groups, ElementsAre("administrators"));
    EXPECT_TRUE(approve(id, "root"));
}

TEST_F(BrokenGlass, EndsWithTheMembershipThatLetIn) {
    const auto id = broken().request.id;
    DeskTest::declare(replaced(declared, "oncall: [bob]", "oncall: [alice]")).value();
    EXPECT_EQ(await(store->find_request(id)).value().request.decision, Decision::right_lost);
    EXPECT_TRUE(node.grants.back().grant.revoked);
}

}  // namespace
}  // namespace curfew::test

// Requests: each change, what it gives and what it takes, in one transaction.
#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "policy/offline_request.hpp"
#include "request_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::Request;
using policy::RequestStatus;
using store::ChangedRequest;
using store::GrantCountdown;
using store::RequestChange;
using store::RequestRecord;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class Requests : public RequestTest {
protected:
    // A change that must not be is refused, and leaves everything as it was.
    void expect_refused(const RequestId& id, const store::ChangeRequest& with, const std::string& why) {
        const Request before = look_up_request(id).request;
        const auto answer = change(id, with);
        ASSERT_FALSE(answer) << why;
        EXPECT_EQ(answer.error().code, ErrorCode::internal);
        EXPECT_THAT(answer.error().message, HasSubstr(why));
        EXPECT_EQ(look_up_request(id).request, before);
    }
    // approval_by, with `spoil` done to what it gives.
    store::ChangeRequest spoiled_approval(std::function<void(RequestChange&)> spoil) {
        return [spoil = std::move(spoil)](const Request& request, const std::optional<GrantCountdown>& grant,
                                          WallInstant now) -> Result<RequestChange> {
            auto change = approval_by("bob")(request, grant, now);
            if (change) spoil(*change);
            return change;
        };
    }
};

TEST_F(Requests, ArriveAsTheyWereAsked) {
    Request wanted = new_request("alice", "prod-postgres");
    wanted.reason = "it's \"broken\"; DROP TABLE requests\nübel";
    wanted.starts_at = clock.wall_now() + 2h;
    wanted.allow_replication = true;
    const RequestRecord asked = ask(wanted);
    EXPECT_FALSE(asked.request.id.empty());
    wanted.id = asked.request.id;
    wanted.asked_at = clock.wall_now();
    wanted.review_ends_at = clock.wall_now() + 1h;
    EXPECT_EQ(asked.request, wanted);
    EXPECT_EQ(look_up_request(wanted.id).request, wanted);
    EXPECT_FALSE(asked.grant);
}

TEST_F(Requests, KeepTheirReviewsInOrderWithEverythingInThem) {
    const RequestId id = ask().request.id;
    ASSERT_TRUE(change(id, opinion_of("carol")));
    clock.advance(1min);
    auto shorter = [](const Request& request, const std::optional<GrantCountdown>& grant, WallInstant now) {
        auto change = approval_by("bob")(request, grant, now);
        change->next.reviews.back().comment = "ten minutes will do";
        change->next.reviews.back().duration = 10min;
        return change;
    };
    const Request after = change(id, shorter)->after.request;
    ASSERT_THAT(after.reviews, SizeIs(2));
    EXPECT_EQ(after.reviews[0].reviewer, "carol");
    EXPECT_EQ(after.reviews[1].reviewer, "bob");
    EXPECT_EQ(after.reviews[1].group, "dba");
    EXPECT_EQ(after.reviews[1].comment, "ten minutes will do");
    EXPECT_EQ(after.reviews[1].duration, 10min);
    EXPECT_EQ(after.reviews[1].at, clock.wall_now());
    EXPECT_THAT(after.rules, ElementsAre("production", "it's \"quoted\""));
    EXPECT_EQ(look_up_request(id).request, after);
}

TEST_F(Requests, AreGivenTheirGrantWithTheApproval) {
    const RequestId id = ask().request.id;
    const ChangedRequest changed = change(id, approval_by("bob")).value();
    EXPECT_EQ(changed.before.status, RequestStatus::pending);
    EXPECT_EQ(changed.after.request.status, RequestStatus::approved);
    EXPECT_TRUE(changed.grant_changed);
    ASSERT_TRUE(changed.after.grant);
    EXPECT_EQ(changed.after.grant->remaining, 1h);
    EXPECT_EQ(changed.after.grant->grant.request, id);
    EXPECT_EQ(changed.after.request.grant, changed.after.grant->grant.id);
    EXPECT_THAT(current_grants(), ElementsAre(changed.after.grant->grant.id));
    EXPECT_EQ(await(store->find_request_of(changed.after.grant->grant.id)).value()->request.id, id);
}

TEST_F(Requests, CanBeApprovedAsTheyAreAsked) {
    auto make = [](const std::optional<GrantCountdown>&, WallInstant now) -> Result<RequestChange> {
        Request request = new_request();
        request.asked_at = now;
        request.review_ends_at = now + 1h;
        return approval_by("root")(request, std::nullopt, now);
    };
    const RequestRecord record = await(store->add_request(std::nullopt, make)).value();
    EXPECT_EQ(record.request.status, RequestStatus::approved);
    EXPECT_THAT(record.request.reviews, SizeIs(1));
    ASSERT_TRUE(record.grant);
    EXPECT_EQ(record.grant->grant.request, record.request.id);
    EXPECT_THAT(events(), ElementsAre("request.submitted " + record.request.id.text(),
                                      "grant.given " + record.grant->grant.id.text(),
                                      "request.approved " + record.request.id.text()));
}

// Whoever is second is judged by what the first one left.
TEST_F(Requests, AreGivenOneGrantHoweverManyGiveTheLastApprovalAtATime) {
    const RequestId id = ask().request.id;
    std::vector<store::Awaitable<Result<ChangedRequest>>> reviews;
    for (int i = 0; i < 50; ++i)
        reviews.push_back(store->change_request(id, approval_by("reviewer-" + std::to_string(i))));
    int approvals = 0;
    for (const auto& answer : await_all(std::move(reviews))) {
        if (answer) {
            ++approvals;
        } else {
            EXPECT_EQ(answer.error().code, ErrorCode::conflict);
        }
    }
    EXPECT_EQ(approvals, 1);
    EXPECT_THAT(current_grants(), SizeIs(1));
    EXPECT_THAT(look_up_request(id).request.reviews, SizeIs(1));
}

TEST_F(Requests, AreGivenOneGrantWhenReviewsRaceOnThreads) {
    for (int round = 0; round < 20; ++round) {
        const RequestId id = ask().request.id;
        std::atomic<int> approvals = 0;
        std::vector<std::thread> reviewers;
        for (const char* name : {"bob", "carol"}) {
            reviewers.emplace_back([&, name] {
                if (await(store->change_request(id, approval_by(name)))) ++approvals;
            });
        }
        for (std::thread& reviewer : reviewers)
            reviewer.join();
        EXPECT_EQ(approvals, 1);
        EXPECT_THAT(current_grants(), SizeIs(round + 1));
    }
}

TEST_F(Requests, StayAsTheyAreWhereTheJudgeSaysNo) {
    const RequestId id = ask().request.id;
    ASSERT_TRUE(change(id, rejection_by("bob")));
    const Request before = look_up_request(id).request;
    const auto answer = change(id, approval_by("carol"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::conflict);
    EXPECT_EQ(look_up_request(id).request, before);
    EXPECT_THAT(current_grants(), IsEmpty());
}

TEST_F(Requests, StayAsTheyAreWhereTheJudgeThrows) {
    const RequestId id = ask().request.id;
    auto broken = [](const Request&, const std::optional<GrantCountdown>&,
                     WallInstant) -> Result<RequestChange> { throw std::runtime_error("a bug"); };
    const auto answer = change(id, broken);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::internal);
    EXPECT_EQ(look_up_request(id).request.status, RequestStatus::pending);
    EXPECT_TRUE(change(id, approval_by("bob"))) << "and the store goes on";
}

TEST_F(Requests, LeaveNothingWhereTheirGrantCannotBeGiven) {
    const RequestId id = ask().request.id;
    const auto last = await(store->last_event()).value();
    const auto answer = change(id, spoiled_approval([](RequestChange& c) { c.give->length = 1000 * 24h; }));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::invalid);
    EXPECT_EQ(look_up_request(id).request.status, RequestStatus::pending);
    EXPECT_THAT(look_up_request(id).request.reviews, IsEmpty());
    EXPECT_EQ(await(store->last_event()).value(), last);
}

TEST_F(Requests, NeverBecomeWhatNoRequestMay) {
    const RequestId id = ask().request.id;
    expect_refused(id, spoiled_approval([](RequestChange& c) { c.next.requester = "mallory"; }), "another");
    expect_refused(id, spoiled_approval([](RequestChange& c) { c.next.resource = "other"; }), "another");
    expect_refused(id, spoiled_approval([](RequestChange& c) { c.next.starts_at = c.next.asked_at; }),
                   "another start");
    expect_refused(id, spoiled_approval([](RequestChange& c) { c.next.grant = GrantId::generate(); }),
                   "another grant");
    expect_refused(id, spoiled_approval([](RequestChange& c) { c.give.reset(); }), "given nothing");
    expect_refused(id, spoiled_approval([](RequestChange& c) { c.next.status = RequestStatus::pending; }),
                   "without being approved");
    expect_refused(id, spoiled_approval([](RequestChange& c) {
                       c.extend = {1h, "bob"};
                   }),
                   "not its to extend");
    ASSERT_TRUE(change(id, opinion_of("carol")));
    expect_refused(id, spoiled_approval([](RequestChange& c) { c.next.reviews[0].reviewer = "dave"; }),
                   "earlier reviews");
    expect_refused(id, spoiled_approval([](RequestChange& c) { c.next.reviews.clear(); }), "earlier reviews");
}

TEST_F(Requests, AreNotGivenASecondGrant) {
    const RequestRecord record = approved();
    auto again = [](const Request& request, const std::optional<GrantCountdown>&,
                    WallInstant) -> Result<RequestChange> {
        RequestChange change;
        change.next = request;
        change.next.review_due = true;
        change.give = new_grant();
        return change;
    };
    expect_refused(record.request.id, again, "without being approved now");
    EXPECT_THAT(current_grants(), SizeIs(1));
}

TEST_F(Requests, TakeTheirGrantAlongWhenTheyAreRevoked) {
    const RequestRecord record = approved();
    const ChangedRequest changed = change(record.request.id, revocation_by("alice")).value();
    EXPECT_EQ(changed.after.request.status, RequestStatus::revoked);
    EXPECT_TRUE(changed.grant_changed);
    EXPECT_EQ(changed.after.grant->state(), policy::GrantState::revoked);
    EXPECT_EQ(changed.after.grant->grant.revoked->by, "alice");
    EXPECT_THAT(current_grants(), IsEmpty());
}

TEST_F(Requests, CanBeRevokedThoughTheirGrantIsOver) {
    const RequestRecord record = approved();
    ASSERT_TRUE(await(store->revoke_grant(record.grant->grant.id, "root", "by hand")));
    const ChangedRequest changed = change(record.request.id, revocation_by("alice")).value();
    EXPECT_EQ(changed.after.request.status, RequestStatus::revoked);
    EXPECT_FALSE(changed.grant_changed);
    EXPECT_EQ(changed.after.grant->grant.revoked->by, "root") << "of two the first one stays";
}

TEST_F(Requests, ForMoreTimeMoveTheEndOfTheGrantThatIsThere) {
    const GrantId grant = approved().grant->grant.id;
    clock.advance(30min);
    const RequestRecord extension = ask_for_extension(grant, 20min);
    EXPECT_EQ(extension.grant->remaining, 30min);
    const ChangedRequest changed = change(extension.request.id, approval_by("carol")).value();
    EXPECT_TRUE(changed.grant_changed);
    EXPECT_EQ(changed.after.grant->remaining, 50min);
    EXPECT_THAT(current_grants(), ElementsAre(grant));
    const auto extensions = await(store->grant_extensions(grant)).value();
    ASSERT_THAT(extensions, SizeIs(1));
    EXPECT_EQ(extensions[0].by, "carol");
    EXPECT_EQ(extensions[0].request, extension.request.id);
    EXPECT_EQ(extensions[0].at, clock.wall_now());
    EXPECT_EQ(extensions[0].to - extensions[0].from, 20min);
}

TEST_F(Requests, ForMoreTimeStayPendingWhereTheGrantIsOver) {
    const RequestRecord first = approved();
    const RequestId extension = ask_for_extension(first.grant->grant.id, 20min).request.id;
    ASSERT_TRUE(change(first.request.id, revocation_by("alice")));
    const auto answer = change(extension, approval_by("carol"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::conflict);
    EXPECT_EQ(look_up_request(extension).request.status, RequestStatus::pending);
}

TEST_F(Requests, ThatAreUnknownAreNotFound) {
    const RequestId unknown = RequestId::generate();
    EXPECT_EQ(change(unknown, approval_by("bob")).error().code, ErrorCode::not_found);
    EXPECT_EQ(await(store->find_request(unknown)).error().code, ErrorCode::not_found);
    auto never = [](const std::optional<GrantCountdown>&, WallInstant) -> Result<RequestChange> {
        ADD_FAILURE() << "nothing can be made of it";
        return Error{};
    };
    EXPECT_EQ(await(store->add_request(GrantId::generate(), never)).error().code, ErrorCode::not_found);
    EXPECT_FALSE(await(store->find_request_of(give().grant.id)).value()) << "given by hand";
}

TEST_F(Requests, AreForSomeTimeAndAYearAtMost) {
    for (const Duration duration : {Duration{0}, Duration{-1h}, Duration{367 * 24h}}) {
        auto make = [duration](const std::optional<GrantCountdown>&, WallInstant) -> Result<RequestChange> {
            RequestChange change;
            change.next = new_request();
            change.next.duration = duration;
            return change;
        };
        EXPECT_EQ(await(store->add_request(std::nullopt, make)).error().code, ErrorCode::invalid);
    }
}

TEST_F(Requests, AreThereAfterARestart) {
    const RequestRecord before = approved();
    reopen();
    const RequestRecord after = look_up_request(before.request.id);
    EXPECT_EQ(after.request, before.request);
    EXPECT_EQ(after.grant->grant.id, before.grant->grant.id);
}

// Decisions stand on it for as long as the request is there.
TEST_F(Requests, KeepHowTheyWereApproved) {
    const RequestId id = ask().request.id;
    auto break_glass = [](const Request& request, const std::optional<GrantCountdown>& grant,
                          WallInstant now) {
        auto change = approval_by("alice")(request, grant, now);
        change->next.decision = change->next.approval = policy::Decision::break_glass;
        change->next.granted = 30min;
        change->next.review_due = true;
        return change;
    };
    clock.advance(1min);
    ASSERT_TRUE(change(id, break_glass));
    const WallInstant approved_at = clock.wall_now();
    clock.advance(1min);
    ASSERT_TRUE(change(id, revocation_by("alice")));
    const Request after = look_up_request(id).request;
    EXPECT_EQ(after.decision, policy::Decision::revoked);
    EXPECT_EQ(after.approval, policy::Decision::break_glass);
    EXPECT_EQ(after.approved_at, approved_at);
    EXPECT_EQ(after.granted, 30min);
    EXPECT_TRUE(after.review_due);
}

// Approved by bob under this rule.
store::ChangeRequest approval_under(const std::string& rule) {
    return [rule](const Request& request, const std::optional<GrantCountdown>& grant, WallInstant now) {
        auto change = approval_by("bob")(request, grant, now);
        if (change) change->next.rules = {rule};
        return change;
    };
}

TEST_F(Requests, LeaveTheRulesThatTheyWereApprovedUnderWithTheirGrant) {
    const auto given = approved().grant.value().grant;
    EXPECT_THAT(given.approved_under, Optional(ElementsAre("production", "it's \"quoted\"")));
    const auto by_hand = await(store->add_grant(new_grant("alice", 1h))).value().grant;
    EXPECT_FALSE(await(store->find_grant(by_hand.id)).value().grant.approved_under);
    const auto all = await(store->grants(false)).value();
    EXPECT_EQ(all.back().grant.approved_under, given.approved_under);
}

TEST_F(Requests, ForMoreTimeAddTheRulesThatTheyWereApprovedUnder) {
    const RequestId id = ask().request.id;
    const GrantId grant = *change(id, approval_under("first")).value().after.request.grant;
    const auto rules = [&] { return await(store->find_grant(grant)).value().grant.approved_under; };
    const RequestId pending = ask_for_extension(grant, 20min).request.id;
    EXPECT_THAT(rules(), Optional(ElementsAre("first"))) << "nobody has approved more yet";
    ASSERT_TRUE(change(pending, approval_under("second")));
    EXPECT_THAT(rules(), Optional(UnorderedElementsAre("first", "second")));
    ASSERT_TRUE(change(ask_for_extension(grant, 20min).request.id, approval_under("second")));
    EXPECT_THAT(rules(), Optional(UnorderedElementsAre("first", "second")));
    ASSERT_TRUE(change(ask_for_extension(grant, 20min).request.id, approval_under("third")));
    EXPECT_FALSE(rules()) << "too many to tell";
}

TEST_F(Requests, ForMoreTimeKeepWhereItBegan) {
    const GrantId grant = approved().grant->grant.id;
    const RequestId id = ask_for_extension(grant, 20min).request.id;
    await(store->extend_grant(grant, 1h, "root")).value();
    auto where_it_ends_now = [](const Request& request, const std::optional<GrantCountdown>& extended,
                                WallInstant now) {
        auto change = approval_by("bob")(request, extended, now);
        change->next.starts_at = extended->grant.window.ends_at;
        return change;
    };
    const Request after = change(id, where_it_ends_now).value().after.request;
    EXPECT_EQ(after.starts_at, clock.wall_now() + 2h);
    EXPECT_EQ(look_up_request(id).request, after);
}

// What a node did on the word of approvers while the store was away.
store::MakeRequest entry_of(const policy::OfflineAcceptance& acceptance, Duration ago) {
    return [acceptance, ago](const auto&, WallInstant now) -> Result<RequestChange> {
        RequestChange change;
        change.next =
            policy::entered_request(acceptance, now - std::chrono::ceil<std::chrono::milliseconds>(ago));
        store::NewGrant give;
        give.entered = acceptance.grant;
        give.subject = {policy::Subject::Kind::user, acceptance.user};
        give.resource = acceptance.document.grant.resource;
        give.length = acceptance.document.grant.duration;
        give.starts_in = -ago;
        give.given_by = "carol";
        change.give = give;
        change.notes.push_back(
            {"offline_grant.taken", acceptance.grant.text(), "alice", R"({"signers":["bob"]})"});
        return change;
    };
}

policy::OfflineAcceptance acceptance_of_alice() {
    policy::OfflineAcceptance acceptance;
    acceptance.user = "alice";
    acceptance.signers = {"bob", "carol"};
    acceptance.grant = GrantId::generate();
    acceptance.request = RequestId::generate();
    acceptance.document.grant.resource = "prod-postgres";
    acceptance.document.grant.duration = 30min;
    return acceptance;
}

TEST_F(Requests, AreEnteredAfterwardsWithTheGrantThatWasGivenWithoutTheStore) {
    const auto acceptance = acceptance_of_alice();
    const auto entered = await(store->add_request(std::nullopt, entry_of(acceptance, 10min)));
    ASSERT_TRUE(entered) << entered.error().message;
    EXPECT_EQ(entered->request.id, acceptance.request);
    EXPECT_EQ(entered->request.approval, policy::Decision::signed_offline);
    EXPECT_TRUE(entered->request.review_due);
    EXPECT_THAT(entered->request.reviews, SizeIs(2)) << "its signatures";
    ASSERT_TRUE(entered->grant);
    EXPECT_EQ(entered->grant->grant.id, acceptance.grant);
    EXPECT_EQ(entered->grant->remaining, 20min) << "what is left of it";
    EXPECT_FALSE(entered->grant->grant.approved_under) << "nobody looked at rules";
    EXPECT_THAT(events(), testing::Contains("offline_grant.taken " + acceptance.grant.text()));
}

TEST_F(Requests, AreEnteredThoughTheirGrantIsOverByThen) {
    const auto entered = await(store->add_request(std::nullopt, entry_of(acceptance_of_alice(), 2h)));
    ASSERT_TRUE(entered) << entered.error().message;
    EXPECT_EQ(entered->grant->state(), policy::GrantState::ended);
    EXPECT_TRUE(entered->request.review_due);
}

TEST_F(Requests, GiveNoGrantThatBeganInThePastOtherwise) {
    auto make = [](const auto& extended, WallInstant now) -> Result<RequestChange> {
        auto change = entry_of(acceptance_of_alice(), 1min)(extended, now);
        change->give->entered.reset();
        return change;
    };
    const auto refused = await(store->add_request(std::nullopt, make));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("A grant starts now or later"));
}

}  // namespace
}  // namespace curfew::test

// What comes of open requests when time passes, or when what they stand on changes.
#include <gmock/gmock.h>

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
using testing::IsEmpty;
using testing::SizeIs;

// PENDING: REJECTED. APPROVED: EXECUTED.
std::optional<RequestChange> time_passed(const Request& request, const std::optional<GrantCountdown>&,
                                         WallInstant now) {
    RequestChange change;
    change.next = request;
    change.next.decided_at = now;
    const bool pending = request.status == RequestStatus::pending;
    change.next.status = pending ? RequestStatus::rejected : RequestStatus::executed;
    change.next.decision = pending ? policy::Decision::review_timed_out : policy::Decision::window_passed;
    change.next.decided_by.clear();
    return change;
}

// Whatever is alice's is not hers any more.
std::optional<RequestChange> alice_goes(const Request& request, const std::optional<GrantCountdown>& grant,
                                        WallInstant now) {
    if (request.requester != "alice") return std::nullopt;
    auto change = revocation_by("root")(request, grant, now).value();
    if (request.status == RequestStatus::pending) {
        change.next.status = RequestStatus::rejected;
        change.revoke.reset();
    }
    return change;
}

// What stands on a grant that was revoked is over.
std::optional<RequestChange> follows_its_grant(const Request& request,
                                               const std::optional<GrantCountdown>& grant, WallInstant now) {
    if (!grant || !grant->grant.revoked) return std::nullopt;
    return alice_goes(request, grant, now);
}

// APPROVED without a review, which is due.
Result<RequestChange> glass_broken(const Request& request, const std::optional<GrantCountdown>& grant,
                                   WallInstant now) {
    auto change = approval_by(request.requester)(request, grant, now);
    change->next.reviews.clear();
    change->next.decision = policy::Decision::break_glass;
    change->next.approval = policy::Decision::break_glass;
    change->next.review_due = true;
    return change;
}

Result<RequestChange> looked_at(const Request& request, const std::optional<GrantCountdown>&, WallInstant) {
    RequestChange change;
    change.next = request;
    change.next.review_due = false;
    return change;
}

class OpenRequests : public RequestTest {
protected:
    std::optional<BootInstant> next_due() { return await(store->next_due_request()).value(); }
    std::vector<RequestId> time_passes() { return ids(await(store->change_due_requests(time_passed))); }
    static std::vector<RequestId> ids(const std::vector<ChangedRequest>& changed) {
        std::vector<RequestId> found;
        for (const ChangedRequest& one : changed)
            found.push_back(one.after.request.id);
        return found;
    }
    static std::vector<RequestId> ids(const Result<std::vector<ChangedRequest>>& changed) {
        return ids(changed.value());
    }
};

TEST_F(OpenRequests, AreDueWhenTheirReviewEndsThenWhenTheirWindowPasses) {
    EXPECT_EQ(next_due(), std::nullopt);
    const RequestId id = ask().request.id;
    EXPECT_EQ(next_due(), clock.boot_now() + 1h);
    clock.advance(20min);
    ASSERT_TRUE(change(id, approval_by("bob")));
    EXPECT_EQ(next_due(), clock.boot_now() + 1h);
    clock.advance(1h);
    EXPECT_THAT(time_passes(), ElementsAre(id));
    EXPECT_EQ(look_up_request(id).request.status, RequestStatus::executed);
    EXPECT_EQ(next_due(), std::nullopt);
}

TEST_F(OpenRequests, AreNotDueBeforeTheirTime) {
    ask();
    clock.advance(1h - 1ms);
    EXPECT_THAT(time_passes(), IsEmpty());
    clock.advance(1ms);
    EXPECT_THAT(time_passes(), SizeIs(1));
    EXPECT_THAT(time_passes(), IsEmpty()) << "once";
}

TEST_F(OpenRequests, AreDueInTheOrderOfTheirTimes) {
    const RequestId later = approved().request.id;
    await(store->extend_grant(look_up_request(later).grant->grant.id, 1h, "root")).value();
    const RequestId sooner = ask().request.id;
    EXPECT_EQ(next_due(), clock.boot_now() + 1h);
    clock.advance(3h);
    EXPECT_THAT(time_passes(), ElementsAre(sooner, later));
}

TEST_F(OpenRequests, AreDueLaterWhenTheirGrantIsExtended) {
    const RequestRecord record = approved();
    const RequestId extension = ask_for_extension(record.grant->grant.id, 30min).request.id;
    ASSERT_TRUE(change(extension, approval_by("bob")));
    EXPECT_EQ(next_due(), clock.boot_now() + 90min);
    clock.advance(90min);
    EXPECT_THAT(time_passes(), ElementsAre(record.request.id, extension));
}

TEST_F(OpenRequests, AreDueEarlierWhenTheClockIsSetForwards) {
    ask();
    clock.step_wall(40min);
    EXPECT_EQ(next_due(), clock.boot_now() + 20min);
}

TEST_F(OpenRequests, AreNotDueLaterWhenTheClockIsSetBack) {
    ask();
    await(store->check_health()).value();
    clock.step_wall(-3h);
    EXPECT_EQ(next_due(), clock.boot_now() + 1h);
}

TEST_F(OpenRequests, ChangeTogetherWithWhatTheyStandOn) {
    const RequestRecord live = approved(new_request("alice"));
    const RequestId waiting = ask(new_request("alice")).request.id;
    const RequestRecord other = approved(new_request("carol"));
    const RequestId over = ask(new_request("alice")).request.id;
    ASSERT_TRUE(change(over, rejection_by("bob")));
    EXPECT_THAT(ids(await(store->change_open_requests(alice_goes))), ElementsAre(live.request.id, waiting));
    EXPECT_EQ(look_up_request(live.request.id).grant->state(), policy::GrantState::revoked);
    EXPECT_EQ(look_up_request(over).request.status, RequestStatus::rejected);
    EXPECT_THAT(current_grants(), ElementsAre(other.grant->grant.id));
}

TEST_F(OpenRequests, OfAGrantEndWithTheRequestThatRevokesIt) {
    const RequestRecord first = approved();
    const GrantId grant = first.grant->grant.id;
    const RequestId extension = ask_for_extension(grant, 30min).request.id;
    ASSERT_TRUE(change(extension, approval_by("bob")));
    const RequestId waiting = ask_for_extension(grant, 30min).request.id;
    const RequestId other = approved().request.id;
    const auto changed =
        await(store->change_request_and_others(first.request.id, revocation_by("alice"), follows_its_grant));
    EXPECT_THAT(ids(changed), ElementsAre(first.request.id, extension, waiting));
    EXPECT_TRUE(changed->front().grant_changed);
    EXPECT_FALSE(changed->back().grant_changed) << "it is revoked once";
    EXPECT_EQ(look_up_request(extension).request.status, RequestStatus::revoked);
    EXPECT_EQ(look_up_request(waiting).request.status, RequestStatus::rejected);
    EXPECT_EQ(look_up_request(other).request.status, RequestStatus::approved);
}

TEST_F(OpenRequests, OfAGrantEndWithTheExtensionThatRevokesIt) {
    const RequestRecord first = approved();
    const RequestId extension = ask_for_extension(first.grant->grant.id, 30min).request.id;
    ASSERT_TRUE(change(extension, approval_by("bob")));
    const auto changed =
        await(store->change_request_and_others(extension, revocation_by("alice"), follows_its_grant));
    EXPECT_THAT(ids(changed), ElementsAre(extension, first.request.id));
}

TEST_F(OpenRequests, OfAGrantStayWhereTheirRequestCannotChange) {
    const RequestRecord first = approved();
    const RequestId extension = ask_for_extension(first.grant->grant.id, 30min).request.id;
    ASSERT_TRUE(change(extension, approval_by("bob")));
    auto spoiled = [](const Request& request, const std::optional<GrantCountdown>& grant,
                      WallInstant now) -> std::optional<RequestChange> {
        auto change = follows_its_grant(request, grant, now);
        if (change) change->next.requester = "mallory";
        return change;
    };
    const auto answer =
        await(store->change_request_and_others(first.request.id, revocation_by("alice"), spoiled));
    EXPECT_EQ(answer.error().code, ErrorCode::internal);
    EXPECT_EQ(look_up_request(first.request.id).request.status, RequestStatus::approved);
    EXPECT_THAT(current_grants(), SizeIs(1));
}

TEST_F(OpenRequests, OfAGrantEndWhenThatIsRevokedByHand) {
    const RequestRecord first = approved();
    const GrantId grant = first.grant->grant.id;
    const auto revoked =
        await(store->revoke_grant_and_requests(grant, "root", "by hand", follows_its_grant)).value();
    EXPECT_EQ(revoked.grant.grant.revoked->by, "root");
    EXPECT_THAT(ids(revoked.requests), ElementsAre(first.request.id));
    const auto again = await(store->revoke_grant_and_requests(grant, "root", "", follows_its_grant));
    EXPECT_EQ(again.error().code, ErrorCode::conflict);
}

TEST_F(OpenRequests, AreNoneOfAGrantThatWasGivenByHand) {
    const GrantId grant = give().grant.id;
    const RequestId other = approved().request.id;
    const auto revoked = await(store->revoke_grant_and_requests(grant, "root", "", follows_its_grant));
    EXPECT_EQ(revoked->grant.state(), policy::GrantState::revoked);
    EXPECT_THAT(revoked->requests, IsEmpty());
    EXPECT_EQ(look_up_request(other).request.status, RequestStatus::approved);
}

// The extension is the later one: the request of the grant itself was looked at before.
TEST_F(OpenRequests, OfAGrantEndThoughALaterOneOfThemRevokesIt) {
    const RequestRecord first = approved();
    const RequestId extension = ask_for_extension(first.grant->grant.id, 30min).request.id;
    ASSERT_TRUE(change(extension, approval_by("bob")));
    auto reconsider = [extension](const Request& request, const std::optional<GrantCountdown>& grant,
                                  WallInstant now) {
        return request.id == extension ? alice_goes(request, grant, now)
                                       : follows_its_grant(request, grant, now);
    };
    EXPECT_THAT(ids(await(store->change_open_requests(reconsider))),
                ElementsAre(extension, first.request.id));
}

TEST_F(OpenRequests, ForACommandAreDueWhenTheirWindowPasses) {
    const RequestId id = ask(new_command_request()).request.id;
    clock.advance(20min);
    ASSERT_TRUE(change(id, command_approval_by("bob")));
    EXPECT_EQ(next_due(), clock.boot_now() + 1h);
    clock.advance(1h);
    EXPECT_THAT(time_passes(), ElementsAre(id));
    EXPECT_EQ(next_due(), std::nullopt);
}

TEST_F(OpenRequests, ToExtendAreDueWhenWhatTheyAddedIsOver) {
    const RequestRecord record = approved();
    const RequestId first = ask_for_extension(record.grant->grant.id, 30min).request.id;
    ASSERT_TRUE(change(first, approval_by("bob")));
    const RequestId second = ask_for_extension(record.grant->grant.id, 30min).request.id;
    ASSERT_TRUE(change(second, approval_by("bob")));
    clock.advance(90min);
    EXPECT_THAT(time_passes(), ElementsAre(first));
    clock.advance(30min);
    EXPECT_THAT(time_passes(), ElementsAre(record.request.id, second));
}

TEST_F(OpenRequests, AllStayWhereOneOfThemCannotChange) {
    approved(new_request("alice"));
    const RequestId wrong = ask(new_request("mallory")).request.id;
    auto reconsider = [wrong](const Request& request, const std::optional<GrantCountdown>& grant,
                              WallInstant now) -> std::optional<RequestChange> {
        auto change = revocation_by("root")(request, grant, now).value();
        if (request.id == wrong) change.next.requester = "alice";
        return change;
    };
    const auto answer = await(store->change_open_requests(reconsider));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::internal);
    EXPECT_THAT(current_grants(), SizeIs(1));
}

class WaitingRequests : public RequestTest {
protected:
    store::WaitingRequests waiting() { return await(store->count_waiting_requests()).value(); }
};

TEST_F(WaitingRequests, AreThosePendingSinceTheyWereAskedFor) {
    EXPECT_EQ(waiting().pending.count, 0U);
    EXPECT_EQ(waiting().pending.oldest, std::nullopt);
    const BootInstant asked = clock.boot_now();
    const RequestId first = ask().request.id;
    clock.advance(20min);
    const RequestId second = ask().request.id;
    EXPECT_EQ(waiting().pending.count, 2U);
    EXPECT_EQ(waiting().pending.oldest, asked);
    ASSERT_TRUE(change(first, approval_by("bob")));
    EXPECT_EQ(waiting().pending.count, 1U);
    EXPECT_EQ(waiting().pending.oldest, asked + 20min);
    ASSERT_TRUE(change(second, rejection_by("bob")));
    EXPECT_EQ(waiting().pending.count, 0U);
    EXPECT_EQ(waiting().reviews_due.count, 0U);
}

TEST_F(WaitingRequests, AreThoseWhoseReviewIsDueSinceTheyWereApproved) {
    const RequestId id = ask().request.id;
    clock.advance(5min);
    const BootInstant broken = clock.boot_now();
    ASSERT_TRUE(change(id, glass_broken));
    clock.advance(1min);
    EXPECT_EQ(waiting().pending.count, 0U);
    EXPECT_EQ(waiting().reviews_due.count, 1U);
    EXPECT_EQ(waiting().reviews_due.oldest, broken);
    ASSERT_TRUE(change(id, looked_at));
    EXPECT_EQ(waiting().reviews_due.count, 0U);
    EXPECT_EQ(waiting().reviews_due.oldest, std::nullopt);
}

}  // namespace
}  // namespace curfew::test

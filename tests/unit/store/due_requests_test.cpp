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
    if (!request.grant) change.revoke.reset();
    return change;
}

class OpenRequests : public RequestTest {
protected:
    std::optional<BootInstant> next_due() { return await(store->next_due_request()).value(); }
    std::vector<RequestId> time_passes() { return ids(await(store->change_due_requests(time_passed))); }
    static std::vector<RequestId> ids(const Result<std::vector<ChangedRequest>>& changed) {
        std::vector<RequestId> found;
        for (const ChangedRequest& one : changed.value())
            found.push_back(one.after.request.id);
        return found;
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

}  // namespace
}  // namespace curfew::test

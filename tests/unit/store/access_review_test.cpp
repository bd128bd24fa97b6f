// A review of accesses: who had what, by whose approval, and what it was used for.
#include <gmock/gmock.h>

#include "request_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::EndCause;
using store::Confirmation;
using store::ReviewedGrant;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class AccessReview : public RequestTest {
protected:
    WallInstant begin = clock.wall_now();

    // From `from` to `to` after the test's begin.
    store::AccessReviewPage read(std::chrono::milliseconds from, std::chrono::milliseconds to,
                                 store::Page page = {}) {
        store::AccessReviewWanted wanted{begin + from, begin + to, resource, user};
        return await(store->access_review(wanted, std::move(page))).value();
    }
    static std::vector<GrantId> ids(const store::AccessReviewPage& page) {
        std::vector<GrantId> found;
        for (const ReviewedGrant& reviewed : page.grants)
            found.push_back(reviewed.grant.grant.id);
        return found;
    }
    SessionId begin_session(const GrantId& under, const std::string& of = "alice") {
        store::SessionRecord session = new_session(under);
        session.user = of;
        session.started_at = clock.wall_now();
        await(store->session_started(session)).value();
        return session.id;
    }
    void end(const SessionId& id, EndCause cause = EndCause::client_closed,
             Confirmation confirmation = Confirmation::activity) {
        store::SessionEnd over;
        over.id = id;
        over.cause = cause;
        over.confirmation = confirmation;
        await(store->session_ended(over)).value();
    }

    std::optional<std::string> resource;
    std::optional<std::string> user;
};

TEST_F(AccessReview, HasGrantsOfTheTimeWithTheirRequestsAndReviews) {
    const auto record = approved();
    const auto page = read(0h, 1h);
    ASSERT_THAT(page.grants, SizeIs(1));
    ASSERT_TRUE(page.grants[0].request);
    EXPECT_EQ(page.grants[0].request->id, record.request.id);
    EXPECT_THAT(page.grants[0].request->reviews, SizeIs(1));
    EXPECT_EQ(page.grants[0].use.sessions, 0U);
    EXPECT_EQ(page.as_of, clock.wall_now());
    EXPECT_THAT(ids(read(2h, 3h)), IsEmpty());
}

TEST_F(AccessReview, SaysWhatAGrantIsFor) {
    store::NewGrant wanted = new_grant();
    wanted.use = policy::GrantUse::commands;
    give(wanted);
    EXPECT_EQ(read(0h, 1h).grants.at(0).grant.grant.use, policy::GrantUse::commands);
}

TEST_F(AccessReview, CountsTimeThatSessionsShareOnce) {
    const GrantId grant = give(new_grant("alice", 8h)).grant.id;
    const SessionId one = begin_session(grant);
    clock.advance(10min);
    const SessionId other = begin_session(grant);
    clock.advance(10min);
    end(one);
    clock.advance(10min);
    end(other);
    clock.advance(1h);
    const SessionId third = begin_session(grant);
    clock.advance(5min);
    end(third);
    const auto use = read(0h, 8h).grants.at(0).use;
    EXPECT_EQ(use.sessions, 3U);
    EXPECT_EQ(use.used, Duration{35min});
    EXPECT_EQ(use.first_at, begin);
    EXPECT_EQ(use.not_over, 0U);
}

TEST_F(AccessReview, CountsOnlyWhatWasInItsTime) {
    const GrantId grant = give(new_grant("alice", 8h)).grant.id;
    begin_session(grant);
    clock.advance(2h);
    EXPECT_EQ(read(30min, 1h).grants.at(0).use.used, Duration{30min});
    const auto use = read(90min, 8h).grants.at(0).use;
    EXPECT_EQ(use.used, Duration{30min}) << "it is not over: up to now";
    EXPECT_EQ(use.not_over, 1U);
}

TEST_F(AccessReview, NamesWhoUsedAGrantOfMany) {
    auto shared = new_grant();
    shared.subject = policy::parse_subject("group:dba").value();
    const GrantId grant = give(shared).grant.id;
    begin_session(grant, "bob");
    begin_session(grant, "alice");
    begin_session(grant, "bob");
    EXPECT_THAT(read(0h, 1h).grants.at(0).use.users, ElementsAre("alice", "bob"));
    user = "bob";
    EXPECT_THAT(ids(read(0h, 1h)), ElementsAre(grant));
    user = "carol";
    EXPECT_THAT(ids(read(0h, 1h)), IsEmpty());
}

TEST_F(AccessReview, SaysWhatOverstayedAndWhatIsUnconfirmed) {
    const GrantId grant = give(new_grant("alice", 1h)).grant.id;
    const SessionId late = begin_session(grant);
    const SessionId unproven = begin_session(grant);
    clock.advance(59min);
    end(unproven, EndCause::session_killed, Confirmation::unconfirmed);
    clock.advance(3min);
    end(late, EndCause::grant_expired);
    const auto use = read(0h, 2h).grants.at(0).use;
    EXPECT_EQ(use.enforced, 2U);
    EXPECT_EQ(use.overstayed, 1U);
    EXPECT_EQ(use.longest_overstay, Duration{2min});
    EXPECT_EQ(use.unconfirmed, 1U);
}

TEST_F(AccessReview, IsOfOneResourceWhereThatIsAsked) {
    give();
    auto other = new_grant();
    other.resource = "stock";
    const GrantId stock = give(other).grant.id;
    resource = "stock";
    EXPECT_THAT(ids(read(0h, 1h)), ElementsAre(stock));
}

TEST_F(AccessReview, IsReadAPageAtATime) {
    std::vector<GrantId> given;
    for (int i = 0; i < 5; ++i)
        given.insert(given.begin(), give().grant.id);
    std::vector<GrantId> seen;
    store::Page page;
    page.limit = 2;
    for (;;) {
        const auto found = read(0h, 1h, page);
        for (const GrantId& id : ids(found))
            seen.push_back(id);
        if (!found.next) break;
        page.cursor = *found.next;
    }
    EXPECT_EQ(seen, given);
}

TEST_F(AccessReview, IsOfATimeThatCanBe) {
    store::AccessReviewWanted none{begin, begin};
    EXPECT_EQ(await(store->access_review(none, {})).error().code, ErrorCode::invalid);
    store::AccessReviewWanted some{begin, begin + 1h};
    store::Page wrong;
    wrong.limit = store::largest_access_review_page + 1;
    EXPECT_EQ(await(store->access_review(some, wrong)).error().code, ErrorCode::invalid);
    wrong.limit = 1;
    wrong.cursor = "x";
    EXPECT_EQ(await(store->access_review(some, wrong)).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace curfew::test

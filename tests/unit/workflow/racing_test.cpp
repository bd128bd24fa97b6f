// Many who decide at the same instant, each on a thread of their own, in the real store.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <thread>

#include "desk_fixture.hpp"
#include "support/awaiting.hpp"
#include "workflow/decisions.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::RequestStatus;
using testing::SizeIs;

constexpr int rounds = 25;

// Six of dba, of whom two have to approve.
class Racing : public DeskTest {
protected:
    Racing() {
        std::string yaml = replaced(declared, "dba: [carol, dave]", "dba: [carol, dave, d0, d1, d2, d3]");
        yaml = replaced(std::move(yaml), "carol: {}", "d0: {}, d1: {}, d2: {}, d3: {}, carol: {}");
        declare(replaced(std::move(yaml), "max_duration: 4h", "max_duration: 4h\n    min_approvals: 2"))
            .value();
    }

    static policy::Event review(const std::string& by, policy::Verdict verdict) {
        policy::event::Reviewed review;
        review.reviewer = by;
        review.verdict = verdict;
        return review;
    }
    // Does each event to the request at the same time, each on a thread of its own.
    std::vector<Result<store::ChangedRequest>> at_once(const policy::RequestId& id,
                                                       const std::vector<policy::Event>& events) {
        std::vector<std::optional<Result<store::ChangedRequest>>> answers(events.size());
        std::barrier start{static_cast<std::ptrdiff_t>(events.size())};
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < events.size(); ++i) {
            threads.emplace_back([&, i] {
                boost::asio::io_context loop{1};
                start.arrive_and_wait();
                auto answer = test::start(
                    loop, store->change_request(id, workflow::to_apply(registry->rulebook(), events[i])));
                loop.run();
                answers[i] = answer.get();
            });
        }
        for (std::thread& thread : threads)
            thread.join();
        std::vector<Result<store::ChangedRequest>> all;
        for (auto& answer : answers)
            all.push_back(std::move(answer.value()));
        return all;
    }
    policy::Request look_up(const policy::RequestId& id) {
        return await(store->find_request(id)).value().request;
    }
};

TEST_F(Racing, ToTheLastApprovalGivesExactlyOneGrant) {
    for (int round = 1; round <= rounds; ++round) {
        const auto id = ask("alice").value().request.id;
        std::vector<policy::Event> reviews;
        for (const char* name : {"carol", "dave", "d0", "d1", "d2", "d3"})
            reviews.push_back(review(name, policy::Verdict::approve));
        const auto answers = at_once(id, reviews);
        const auto gave = std::count_if(answers.begin(), answers.end(), [](const auto& answer) {
            return answer && answer->after.request.status == RequestStatus::approved && answer->grant_changed;
        });
        EXPECT_EQ(gave, 1);
        const auto counted = std::count_if(answers.begin(), answers.end(),
                                           [](const auto& answer) { return answer.has_value(); });
        EXPECT_EQ(counted, 2) << "who comes third is told that it is decided";
        EXPECT_THAT(look_up(id).reviews, SizeIs(2));
        EXPECT_THAT(grants(), SizeIs(round));
    }
}

TEST_F(Racing, ByOnePersonUnderSeveralNamesCountsOnce) {
    for (int round = 0; round < rounds; ++round) {
        const auto id = ask("alice").value().request.id;
        std::vector<policy::Event> reviews;
        for (const char* name : {"carol", "CAROL", "Carol", "caroL"})
            reviews.push_back(review(name, policy::Verdict::approve));
        at_once(id, reviews);
        EXPECT_THAT(look_up(id).reviews, SizeIs(1));
        EXPECT_EQ(look_up(id).status, RequestStatus::pending);
    }
    EXPECT_THAT(grants(), SizeIs(0));
}

TEST_F(Racing, WithARejectionGivesOneOutcome) {
    int given = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto id = ask("alice").value().request.id;
        at_once(id, {review("carol", policy::Verdict::approve), review("dave", policy::Verdict::reject),
                     review("d0", policy::Verdict::approve), review("d1", policy::Verdict::reject)});
        const policy::Request after = look_up(id);
        if (after.status == RequestStatus::approved) ++given;
        EXPECT_TRUE(after.status == RequestStatus::approved || after.status == RequestStatus::rejected);
        EXPECT_EQ(after.grant.has_value(), after.status == RequestStatus::approved);
    }
    EXPECT_THAT(grants(), SizeIs(given));
}

TEST_F(Racing, WithTheRequesterWhoCancelsGivesOneOutcome) {
    int given = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto id = ask("alice").value().request.id;
        at_once(id, {review("carol", policy::Verdict::approve), review("dave", policy::Verdict::approve),
                     policy::event::Cancelled{"alice", {}}});
        const policy::Request after = look_up(id);
        if (after.status == RequestStatus::approved) ++given;
        EXPECT_EQ(after.grant.has_value(), after.status == RequestStatus::approved);
    }
    EXPECT_THAT(grants(), SizeIs(given));
}

TEST_F(Racing, ToRevokeHappensOnce) {
    const auto id = ask("alice").value().request.id;
    approve(id, "carol").value();
    approve(id, "dave").value();
    std::vector<policy::Event> revocations;
    for (const char* name : {"alice", "carol", "root", "d0"})
        revocations.emplace_back(policy::event::Revoked{name, {}});
    const auto answers = at_once(id, revocations);
    EXPECT_EQ(std::count_if(answers.begin(), answers.end(), [](const auto& one) { return one.has_value(); }),
              1);
    EXPECT_TRUE(grants().front().grant.revoked);
}

}  // namespace
}  // namespace curfew::test

// What becomes due is settled, whenever it was asked for.
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>

#include "desk_fixture.hpp"
#include "workflow/due_watch.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::RequestStatus;

// The kernel does not wait for a clock that is moved by hand: it only ever comes to the watch's own hour.
class DueWatch : public DeskTest {
protected:
    explicit DueWatch(Duration spread = Duration::zero())
        : watch{context.get_executor(), clock, *store, *desk, spread} {
        desk->when_changed([this](const workflow::ChangedRequests&) { watch.look_again(); });
        boost::asio::co_spawn(context, watch.run(), [this](const std::exception_ptr&) { ended = true; });
    }
    ~DueWatch() override { end_watch(); }
    // What the watch calls has to outlive it: who gives it something of their own ends it first.
    void end_watch() {
        desk->when_changed({});
        watch.stop();
        context.restart();
        context.run_for(patience);
        EXPECT_TRUE(ended);
    }
    // Runs the loop until the request has this status.
    bool becomes(const policy::RequestId& id, RequestStatus status) {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (std::chrono::steady_clock::now() < until) {
            if (await(store->find_request(id)).value().request.status == status) return true;
        }
        return false;
    }

    bool ended = false;
    workflow::DueWatch watch;
};

// What it has been told that waits, last.
class CountingDueWatch : public DueWatch {
protected:
    CountingDueWatch() {
        watch.when_counted([this](const store::WaitingRequests& waiting) { counted = waiting; });
        registry->when_requests_changed([this](const workflow::ChangedRequests&) { watch.look_again(); });
    }
    ~CountingDueWatch() override {
        registry->when_requests_changed({});
        end_watch();
    }
    // Runs the loop until so many have been counted.
    bool counts(std::size_t pending, std::size_t reviews_due) {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (std::chrono::steady_clock::now() < until) {
            if (counted && counted->pending.count == pending && counted->reviews_due.count == reviews_due)
                return true;
            context.restart();
            context.run_for(10ms);
        }
        return false;
    }

    std::optional<store::WaitingRequests> counted;
};

class OneOfSeveralDueWatches : public DueWatch {
protected:
    OneOfSeveralDueWatches() : DueWatch{1h} {}
};

TEST_F(DueWatch, SettlesWhatWasAskedForAfterItBegan) {
    const auto first = ask("alice").value().request.id;
    clock.advance(1h);
    ask("bob").value();
    EXPECT_TRUE(becomes(first, RequestStatus::rejected));
}

TEST_F(DueWatch, SettlesWhatWasApprovedAfterItBegan) {
    const auto first = ask("alice").value().request.id;
    approve(first, "carol").value();
    clock.advance(1h);
    ask("bob").value();
    EXPECT_TRUE(becomes(first, RequestStatus::executed));
}

TEST_F(OneOfSeveralDueWatches, SettlesWhatIsLeftWhenItsTurnHasCome) {
    const auto first = ask("alice").value().request.id;
    clock.advance(2h);
    ask("bob").value();
    EXPECT_TRUE(becomes(first, RequestStatus::rejected));
}

TEST_F(CountingDueWatch, TellsWhatWaitsAsItChanges) {
    EXPECT_TRUE(counts(0, 0)) << "from the beginning";
    const BootInstant asked = clock.boot_now();
    const auto id = ask("alice").value().request.id;
    EXPECT_TRUE(counts(1, 0));
    EXPECT_EQ(counted->pending.oldest, asked);
    ask("bob").value();
    EXPECT_TRUE(counts(2, 0));
    approve(id, "carol").value();
    EXPECT_TRUE(counts(1, 0));
}

TEST_F(CountingDueWatch, TellsWhatARuleThatIsGoneHasEnded) {
    ask("alice").value();
    EXPECT_TRUE(counts(1, 0));
    declare(replaced(declared, "required_groups: [developers, dba]", "required_groups: [security]")).value();
    EXPECT_TRUE(counts(0, 0));
}

TEST_F(CountingDueWatch, TellsWhoseReviewIsDueUntilSomebodyHasAnswered) {
    declare(
        replaced(replaced(declared, "max_duration: 4h", "max_duration: 4h\n    break_glass_groups: [oncall]"),
                 "groups:\n", "groups:\n  oncall: [bob]\n"))
        .value();
    policy::Wish broken = wish("bob");
    broken.break_glass = true;
    const auto id = await(desk->submit("prod", std::move(broken))).value().request.id;
    EXPECT_TRUE(counts(0, 1));
    approve(id, "carol").value();
    EXPECT_TRUE(counts(0, 0));
}

}  // namespace
}  // namespace curfew::test

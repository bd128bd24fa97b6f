// A node's place among those that share the store: its name, its word that it lives, what others left.
#include "workflow/membership.hpp"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/awaiting.hpp"
#include "support/unasked_store.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::NodeStanding;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Error taken{ErrorCode::conflict, "Node name 'gate-a' belongs to another curfewd"};
const Error away{ErrorCode::unavailable, "the store is away"};

// Answers node_lives with what it was told to, in turn, and then with the last of it.
class ScriptedNodes : public UnaskedStore {
public:
    Answer<NodeStanding> node_lives(store::NodeReport report, std::optional<std::string> dead) override {
        reports.push_back(std::move(report));
        inherited = std::move(dead);
        Result<NodeStanding> answer = answers.front();
        if (answers.size() > 1) answers.pop_front();
        if (heard) heard();
        co_return answer;
    }
    Answer<std::vector<store::NodeRecord>> nodes() override {
        std::vector<store::NodeRecord> all{holder};
        holder.seen_at += holder_speaks_every;
        co_return all;
    }
    Answer<store::FleetCount> count_fleet() override {
        ++counts;
        co_return fleet;
    }
    Answer<void> node_leaves(std::string name, std::string instance) override {
        left.push_back(name + " " + instance);
        co_return Result<void>{};
    }

    std::deque<Result<NodeStanding>> answers{NodeStanding{}};
    std::function<void()> heard;  // each time that a node says that it lives
    std::vector<store::NodeReport> reports;
    std::optional<std::string> inherited;  // of which dead process the name was last asked
    store::NodeRecord holder;
    WallInstant::duration holder_speaks_every{};
    store::FleetCount fleet;
    int counts = 0;
    std::vector<std::string> left;
};

class Membership : public testing::Test {
protected:
    Membership() {
        store.holder.name = "gate-a";
        store.holder.instance = "earlier";
    }

    workflow::MembershipDuties duties() {
        workflow::MembershipDuties duties;
        duties.report = [this] { return report(); };
        duties.is_dead = [this](const std::string& instance) { return instance == dead; };
        duties.name_lost = [this](const std::string& why) { lost.push_back(why); };
        duties.see_to_orphans = [this] { return see_to_orphans(); };
        duties.counted = [this](const store::FleetCount& count) { up.push_back(count.up); };
        return duties;
    }
    workflow::Awaitable<store::NodeReport> report() const {
        store::NodeReport report;
        report.name = "gate-a";
        report.instance = "this";
        report.lease = lease;
        co_return report;
    }
    workflow::Awaitable<void> see_to_orphans() {
        seen_to_at.push_back(store.reports.size());
        co_return;
    }
    Result<void> begin() { return finish(context, membership.begin()); }
    // Runs it until the node has said so many times that it lives.
    void run_for(std::size_t times) {
        store.heard = [this, until = store.reports.size() + times] {
            if (store.reports.size() >= until) membership.stop();
        };
        finish(context, membership.run());
    }

    Duration lease = 6ms;
    ScriptedNodes store;
    ManualClock clock;
    std::string dead;                     // the process that is known to have ended
    std::vector<std::string> lost;        // what was said when the name was lost
    std::vector<std::size_t> seen_to_at;  // after how many reports orphans were seen to
    std::vector<std::size_t> up;          // how many were counted, each time
    boost::asio::io_context context{1};
    workflow::Membership membership{context.get_executor(), clock, store, duties()};
};

TEST_F(Membership, BeginsWithTheName) {
    ASSERT_TRUE(begin());
    ASSERT_EQ(store.reports.size(), 1U);
    EXPECT_EQ(store.reports[0].name, "gate-a");
    EXPECT_EQ(store.inherited, std::nullopt);
}

TEST_F(Membership, InheritsTheNameOfAProcessThatIsKnownToBeDead) {
    store.answers = {taken, NodeStanding{}};
    dead = "earlier";
    EXPECT_TRUE(begin());
    EXPECT_EQ(store.inherited, "earlier");
}

TEST_F(Membership, LeavesTheNameToAProcessThatSaysThatItLives) {
    store.answers = {taken};
    store.holder_speaks_every = 1s;
    const auto begun = begin();
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, ErrorCode::conflict);
    EXPECT_THAT(begun.error().message, HasSubstr("belongs to another curfewd"));
}

TEST_F(Membership, WaitsForTheLeaseOfAProcessThatIsSilent) {
    store.answers = {taken, taken, NodeStanding{}};
    EXPECT_TRUE(begin());
    EXPECT_EQ(store.reports.size(), 3U);
}

TEST_F(Membership, WaitsNoLongerThanItIsToldTo) {
    store.answers = {taken};
    store.heard = [this] {
        if (store.reports.size() == 2) membership.give_up();
    };
    const auto begun = begin();
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, ErrorCode::unavailable);
}

TEST_F(Membership, DoesNotBeginWithoutTheStore) {
    store.answers = {away};
    const auto begun = begin();
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, ErrorCode::unavailable);
}

TEST_F(Membership, SaysThatTheNodeLivesSeveralTimesInALease) {
    lease = 2400ms;
    ASSERT_TRUE(begin());
    const auto start = std::chrono::steady_clock::now();
    run_for(4);
    // One at once, and then after a sixth of the lease each.
    EXPECT_GE(std::chrono::steady_clock::now() - start, 3 * lease / 6);
    EXPECT_LT(std::chrono::steady_clock::now() - start, within(2400ms));
}

TEST_F(Membership, SaysNothingMoreOnceTheNameIsAnothersAndLeavesItToThem) {
    ASSERT_TRUE(begin());
    store.answers = {NodeStanding{}, taken};
    finish(context, membership.run());
    EXPECT_THAT(lost, ElementsAre(taken.message));
    EXPECT_EQ(store.reports.size(), 3U);
    finish(context, membership.leave());
    EXPECT_THAT(store.left, IsEmpty());
}

TEST_F(Membership, GoesOnWhenTheStoreIsBack) {
    ASSERT_TRUE(begin());
    store.answers = {away, away, NodeStanding{}};
    run_for(4);
    EXPECT_THAT(lost, IsEmpty());
    EXPECT_EQ(store.reports.size(), 5U);
}

// The others must get the time to say that they live.
TEST_F(Membership, SeesToOrphansOnlyOnceTheStoreAnsweredSeveralTimesInARow) {
    ASSERT_TRUE(begin());
    const NodeStanding orphans{true};
    store.answers = {orphans, orphans, away, orphans, orphans, orphans, NodeStanding{}};
    run_for(7);
    EXPECT_THAT(seen_to_at, ElementsAre(7U)) << "one report is that of the beginning";
}

TEST_F(Membership, CountsTheFleetTheMoreSeldomTheLargerItIs) {
    store.fleet.up = 1000;
    ASSERT_TRUE(begin());
    std::vector<int> counts_at_report(8);
    store.heard = [&] {
        const std::size_t report = store.reports.size();
        counts_at_report.at(report) = store.counts;
        if (report == 3) clock.advance(20s);
        if (report == 5) clock.advance(4s);
        if (report == 7) membership.stop();
    };
    finish(context, membership.run());
    EXPECT_EQ(counts_at_report[3], 1);
    EXPECT_EQ(counts_at_report[5], 1) << "every node counts, and looks at every node";
    EXPECT_EQ(counts_at_report[7], 2);
    EXPECT_THAT(up, ElementsAre(1000U, 1000U));
}

TEST_F(Membership, GivesTheNameBackOnce) {
    ASSERT_TRUE(begin());
    run_for(1);
    finish(context, membership.leave());
    finish(context, membership.leave());
    EXPECT_THAT(store.left, ElementsAre("gate-a this"));
}

}  // namespace
}  // namespace curfew::test

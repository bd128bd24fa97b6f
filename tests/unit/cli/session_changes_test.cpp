#include "cli/session_changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace curfew::cli {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr BootInstant now{100h};

SessionRow row(const std::string& id, Duration left = 2h, const std::string& phase = "live") {
    SessionRow session;
    session.id = id;
    session.user = "alice";
    session.place = "prod/orders";
    session.client = "192.0.2.7:1";
    session.phase = phase;
    session.cause = phase == "ending" ? "grant_revoked" : "";
    session.ends_at = WallInstant{500'000h} + std::chrono::floor<WallInstant::duration>(left);
    session.deadline = now + left;
    return session;
}

std::vector<std::string> described(const std::vector<SessionRow>& before,
                                   const std::vector<SessionRow>& after) {
    std::vector<std::string> lines;
    for (const auto& change : session_changes(before, after))
        lines.push_back(describe(change, now));
    return lines;
}

TEST(SessionChanges, TellOfOneThatCame) {
    EXPECT_THAT(described({}, {row("s-1")}),
                ElementsAre("started  s-1 alice prod/orders 192.0.2.7:1, 2h00m left"));
}

TEST(SessionChanges, TellOfOneThatIsEnding) {
    EXPECT_THAT(described({row("s-1")}, {row("s-1", 2h, "ending")}),
                ElementsAre("ending   s-1 alice prod/orders 192.0.2.7:1, grant_revoked"));
    EXPECT_THAT(described({row("s-1", 2h, "ending")}, {row("s-1", 2h, "ending")}), IsEmpty());
}

TEST(SessionChanges, TellOfOneThatIsGone) {
    EXPECT_THAT(described({row("s-1"), row("s-2")}, {row("s-2")}),
                ElementsAre("ended    s-1 alice prod/orders 192.0.2.7:1"));
}

TEST(SessionChanges, TellOfADeadlineThatMoved) {
    EXPECT_THAT(described({row("s-1")}, {row("s-1", 2h + 30min)}),
                ElementsAre("moved    s-1 alice prod/orders 192.0.2.7:1, +30m00s, 2h30m left"));
    EXPECT_THAT(described({row("s-1")}, {row("s-1", 1h)}),
                ElementsAre("moved    s-1 alice prod/orders 192.0.2.7:1, -1h00m, 1h00m left"));
}

TEST(SessionChanges, TakeSmallDifferencesOfMeasurementForNone) {
    EXPECT_THAT(described({row("s-1")}, {row("s-1", 2h + 999ms)}), IsEmpty());
}

TEST(SessionChanges, TellOnWhichNodeWhereThatIsAsked) {
    SessionRow session = row("s-1");
    session.node = "gate-b";
    const SessionChange change{SessionChange::Kind::ended, session, {}};
    EXPECT_EQ(describe(change, now, NameNode::yes), "ended    s-1 alice prod/orders 192.0.2.7:1 on gate-b");
}

TEST(SessionRows, SayOfALiveSessionThatItWindsDown) {
    const auto document = boost::json::parse(R"({"items":[
        {"id":"s-1","phase":"live","winding_down":true}, {"id":"s-2","phase":"live","winding_down":false},
        {"id":"s-3","phase":"ending","winding_down":false,"cause":"grant_expired"},
        {"id":"s-4","phase":"live","winding_down":null}]})");
    std::vector<std::string> states;
    for (const SessionRow& shown : read_sessions(document, SystemClock{}))
        states.push_back(state_text(shown));
    EXPECT_THAT(states, ElementsAre("winding down", "live", "ending (grant_expired)", "live"));
}

TEST(SessionRows, SayOfASessionByCommandWhatItWaitsFor) {
    const auto document = boost::json::parse(R"({"items":[
        {"id":"s-1","phase":"live","by_command":true,"waiting_for":null},
        {"id":"s-2","phase":"live","by_command":true,"waiting_for":"r-0123abcd"},
        {"id":"s-3","phase":"ending","by_command":true,"waiting_for":null,"cause":"grant_revoked"}]})");
    std::vector<std::string> states;
    for (const SessionRow& shown : read_sessions(document, SystemClock{}))
        states.push_back(state_text(shown));
    EXPECT_THAT(states, ElementsAre("live by command", "waits for r-0123abcd", "ending (grant_revoked)"));
}

TEST(SessionChanges, TellBothOfOneThatCameAndIsEndingAlready) {
    EXPECT_EQ(described({}, {row("s-1", 0s, "ending")}).size(), 2U);
}

}  // namespace
}  // namespace curfew::cli

// Whether an audit trail is what was written.
#include "audit/proof/verification.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "store/audit_chain.hpp"

namespace curfew::audit::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using Trail = std::vector<store::ListedEvent>;

// Events 1 to `events`, as curfewd writes them.
Trail written(store::EventNumber events) {
    Trail trail;
    Sha256Digest before = store::chain_root;
    for (store::EventNumber number = 1; number <= events; ++number) {
        store::Event event{
            number,        WallInstant{std::chrono::hours{24 * 365 * 50} + std::chrono::seconds{number}},
            "grant.given", "g-" + std::to_string(number),
            "ann",         R"({"user":"bob"})"};
        before = store::chained_hash(before, event);
        trail.push_back({std::move(event), before});
    }
    return trail;
}

store::ListedEvent& at(Trail& trail, store::EventNumber number) {
    return trail.at(number - 1);
}

// Gives each event from `number` on the hash that belongs to it as it is now.
void hash_anew(Trail& trail, store::EventNumber number) {
    for (auto i = number - 1; i < trail.size(); ++i)
        trail[i].hash = store::chained_hash(i == 0 ? store::chain_root : trail[i - 1].hash, trail[i].event);
}

VerifiedTrail verified(const Trail& trail, TrailVerifier verifier = TrailVerifier{}) {
    for (const auto& event : trail)
        verifier.add(event);
    return verifier.finish();
}

auto finding(Fault fault, store::EventNumber first, store::EventNumber last) {
    return AllOf(Field(&Finding::fault, fault), Field(&Finding::first, first), Field(&Finding::last, last));
}

TEST(TrailVerification, FindsNothingInWhatWasWritten) {
    const auto trail = written(20);
    const auto result = verified(trail);
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_EQ(result.events, 20U);
    EXPECT_EQ(result.first, 1U);
    EXPECT_EQ(result.head, (store::ChainHead{20, trail.back().hash}));
}

TEST(TrailVerification, FindsNothingWhereThereIsNothing) {
    const auto result = verified({});
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_EQ(result.head, store::ChainHead{});
}

TEST(TrailVerification, NamesAnEventThatWasChanged) {
    for (const store::EventNumber number : {1U, 7U, 20U}) {
        auto trail = written(20);
        at(trail, number).event.summary = R"({"user":"eve"})";
        EXPECT_THAT(verified(trail).findings, ElementsAre(finding(Fault::changed, number, number)));
    }
    auto trail = written(20);
    at(trail, 7).event.actor = "eve";
    EXPECT_EQ(verified(trail).findings.front().what,
              "Event 7, or event 6 before it, is not what was written");
}

TEST(TrailVerification, NamesEachOfSeveralThatWereChanged) {
    auto trail = written(20);
    for (const store::EventNumber number : {3U, 4U, 12U})
        at(trail, number).event.id = "g-x";
    EXPECT_THAT(verified(trail).findings,
                ElementsAre(finding(Fault::changed, 3, 3), finding(Fault::changed, 4, 4),
                            finding(Fault::changed, 12, 12)));
}

TEST(TrailVerification, NamesAHashThatWasChanged) {
    auto trail = written(20);
    at(trail, 7).hash[0] ^= 1U;
    EXPECT_THAT(verified(trail).findings, ElementsAre(finding(Fault::changed, 7, 7)));
    EXPECT_THAT(verified(trail).findings.front().what, HasSubstr("The hash of event 7"));
}

TEST(TrailVerification, NamesWhereAnEventWasChangedAndGivenTheHashOfIt) {
    auto trail = written(20);
    at(trail, 7).event.summary = "{}";
    at(trail, 7).hash = store::chained_hash(at(trail, 6).hash, at(trail, 7).event);
    EXPECT_EQ(verified(trail).findings.front().what,
              "Event 8, or event 7 before it, is not what was written");
}

TEST(TrailVerification, NamesEventsThatAreMissing) {
    auto trail = written(20);
    trail.erase(trail.begin() + 6, trail.begin() + 9);
    EXPECT_THAT(verified(trail).findings, ElementsAre(finding(Fault::removed, 7, 9)));
    EXPECT_EQ(verified(trail).findings.front().what, "Events 7 to 9 are missing");
    trail = written(20);
    trail.erase(trail.begin() + 6);
    EXPECT_EQ(verified(trail).findings.front().what, "Event 7 is missing");
}

TEST(TrailVerification, NamesTheFirstOneWhereItIsMissing) {
    auto trail = written(20);
    trail.erase(trail.begin());
    EXPECT_THAT(verified(trail).findings, ElementsAre(finding(Fault::removed, 1, 1)));
}

TEST(TrailVerification, NamesAnEventThatIsMissingThoughThoseBehindItWereNumberedAnew) {
    auto trail = written(20);
    trail.erase(trail.begin() + 6);
    for (auto i = 6U; i < trail.size(); ++i)
        --trail[i].event.number;
    EXPECT_THAT(verified(trail).findings, ElementsAre(finding(Fault::removed, 7, 7)));
}

TEST(TrailVerification, NamesAnEventThatWasInserted) {
    auto trail = written(20);
    auto more = at(trail, 3);
    more.event.number = 8;
    trail.insert(trail.begin() + 7, more);
    for (auto i = 8U; i < trail.size(); ++i)
        ++trail[i].event.number;
    EXPECT_THAT(verified(trail).findings, ElementsAre(finding(Fault::inserted, 8, 8)));
}

TEST(TrailVerification, NamesAnEventThatIsThereTwice) {
    auto trail = written(20);
    trail.insert(trail.begin() + 12, at(trail, 5));
    EXPECT_THAT(verified(trail).findings, ElementsAre(finding(Fault::inserted, 5, 5)));
}

TEST(TrailVerification, NamesAnEventThatSomebodyElseWroteAtTheEnd) {
    auto trail = written(20);
    auto more = trail.back();
    more.event.number = 21;
    trail.push_back(more);
    EXPECT_THAT(verified(trail).findings, ElementsAre(finding(Fault::changed, 21, 21)));
}

TEST(TrailVerification, NamesEventsThatChangedPlaces) {
    auto trail = written(20);
    std::swap(at(trail, 7), at(trail, 8));
    std::swap(at(trail, 7).event.number, at(trail, 8).event.number);
    EXPECT_THAT(verified(trail).findings, ElementsAre(finding(Fault::reordered, 7, 8)));
    EXPECT_EQ(verified(trail).findings.front().what,
              "Events 7 to 8 do not stand in the order in which they were written");
}

TEST(TrailVerification, NamesEventsThatChangedPlacesWhileTheirHashesStayed) {
    auto trail = written(20);
    std::swap(at(trail, 7), at(trail, 8));
    std::swap(at(trail, 7).event.number, at(trail, 8).event.number);
    std::swap(at(trail, 7).hash, at(trail, 8).hash);
    EXPECT_THAT(verified(trail).findings, ElementsAre(finding(Fault::reordered, 7, 8)));
}

TEST(TrailVerification, NamesLinesThatStandInAnotherOrder) {
    auto trail = written(20);
    std::swap(at(trail, 7), at(trail, 8));
    EXPECT_THAT(verified(trail).findings, ElementsAre(finding(Fault::reordered, 7, 8)));
}

TEST(TrailVerification, NamesALineThatStandsFarBehindItsPlace) {
    auto trail = written(20);
    std::rotate(trail.begin() + 4, trail.begin() + 5, trail.end());
    EXPECT_THAT(verified(trail).findings, ElementsAre(finding(Fault::reordered, 5, 5)));
    EXPECT_EQ(verified(trail).findings.front().what,
              "Event 5 stands behind event 20, and was written before it");
}

TEST(TrailVerification, SeesByAHeadThatTheEndWasCutOff) {
    auto trail = written(20);
    TrailVerifier verifier;
    verifier.vouch({20, trail.back().hash}, "the head of noon");
    trail.resize(15);
    const auto result = verified(trail, verifier);
    EXPECT_THAT(result.findings, ElementsAre(finding(Fault::truncated, 16, 20)));
    EXPECT_EQ(
        result.findings.front().what,
        "The trail ends with event 15, and the head of noon names event 20: Events 16 to 20 were cut off");
}

TEST(TrailVerification, SeesByAHeadThatAllWasWrittenAnew) {
    auto trail = written(20);
    TrailVerifier verifier;
    verifier.vouch({5, at(trail, 5).hash}, "the head of the morning");
    verifier.vouch({10, at(trail, 10).hash}, "the head of noon");
    verifier.vouch({20, at(trail, 20).hash}, "the head of the evening");
    at(trail, 8).event.actor = "eve";
    hash_anew(trail, 8);
    const auto result = verified(trail, verifier);
    EXPECT_THAT(result.findings, ElementsAre(finding(Fault::changed, 6, 10)));
    EXPECT_EQ(
        result.findings.front().what,
        "Event 10 does not have the hash that the head of noon gives it: it, or one from event 6 on, is "
        "not what was written");
    EXPECT_EQ(result.vouched, 5U);
}

TEST(TrailVerification, CountsTheHeadsThatItAgreesWith) {
    auto trail = written(20);
    TrailVerifier verifier;
    verifier.vouch({5, at(trail, 5).hash}, "a head");
    verifier.vouch({20, at(trail, 20).hash}, "a head");
    const auto result = verified(trail, verifier);
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_EQ(result.heads, 2U);
    EXPECT_EQ(result.vouched, 20U);
}

TEST(TrailVerification, TakesTheFirstEventOfAnExcerptAsItIs) {
    auto trail = written(20);
    trail.erase(trail.begin(), trail.begin() + 9);
    EXPECT_THAT(verified(trail, TrailVerifier{TrailVerifier::Begin::anywhere}).findings, IsEmpty());
    trail[3].event.actor = "eve";
    EXPECT_THAT(verified(trail, TrailVerifier{TrailVerifier::Begin::anywhere}).findings,
                ElementsAre(finding(Fault::changed, 13, 13)));
}

TEST(TrailVerification, FindsEachOfSeveralFaultsOfDifferentKinds) {
    auto trail = written(40);
    at(trail, 3).event.actor = "eve";
    std::swap(at(trail, 20), at(trail, 21));
    trail.erase(trail.begin() + 9);
    EXPECT_THAT(verified(trail).findings,
                ElementsAre(finding(Fault::changed, 3, 3), finding(Fault::removed, 10, 10),
                            finding(Fault::reordered, 20, 21)));
}

TEST(TrailVerification, GoesThroughATrailInWhichNothingIsRight) {
    auto trail = written(3000);
    for (auto& event : trail)
        event.hash = {};
    const auto result = verified(trail);
    EXPECT_EQ(result.findings.size(), 1000U);
    EXPECT_EQ(result.events, 3000U);
}

}  // namespace
}  // namespace curfew::audit::test

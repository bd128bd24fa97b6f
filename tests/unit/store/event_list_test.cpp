// The events, for those who look something up: by kind, whom and what they are about, and time.
#include <gmock/gmock.h>

#include "request_fixture.hpp"
#include "store/audit_chain.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::EventFilter;
using store::EventPage;
using store::ListedEvent;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class EventList : public RequestTest {
protected:
    EventPage page(EventFilter filter, store::Page wanted = {100}) {
        return await(store->list_events(std::move(filter), std::move(wanted))).value();
    }
    std::vector<std::string> kinds(EventFilter filter) {
        std::vector<std::string> found;
        for (const ListedEvent& listed : page(std::move(filter)).events)
            found.push_back(listed.event.kind);
        return found;
    }
    static EventFilter oldest_first() {
        EventFilter filter;
        filter.oldest_first = true;
        return filter;
    }
};

TEST_F(EventList, HasTheNewestFirstUnlessTheOldestIsWanted) {
    approved();
    EXPECT_THAT(kinds({}), ElementsAre("request.approved", "grant.given", "request.submitted"));
    EXPECT_THAT(kinds(oldest_first()), ElementsAre("request.submitted", "grant.given", "request.approved"));
}

TEST_F(EventList, IsNarrowedByKindAndFamily) {
    approved();
    EXPECT_THAT(kinds({"grant.given"}), ElementsAre("grant.given"));
    EXPECT_THAT(kinds({"request"}), ElementsAre("request.approved", "request.submitted"));
    for (const char* none : {"req", "request.", "request.sub", "%", "given", "request%"})
        EXPECT_THAT(kinds({none}), IsEmpty()) << none;
}

TEST_F(EventList, IsNarrowedByWhatItIsAboutAndWhoDidIt) {
    const auto one = approved();
    ask(new_request("zoe"));
    EventFilter about;
    about.id = one.request.id.text();
    EXPECT_THAT(kinds(about), ElementsAre("request.approved", "request.submitted"));
    about.actor = "bob";
    EXPECT_THAT(kinds(about), ElementsAre("request.approved"));
    EventFilter by;
    by.actor = "zoe";
    EXPECT_THAT(kinds(by), ElementsAre("request.submitted"));
    by.actor = "zo_";
    EXPECT_THAT(kinds(by), IsEmpty());
}

TEST_F(EventList, IsNarrowedByTime) {
    give(new_grant("alice", 24h));
    clock.advance(1h);
    const WallInstant later = clock.wall_now();
    ask();
    for (const bool oldest : {false, true}) {
        EventFilter filter;
        filter.oldest_first = oldest;
        filter.from = later;
        EXPECT_THAT(kinds(filter), ElementsAre("request.submitted"));
        filter.from = later + 1ms;
        EXPECT_THAT(kinds(filter), IsEmpty());
        filter.from.reset();
        filter.to = later;
        EXPECT_THAT(kinds(filter), ElementsAre("grant.given"));
        filter.to = later - 1h;
        EXPECT_THAT(kinds(filter), IsEmpty());
    }
}

TEST_F(EventList, HasTheHashesThatChainIt) {
    approved();
    const auto found = page(oldest_first()).events;
    Sha256Digest previous = store::chain_root;
    for (const ListedEvent& listed : found) {
        EXPECT_EQ(listed.hash, store::chained_hash(previous, listed.event)) << listed.event.number;
        previous = listed.hash;
    }
    EXPECT_EQ(previous, await(store->head_of_events()).value().hash);
}

TEST_F(EventList, ComesAPageAtATimeInEitherOrder) {
    for (int i = 0; i < 5; ++i) {
        give();
        ask();
    }
    for (const bool oldest : {false, true}) {
        EventFilter filter{"grant"};
        filter.oldest_first = oldest;
        std::vector<store::EventNumber> numbers;
        store::Page wanted{2};
        for (;;) {
            const auto read = page(filter, wanted);
            EXPECT_LE(read.events.size(), 2U);
            for (const ListedEvent& listed : read.events)
                numbers.push_back(listed.event.number);
            if (!read.next) break;
            wanted.cursor = *read.next;
            give();  // what comes in between is repeated nowhere and moves nothing
            if (numbers.size() > 20) FAIL() << "a list without an end";
            if (oldest && numbers.size() >= 4) break;
        }
        if (oldest) {
            EXPECT_THAT(std::vector(numbers.begin(), numbers.begin() + 4), ElementsAre(1U, 3U, 5U, 7U));
        } else {
            EXPECT_THAT(numbers, ElementsAre(9U, 7U, 5U, 3U, 1U));
        }
    }
}

TEST_F(EventList, BeginsNowhereElse) {
    give();
    for (const char* cursor : {"x", "-1", "0", "1x", "99999999999999999999"})
        EXPECT_EQ(await(store->list_events({}, {10, cursor})).error().code, ErrorCode::invalid) << cursor;
    EXPECT_EQ(await(store->list_events({}, {0})).error().code, ErrorCode::invalid);
    EXPECT_EQ(await(store->list_events({}, {1001})).error().code, ErrorCode::invalid);
    EXPECT_THAT(page(oldest_first(), {10, "1000"}).events, IsEmpty());
    EXPECT_THAT(page({}, {10, "1000"}).events, SizeIs(1));
}

TEST_F(EventList, IsEmptyWhereNothingEverHappened) {
    EXPECT_THAT(page({}).events, IsEmpty());
    EXPECT_THAT(page(oldest_first()).events, IsEmpty());
    EXPECT_EQ(page({}).next, std::nullopt);
}

}  // namespace
}  // namespace curfew::test

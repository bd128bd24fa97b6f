// The feed of events: every change once, in order, with the change or not at all.
#include <gmock/gmock.h>
#include <boost/json/parse.hpp>

#include <atomic>

#include "disk.hpp"
#include "request_fixture.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::Event;
using store::EventNumber;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Events : public RequestTest {
protected:
    std::vector<Event> since(EventNumber after, std::size_t limit = 1000) {
        return await(store->events_since(after, limit)).value();
    }
};

TEST_F(Events, TellTheLifeOfARequest) {
    const auto id = ask().request.id;
    ASSERT_TRUE(change(id, opinion_of("carol")));
    const auto grant = change(id, approval_by("bob"))->after.grant->grant.id;
    ASSERT_TRUE(change(id, revocation_by("alice")));
    EXPECT_THAT(events(), ElementsAre("request.submitted " + id.text(), "request.reviewed " + id.text(),
                                      "grant.given " + grant.text(), "request.approved " + id.text(),
                                      "grant.revoked " + grant.text(), "request.revoked " + id.text()));
    const auto all = since(0);
    EXPECT_EQ(all[0].actor, "alice");
    EXPECT_EQ(all[1].actor, "carol");
    EXPECT_EQ(all[3].actor, "bob");
    EXPECT_EQ(all[3].at, clock.wall_now());
    const auto summary = boost::json::parse(all[3].summary).as_object();
    EXPECT_EQ(summary.at("status").as_string(), "APPROVED");
    EXPECT_EQ(summary.at("requester").as_string(), "alice");
    EXPECT_EQ(summary.at("resource").as_string(), "prod-postgres");
}

TEST_F(Events, SayFromWhereSomebodyCame) {
    const auto id = ask().request.id;
    ASSERT_TRUE(change(id, [approve = approval_by("bob")](const policy::Request& request,
                                                          const std::optional<store::GrantCountdown>& grant,
                                                          WallInstant now) {
        auto changed = approve(request, grant, now);
        changed->from = "token 203.0.113.7";
        return changed;
    }));
    const auto given = await(store->find_request(id)).value().grant->grant.id;
    await(store->revoke_grant(given, {"carol", "socket"}, "over")).value();
    std::vector<std::string> origins;
    for (const store::Event& event : since(0)) {
        const auto summary = boost::json::parse(event.summary).as_object();
        const auto* from = summary.if_contains("from");
        origins.push_back(event.kind + (from == nullptr ? "" : " " + std::string{from->as_string()}));
    }
    EXPECT_THAT(origins, ElementsAre("request.submitted", "grant.given token 203.0.113.7",
                                     "request.approved token 203.0.113.7", "grant.revoked socket"));
}

TEST_F(Events, TellTheLifeOfASession) {
    const auto session = start();
    await(store->session_ending(session.id, policy::EndCause::grant_revoked)).value();
    await(store->session_ending(session.id, policy::EndCause::failed)).value();
    await(store->session_ended({session.id, policy::EndCause::grant_revoked, store::Confirmation::eof, {}}))
        .value();
    EXPECT_THAT(events(1),
                ElementsAre("session.started " + session.id.text(), "session.ending " + session.id.text(),
                            "session.ended " + session.id.text()));
    const auto summary = boost::json::parse(since(0).back().summary).as_object();
    EXPECT_EQ(summary.at("cause").as_string(), "grant_revoked");
    EXPECT_EQ(summary.at("user").as_string(), "alice");
}

TEST_F(Events, TellWhatChangesNothingElse) {
    const auto number = await(store->add_event({"recording.read", "s-00000001", "ann", R"({"as":"json"})"}));
    ASSERT_TRUE(number) << number.error().message;
    const auto all = since(*number - 1);
    ASSERT_THAT(all, SizeIs(1));
    EXPECT_EQ(all[0].kind, "recording.read");
    EXPECT_EQ(all[0].id, "s-00000001");
    EXPECT_EQ(all[0].actor, "ann");
    EXPECT_EQ(all[0].summary, R"({"as":"json"})");
    EXPECT_EQ(all[0].at, clock.wall_now());
}

TEST_F(Events, TakeNoSummaryThatIsNoObject) {
    for (const char* wrong : {"", "[]", "{"}) {
        const auto added = await(store->add_event({"recording.read", "s-00000001", "ann", wrong}));
        ASSERT_FALSE(added) << wrong;
        EXPECT_EQ(added.error().code, ErrorCode::invalid);
    }
    EXPECT_THAT(events(), IsEmpty());
}

TEST_F(Events, TellThatAGrantEndedOnce) {
    const auto grant = give(new_grant("alice", 1min)).grant.id;
    clock.advance(1min);
    await(store->check_health()).value();
    await(store->check_health()).value();
    EXPECT_THAT(events(), ElementsAre("grant.given " + grant.text(), "grant.ended " + grant.text()));
}

TEST_F(Events, GoOnFromWhereSomebodyStopped) {
    for (int i = 0; i < 5; ++i)
        give();
    EXPECT_EQ(await(store->last_event()).value(), 5U);
    const auto some = since(2, 2);
    ASSERT_THAT(some, SizeIs(2));
    EXPECT_EQ(some[0].number, 3U);
    EXPECT_EQ(some[1].number, 4U);
    EXPECT_THAT(since(5), IsEmpty());
    EXPECT_THAT(since(UINT64_MAX), IsEmpty());
    reopen();
    give();
    EXPECT_EQ(since(5).front().number, 6U);
}

TEST_F(Events, AreReadOnFromTheOneThatWasReadLast) {
    give();
    const auto head = await(store->head_of_events()).value();
    EXPECT_EQ(head.number, 1U);
    give();
    give();
    const auto read = await(store->events_after(head, 1)).value();
    EXPECT_FALSE(read.lost);
    ASSERT_THAT(read.events, SizeIs(1));
    EXPECT_EQ(read.events[0].number, 2U);
    EXPECT_EQ(read.last.number, 2U);
    const auto rest = await(store->events_after(read.last, 10)).value();
    EXPECT_EQ(rest.last, await(store->head_of_events()).value());
    const auto nothing = await(store->events_after(rest.last, 10)).value();
    EXPECT_THAT(nothing.events, IsEmpty());
    EXPECT_EQ(nothing.last, rest.last);
}

// After a failover to a standby that had not received everything.
TEST_F(Events, SayThatTheOneThatWasReadLastIsLost) {
    give();
    give();
    const auto head = await(store->head_of_events()).value();
    auto other = head;
    other.hash[0] ^= 1;
    for (const auto& lost : {other, store::ChainHead{head.number + 3, head.hash}}) {
        const auto read = await(store->events_after(lost, 10)).value();
        EXPECT_TRUE(read.lost);
        EXPECT_THAT(read.events, IsEmpty());
        EXPECT_EQ(read.last, head);
    }
}

TEST_F(Events, AreNotThereOfWhatDidNotHappen) {
    if (!store_backend->file()) GTEST_SKIP() << "of a store in a file";
    give();
    EXPECT_FALSE(await(store->extend_grant(GrantId::generate(), 1h, "root")));
    {
        const disk::Full full;
        EXPECT_FALSE(await(store->add_grant(new_grant())));
    }
    EXPECT_THAT(since(0), SizeIs(1));
}

TEST_F(Events, AreToldToWhoeverWatches) {
    std::atomic<EventNumber> last = 0;
    const auto watch = store->watch_events([&last](EventNumber number) {
        last = number;
        last.notify_all();
    });
    give();
    last.wait(0);
    EXPECT_EQ(last, 1U);
    await(store->check_health()).value();  // says nothing
    store->stop_watching(watch);
    give();
    close();
    EXPECT_EQ(last, 1U) << "nobody watches any more";
}

}  // namespace
}  // namespace curfew::test

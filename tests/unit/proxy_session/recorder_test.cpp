// Writing down how sessions end: everything, in order, however long the store is away.
#include "proxy/recorder.hpp"

#include <gmock/gmock.h>

#include <map>
#include <thread>

#include "proxy/event.hpp"
#include "support/unasked_store.hpp"
#include "unit/proxy_streams/loop.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::EndCause;
using proxy::Event;
using proxy::Recorder;
using store::Confirmation;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Answers as it is told to, and remembers what it took.
class ScriptedStore final : public UnaskedStore {
public:
    explicit ScriptedStore(Loop& loop) : released{loop.executor()} {}

    Answer<void> session_ending(SessionId id, EndCause) override { return take("ending " + name_of(id)); }
    Answer<void> session_ended(store::SessionEnd end) override { return take("ended " + name_of(end.id)); }

    std::string name_of(const SessionId& id) {
        std::string next = std::to_string(names_.size());
        if (names_.size() < 26) next = static_cast<char>('A' + names_.size());
        return names_.emplace(id, std::move(next)).first->second;
    }

    std::vector<std::string> asked;
    std::vector<std::string> taken;
    bool away = false;
    std::string unknown;    // to this it says that there is no such session
    std::string held_back;  // this is answered, by a failure, when `released`
    Event released;

private:
    Answer<void> take(std::string what) {
        asked.push_back(what);
        if (what == held_back) {
            held_back.clear();
            co_await released.wait();
            co_return Error{ErrorCode::unavailable, "it took too long"};
        }
        if (away) co_return Error{ErrorCode::unavailable, "the store is away"};
        if (what == unknown) co_return Error{ErrorCode::not_found, "there is no such session"};
        taken.push_back(what);
        co_return Result<void>{};
    }

    std::map<SessionId, std::string> names_;
};

class Recording : public testing::Test {
protected:
    Loop loop;
    ScriptedStore store{loop};
    Recorder recorder{loop.executor(), store};
    std::future<void> running = loop.start(recorder.run());

    SessionId session() {
        SessionId id = SessionId::generate();
        store.name_of(id);
        return id;
    }
    void ended(const SessionId& id) {
        recorder.ended(store::SessionEnd{id, EndCause::grant_expired, Confirmation::eof, ""});
    }
    // Runs until the store has taken so much.
    void await_taken(std::size_t count) {
        const Instant deadline = now() + patience;
        while (store.taken.size() < count && now() < deadline)
            loop.wait_once(deadline);
        ASSERT_THAT(store.taken, SizeIs(count));
    }
    void stop(Duration at_most = patience) {
        recorder.stop(at_most);
        loop.finish(running);
    }
};

TEST_F(Recording, WritesDownWhatItIsTold) {
    const SessionId a = session();
    recorder.ending(a, EndCause::grant_expired);
    loop.settle();
    EXPECT_THAT(store.taken, ElementsAre("ending A"));
    ended(a);
    loop.settle();
    EXPECT_THAT(store.taken, ElementsAre("ending A", "ended A"));
    stop();
}

TEST_F(Recording, WritesTogetherInTheOrderInWhichItWasTold) {
    const SessionId a = session();
    const SessionId b = session();
    recorder.ending(a, EndCause::grant_expired);
    recorder.ending(b, EndCause::grant_expired);
    ended(b);
    ended(a);
    loop.settle();
    EXPECT_THAT(store.taken, ElementsAre("ending A", "ending B", "ended B", "ended A"));
    stop();
}

TEST_F(Recording, TriesAgainUntilTheStoreIsBack) {
    const SessionId a = session();
    store.away = true;
    recorder.ending(a, EndCause::grant_expired);
    ended(a);
    loop.settle();
    EXPECT_THAT(store.taken, IsEmpty());
    EXPECT_THAT(store.asked, SizeIs(2));
    store.away = false;
    await_taken(2);
    EXPECT_THAT(store.taken, ElementsAre("ending A", "ended A"));
    stop();
}

TEST_F(Recording, KeepsBackWhatTheStoreDoesNotKnowOfYet) {
    const SessionId a = session();
    const SessionId b = session();
    bool early = true;
    recorder.keep_back([&](const SessionId& id) { return early && id == a; });
    recorder.ending(a, EndCause::grant_expired);
    ended(a);
    ended(b);
    await_taken(1);
    EXPECT_THAT(store.taken, ElementsAre("ended B"));
    early = false;
    await_taken(3);
    EXPECT_THAT(store.taken, ElementsAre("ended B", "ending A", "ended A"));
    stop();
}

TEST_F(Recording, DoesNotKeepAStoreBusyThatIsAway) {
    store.away = true;
    recorder.ending(session(), EndCause::grant_expired);
    loop.settle();
    const std::size_t asked = store.asked.size();
    loop.settle();
    EXPECT_EQ(store.asked.size(), asked);
    store.away = false;
    await_taken(1);
    stop();
}

// What failed was said before what came meanwhile.
TEST_F(Recording, KeepsTheOrderWhereOneFailsWhileTheNextComes) {
    const SessionId a = session();
    store.held_back = "ending A";
    recorder.ending(a, EndCause::grant_expired);
    loop.settle();
    ended(a);
    loop.settle();
    store.released.notify();
    await_taken(2);
    EXPECT_THAT(store.taken, ElementsAre("ending A", "ended A"));
    stop();
}

TEST_F(Recording, KeepsTheOrderOfWhatFailedTogether) {
    const SessionId a = session();
    const SessionId b = session();
    store.held_back = "ending A";
    store.away = true;
    recorder.ending(a, EndCause::grant_expired);
    recorder.ending(b, EndCause::grant_expired);
    ended(a);
    loop.settle();
    store.away = false;
    store.released.notify();
    await_taken(3);
    EXPECT_THAT(store.taken, ElementsAre("ending A", "ending B", "ended A"));
    stop();
}

TEST_F(Recording, DoesNotInsistOnWhatTheStoreWillNeverTake) {
    const SessionId a = session();
    store.unknown = "ending A";
    recorder.ending(a, EndCause::grant_expired);
    ended(a);
    loop.settle();
    EXPECT_THAT(store.taken, ElementsAre("ended A"));
    stop();
    EXPECT_THAT(store.asked, ElementsAre("ending A", "ended A"));
}

TEST_F(Recording, StopsAtOnceWhereEverythingIsWritten) {
    loop.settle();
    recorder.stop(patience);
    loop.settle();
    EXPECT_TRUE(test::is_over(running));
    EXPECT_FALSE(loop.is_busy());
}

TEST_F(Recording, TriesAtOnceWhenItIsToStop) {
    store.away = true;
    ended(session());
    loop.settle();
    store.away = false;
    recorder.stop(patience);
    loop.settle();
    EXPECT_TRUE(test::is_over(running));
    EXPECT_THAT(store.taken, ElementsAre("ended A"));
}

TEST_F(Recording, StopsInTimeWhereTheStoreStaysAway) {
    store.away = true;
    ended(session());
    loop.settle();
    const Instant asked = now();
    stop(100ms);
    EXPECT_GE(now() - asked, 100ms);
    EXPECT_LE(now() - asked, within(2s));
    EXPECT_THAT(store.taken, IsEmpty());
    EXPECT_FALSE(loop.is_busy());
}

TEST_F(Recording, IsToldByAnyThread) {
    constexpr int threads = 4;
    constexpr int sessions = 500;
    std::vector<SessionId> ids;
    for (int i = 0; i < threads * sessions; ++i)
        ids.push_back(SessionId::generate());
    std::vector<std::thread> tellers;
    for (int t = 0; t < threads; ++t) {
        tellers.emplace_back([&, t] {
            for (int i = t * sessions; i < (t + 1) * sessions; ++i) {
                recorder.ending(ids[static_cast<std::size_t>(i)], EndCause::grant_expired);
                ended(ids[static_cast<std::size_t>(i)]);
            }
        });
    }
    for (std::thread& teller : tellers)
        teller.join();
    await_taken(std::size_t{2} * threads * sessions);
    std::map<std::string, int> seen;
    for (const std::string& what : store.taken) {
        const std::string name = what.substr(what.find(' ') + 1);
        EXPECT_EQ(seen[name]++, what.starts_with("ending") ? 0 : 1) << what;
    }
    stop();
}

}  // namespace
}  // namespace curfew::test

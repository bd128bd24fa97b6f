// The end of a backend that is known by its connection only, and of one that is there no more.
#include "proxy/teardown.hpp"

#include <gmock/gmock.h>

#include "backend_end_driver.hpp"

namespace curfew::proxy {
namespace {

using namespace std::chrono_literals;
using store::Confirmation;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using Signal = BackendAdmin::Signal;
using Situation = BackendEnd::Situation;

constexpr Situation without_admin{.connected = true, .cancellable = true};
constexpr Situation unidentified{.connected = true, .admin_configured = true, .cancellable = true};

TEST(BackendEndBySocket, IsCancelledAtOnceWithoutAnAdminLogin) {
    BackendEndDriver end = begun(without_admin);
    EXPECT_EQ(end.times, "cancel@0");
}

TEST(BackendEndBySocket, IsOverWithItsSocketWithoutAnAdminLogin) {
    BackendEndDriver end = begun(without_admin);
    end.pass(4ms);
    end.eof();
    ASSERT_TRUE(end.over()) << "whether or not the cancel came back";
    EXPECT_EQ(end.done()->confirmation, Confirmation::eof);
    EXPECT_THAT(end.done()->detail, IsEmpty());
    EXPECT_EQ(end.gone_at(), end.now());
}

TEST(BackendEndBySocket, IsCancelledAgainWithGrowingPauses) {
    BackendEndDriver end = begun(without_admin);
    end.answer_cancel = true;
    end.pass(4s);
    EXPECT_EQ(end.times,
              "cancel@0 cancel@20 cancel@60 cancel@140 cancel@300 cancel@620 cancel@1260 cancel@2260 "
              "cancel@3260");
}

TEST(BackendEndBySocket, IsCancelledAgainOnlyAfterTheLastOneCameBack) {
    BackendEndDriver end = begun(without_admin);
    end.pass(10s);
    EXPECT_EQ(end.cancels, 1);
    end.cancelled();
    end.pass(19ms);
    EXPECT_EQ(end.cancels, 1);
    end.pass(1ms);
    EXPECT_EQ(end.cancels, 2);
}

TEST(BackendEndBySocket, ThatTrapsThreeCancelsIsStoppedByTheFourth) {
    BackendEndDriver end = begun(without_admin);
    end.answer_cancel = true;
    while (end.cancels < 4)
        end.pass(1ms);
    EXPECT_LT(end.elapsed(), 150ms);
    end.eof();
    EXPECT_EQ(end.done()->confirmation, Confirmation::eof);
}

TEST(BackendEndBySocket, ThatTrapsEveryCancelIsNeverGivenUp) {
    BackendEndDriver end = begun(without_admin);
    end.answer_cancel = true;
    end.pass(24h);
    EXPECT_FALSE(end.over());
    EXPECT_GT(end.cancels, 24 * 3590);
    end.eof();
    EXPECT_EQ(end.done()->confirmation, Confirmation::eof);
}

TEST(BackendEndBySocket, ThatIsIdleMayFindTheEndBeforeItIsCancelled) {
    Situation idle = without_admin;
    idle.idle = true;
    BackendEndDriver end = begun(idle);
    EXPECT_EQ(end.cancels, 0);
    BackendEndDriver busy_after_all = begun(idle);
    busy_after_all.pass(BackendEnd::shortest_cancel_pause);
    EXPECT_EQ(busy_after_all.cancels, 1);
    end.pass(1ms);
    end.eof();
    EXPECT_EQ(end.done()->confirmation, Confirmation::eof);
}

TEST(BackendEndBySocket, WhoseCancelKeyIsNotKnownIsWaitedFor) {
    BackendEndDriver end = begun({.connected = true});
    end.pass(1h);
    EXPECT_FALSE(end.over());
    EXPECT_THAT(end.times, IsEmpty());
    end.eof();
    EXPECT_EQ(end.done()->confirmation, Confirmation::eof);
}

TEST(BackendEndBySocket, ThatWasNotIdentifiedIsCancelledAtOnceAndItsEndSaysWhy) {
    BackendEndDriver end = begun(unidentified);
    EXPECT_EQ(end.times, "cancel@0");
    end.eof();
    ASSERT_TRUE(end.over());
    EXPECT_EQ(end.done()->confirmation, Confirmation::eof);
    EXPECT_THAT(end.done()->detail, HasSubstr("did not learn which backend"));
}

// Before and after.

TEST(BackendEndBySocket, ThatWasNeverThereIsOverAtOnce) {
    BackendEndDriver end = begun({.admin_configured = true});
    ASSERT_TRUE(end.over());
    EXPECT_EQ(end.done()->confirmation, Confirmation::never_started);
    EXPECT_EQ(end.gone_at(), std::nullopt);
    EXPECT_THAT(end.times, IsEmpty());
}

TEST(BackendEndBySocket, WhoseSocketEndedBeforeIsLookedForOnly) {
    Situation ended = with_admin;
    ended.connected = false;
    BackendEndDriver end = begun(ended);
    EXPECT_EQ(end.times, "look@0");
    end.looked(false);
    EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
}

TEST(BackendEndBySocket, WhoseSocketEndedBeforeIsTerminatedWhereItIsStillThere) {
    Situation ended = with_admin;
    ended.connected = false;
    BackendEndDriver end = begun(ended);
    end.looked(true);
    EXPECT_EQ(end.times, "look@0 terminate@0");
}

TEST(BackendEndBySocket, WhoseSocketEndedBeforeIsOverWithoutAnAdminLogin) {
    BackendEndDriver end = begun({.cancellable = true});
    EXPECT_EQ(end.done()->confirmation, Confirmation::eof);
}

TEST(BackendEndBySocket, IsNotCancelledOnceItsSocketEnded) {
    BackendEndDriver end = begun(with_admin);
    end.terminated(Signal::refused);
    end.cancelled();
    end.eof();
    end.answer_look = [] { return true; };
    end.answer_terminate = [] { return Signal::refused; };
    end.pass(10s);
    EXPECT_EQ(end.cancels, 1);
}

TEST(BackendEndBySocket, TakesItsSocketsEndOnce) {
    BackendEndDriver end = begun(with_admin);
    end.eof();
    const BootInstant eof = end.now();
    end.pass(BackendEnd::give_up_looking - 1s);
    end.eof();
    end.pass(1s);
    ASSERT_TRUE(end.over()) << "counted from the first time";
    EXPECT_EQ(end.gone_at(), eof);
}

TEST(BackendEndBySocket, IgnoresAnswersThatComeWhenItIsOver) {
    BackendEndDriver end = begun(with_admin);
    end.pass(BackendEnd::cancel_after);
    end.eof();
    end.looked(false);
    ASSERT_TRUE(end.over());
    const auto gone_at = end.gone_at();
    end.pass(1s);
    end.terminated(Signal::sent);
    end.cancelled();
    end.tick();
    EXPECT_EQ(end.gone_at(), gone_at);
    EXPECT_THAT(end.times, StartsWith("terminate@0 cancel@250 look@250"));
}

TEST(BackendEndBySocket, IsNotHurriedByTicksThatNobodyAskedFor) {
    BackendEndDriver end = begun(without_admin);
    end.cancelled();
    for (int i = 0; i < 19; ++i) {
        end.pass(1ms);
        end.tick();
        EXPECT_EQ(end.cancels, 1);
        ASSERT_TRUE(end.wake()) << "whoever called on_tick holds no wake any more";
    }
    end.pass(1ms);
    EXPECT_EQ(end.cancels, 2);
}

}  // namespace
}  // namespace curfew::proxy

// The end of a backend that the administrative login can terminate and look for.
#include "proxy/teardown.hpp"

#include <gmock/gmock.h>

#include "backend_end_driver.hpp"

namespace curfew::proxy {
namespace {

using namespace std::chrono_literals;
using store::Confirmation;
using testing::HasSubstr;
using testing::IsEmpty;
using Signal = BackendAdmin::Signal;
using Situation = BackendEnd::Situation;

TEST(BackendEndTest, IsTerminatedAtOnce) {
    BackendEndDriver end = begun(with_admin);
    EXPECT_EQ(end.times, "terminate@0");
    EXPECT_EQ(end.wake(), end.now() + BackendEnd::cancel_after);
}

TEST(BackendEndTest, IsConfirmedOnceItsSocketEndedAndItsRowLeft) {
    BackendEndDriver end = begun(with_admin);
    end.pass(3ms);
    end.terminated(Signal::sent);
    end.pass(4ms);
    end.eof();
    EXPECT_TRUE(end.looking()) << "at once";
    EXPECT_FALSE(end.over());
    end.pass(1ms);
    end.looked(false);
    ASSERT_TRUE(end.over());
    EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
    EXPECT_THAT(end.done()->detail, IsEmpty());
    EXPECT_EQ(end.gone_at(), end.now());
    EXPECT_EQ(end.cancels, 0);
}

TEST(BackendEndTest, IsNotOverWhileItsSocketIsOpenThoughItsRowLeft) {
    BackendEndDriver end = begun(with_admin);
    end.terminated(Signal::sent);
    end.pass(50ms);
    end.looked(false);
    end.answer_cancel = true;
    end.pass(1h);
    EXPECT_FALSE(end.over());
    EXPECT_EQ(end.terminates, 1) << "there is nobody to terminate";
    EXPECT_EQ(end.looks, 1);
    end.eof();
    EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
    EXPECT_EQ(end.gone_at(), end.now()) << "the later of the two";
}

TEST(BackendEndTest, IsLookedForAgainAndAgainWhileItsRowOutlivesItsSocket) {
    BackendEndDriver end = begun(with_admin);
    end.terminated(Signal::sent);
    end.eof();
    end.answer_look = [] { return true; };
    end.pass(1s - 1ns);
    EXPECT_FALSE(end.over());
    EXPECT_EQ(end.times,
              "terminate@0 look@0 look@2 look@7 look@17 look@37 look@87 look@187 look@387 look@887");
    end.answer_look = [] { return false; };
    end.pass(1s);
    EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
    EXPECT_EQ(end.gone_at(), BootInstant{1h} + 1387ms);
}

TEST(BackendEndTest, IsLookedForSparinglyWhileItsSocketIsOpen) {
    BackendEndDriver end = begun(with_admin);
    end.answer_look = [] { return true; };
    end.terminated(Signal::sent);
    end.pass(249ms);
    EXPECT_EQ(end.times, "terminate@0 look@50 look@100 look@200");
}

TEST(BackendEndTest, IsLookedForAnewWhereTheLookUnderWayBeganBeforeItsSocketEnded) {
    BackendEndDriver end = begun(with_admin);
    end.terminated(Signal::sent);
    end.pass(50ms);
    ASSERT_TRUE(end.looking());
    end.eof();
    end.looked(true);
    EXPECT_TRUE(end.looking()) << "at once";
    EXPECT_EQ(end.looks, 2);
    end.looked(false);
    EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
}

TEST(BackendEndTest, IsLookedForSoonAgainThoughTheAnswerToTerminateCameInBetween) {
    BackendEndDriver end = begun(with_admin);
    end.eof();
    end.terminated(Signal::sent);
    end.looked(true);
    end.pass(2ms);
    EXPECT_EQ(end.times, "terminate@0 look@0 look@2");
}

TEST(BackendEndTest, IsTerminatedAgainWhileItLivesOn) {
    BackendEndDriver end = begun(with_admin);
    end.answer_terminate = [] { return Signal::sent; };
    end.answer_look = [] { return true; };
    end.pass(10s);
    EXPECT_EQ(end.terminates, 11);
}

TEST(BackendEndTest, IsTerminatedAgainWhereItsRowOutlivesItsSocket) {
    BackendEndDriver end = begun(with_admin);
    end.answer_terminate = [] { return Signal::sent; };
    end.answer_look = [] { return true; };
    end.eof();
    end.pass(10s);
    EXPECT_EQ(end.terminates, 11);
}

TEST(BackendEndTest, IsNotTerminatedAgainBeforeTheFirstAnswerCame) {
    BackendEndDriver end = begun(with_admin);
    end.answer_cancel = true;
    end.pass(1h);
    EXPECT_EQ(end.terminates, 1);
}

TEST(BackendEndTest, IsCancelledBesideWhereTerminatingTakesLong) {
    BackendEndDriver answered = begun(with_admin);
    answered.terminated(Signal::sent);
    answered.pass(BackendEnd::cancel_after - 1ns);
    EXPECT_EQ(answered.cancels, 0);
    answered.pass(1ns);
    EXPECT_EQ(answered.cancels, 1);

    BackendEndDriver unanswered = begun(with_admin);
    unanswered.pass(BackendEnd::cancel_after);
    EXPECT_EQ(unanswered.cancels, 1);
}

TEST(BackendEndTest, IsNeverGivenUpWhileItsRowIsSeen) {
    BackendEndDriver end = begun(with_admin);
    end.answer_terminate = [] { return Signal::sent; };
    end.answer_look = [] { return true; };
    end.eof();
    end.pass(24h);
    EXPECT_FALSE(end.over());
    end.answer_look = [] { return false; };
    end.pass(1s);
    EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
}

// PostgreSQL says that there is no such backend.

TEST(BackendEndTest, ThatIsSaidToBeGoneIsLookedForOnceBeforeItIsBelieved) {
    BackendEndDriver end = begun(with_admin);
    end.terminated(Signal::gone);
    EXPECT_TRUE(end.looking());
    end.eof();
    EXPECT_FALSE(end.over());
    end.looked(false);
    EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
    EXPECT_EQ(end.times, "terminate@0 look@0");
}

TEST(BackendEndTest, ThatIsSaidToBeGoneIsNotOverWhileItsSocketIsOpen) {
    BackendEndDriver end = begun(with_admin);
    end.terminated(Signal::gone);
    end.looked(false);
    end.answer_cancel = true;
    end.pass(1h);
    EXPECT_FALSE(end.over());
}

TEST(BackendEndTest, ThatIsSaidToBeGoneIsAskedForAgainWhereItsRowIsThere) {
    BackendEndDriver end = begun(with_admin);
    end.terminated(Signal::gone);
    end.answer_look = [] { return true; };
    end.pass(1s);
    EXPECT_EQ(end.terminates, 2);
}

// PostgreSQL refuses: a superuser's backend.

TEST(BackendEndTest, ThatMayNotBeTerminatedIsCancelledAtOnceAndProvenGoneByItsRow) {
    BackendEndDriver end = begun(with_admin);
    end.pass(2ms);
    end.terminated(Signal::refused);
    EXPECT_EQ(end.times, "terminate@0 cancel@2");
    end.cancelled();
    end.pass(1ms);
    end.eof();
    end.looked(true);
    end.pass(2ms);
    end.looked(false);
    EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
    EXPECT_THAT(end.done()->detail, HasSubstr("superuser"));
}

TEST(BackendEndTest, ThatMayNotBeTerminatedIsCancelledForAsLongAsItRuns) {
    BackendEndDriver end = begun(with_admin);
    end.answer_terminate = [] { return Signal::refused; };
    end.answer_look = [] { return true; };
    end.answer_cancel = true;
    end.pass(1h);
    EXPECT_FALSE(end.over());
    EXPECT_GT(end.cancels, 3590);
}

TEST(BackendEndTest, ThatMayNotBeTerminatedIsOnceTheRightWasGranted) {
    BackendEndDriver end = begun(with_admin);
    end.terminated(Signal::refused);
    end.pass(BackendEnd::ask_again);
    end.terminated(Signal::sent);
    end.eof();
    if (end.looking()) end.looked(false);
    if (!end.over()) end.looked(false);
    EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
    EXPECT_THAT(end.done()->detail, IsEmpty());
}

TEST(BackendEndTest, ThatIsIdleIsTerminatedAtOnceAllTheSame) {
    Situation idle = with_admin;
    idle.idle = true;
    EXPECT_EQ(begun(idle).times, "terminate@0");
}

}  // namespace
}  // namespace curfew::proxy

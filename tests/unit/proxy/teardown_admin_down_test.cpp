// The end of a backend whose administrative login knows it, and does not answer.
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

const Error down{ErrorCode::unavailable, "the administrative connection to resource 'db' was lost"};

TEST(BackendEndWithoutAnswer, IsCancelledAtOnceWhereTheAdminConnectionIsDown) {
    BackendEndDriver end = begun(with_admin);
    end.terminated(down);
    EXPECT_EQ(end.times, "terminate@0 cancel@0");
}

TEST(BackendEndWithoutAnswer, IsNotCancelledMoreOftenForBeingAskedToTerminateAgain) {
    BackendEndDriver end = begun(with_admin);
    end.answer_terminate = [] { return down; };
    end.answer_cancel = true;
    end.pass(1s);
    EXPECT_THAT(end.terminates, 5);
    EXPECT_EQ(end.cancels, 6) << "at 0, 20, 60, 140, 300 and 620 ms";
}

TEST(BackendEndWithoutAnswer, IsTerminatedAsSoonAsTheAdminConnectionIsBack) {
    BackendEndDriver end = begun(with_admin);
    end.terminated(down);
    end.pass(BackendEnd::ask_again_when_down);
    EXPECT_EQ(end.terminates, 2);
    end.terminated(Signal::sent);
    end.eof();
    end.answer_look = [] { return false; };
    end.pass(0s);
    EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
}

TEST(BackendEndWithoutAnswer, IsWaitedForAfterItsSocketEndedUntilTheAdminConnectionIsBack) {
    BackendEndDriver end = begun(with_admin);
    end.answer_terminate = [] { return down; };
    end.answer_look = [] { return down; };
    end.eof();
    end.pass(BackendEnd::give_up_looking - 1s);
    ASSERT_FALSE(end.over());
    end.answer_look = [] { return false; };
    end.pass(1s - 1ns);
    EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
}

TEST(BackendEndWithoutAnswer, IsRecordedAsSeenByItsSocketWhereTheAdminConnectionStaysAway) {
    BackendEndDriver end = begun(with_admin);
    end.answer_terminate = [] { return down; };
    end.answer_look = [] { return down; };
    end.pass(1s);
    end.eof();
    const BootInstant eof = end.now();
    end.pass(BackendEnd::give_up_looking - 1ns);
    ASSERT_FALSE(end.over());
    end.pass(1ns);
    ASSERT_TRUE(end.over());
    EXPECT_EQ(end.done()->confirmation, Confirmation::eof);
    EXPECT_THAT(end.done()->detail, HasSubstr(down.message));
    EXPECT_THAT(end.done()->detail, HasSubstr("30 s"));
    EXPECT_EQ(end.gone_at(), eof);
}

TEST(BackendEndWithoutAnswer, IsRecordedAsSeenByItsSocketWhereTheAdminConnectionNeverAnswers) {
    BackendEndDriver end = begun(with_admin);
    end.eof();
    end.pass(BackendEnd::give_up_looking);
    EXPECT_EQ(end.done()->confirmation, Confirmation::eof);
    EXPECT_THAT(end.done()->detail, HasSubstr("no answer"));
}

// Its row was there, without its socket, and then nobody could look.
TEST(BackendEndWithoutAnswer, IsUnconfirmedWhereItWasLastSeenToOutliveItsSocket) {
    BackendEndDriver end = begun(with_admin);
    end.terminated(Signal::sent);
    end.eof();
    end.pass(10s);
    end.looked(true);
    end.answer_look = [] { return down; };
    end.answer_terminate = [] { return down; };
    end.pass(BackendEnd::give_up_looking - 1ns);
    ASSERT_FALSE(end.over());
    end.pass(1ns);
    ASSERT_TRUE(end.over());
    EXPECT_EQ(end.done()->confirmation, Confirmation::unconfirmed);
    EXPECT_THAT(end.done()->detail, HasSubstr("terminate it"));
    EXPECT_EQ(end.gone_at(), std::nullopt);
}

TEST(BackendEndWithoutAnswer, IsNotSaidToHaveOutlivedItsSocketByALookFromBefore) {
    BackendEndDriver end = begun(with_admin);
    end.terminated(Signal::sent);
    end.pass(50ms);
    ASSERT_TRUE(end.looking());
    end.eof();
    end.looked(true);
    end.answer_look = [] { return down; };
    end.pass(BackendEnd::give_up_looking);
    EXPECT_EQ(end.done()->confirmation, Confirmation::eof);
}

TEST(BackendEndWithoutAnswer, WhoseCancelKeyIsNotKnownIsTerminatedForAsLongAsItLives) {
    Situation no_key = with_admin;
    no_key.cancellable = false;
    BackendEndDriver end = begun(no_key);
    end.answer_terminate = [] { return down; };
    end.answer_look = [] { return down; };
    end.pass(10s);
    EXPECT_EQ(end.cancels, 0);
    EXPECT_EQ(end.terminates, 41);
}

}  // namespace
}  // namespace curfew::proxy

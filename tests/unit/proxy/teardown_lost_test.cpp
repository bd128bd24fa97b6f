// The end of a backend whose connection was lost before its end could be seen: by a network that is cut.
#include <gmock/gmock.h>

#include "backend_end_driver.hpp"
#include "proxy/teardown.hpp"

namespace curfew::proxy {
namespace {

using namespace std::chrono_literals;
using store::Confirmation;
using testing::HasSubstr;
using Signal = BackendAdmin::Signal;

const Error cut{ErrorCode::unavailable, "the administrative connection to resource 'db' was lost"};

// The administrative connection is cut as well.
BackendEndDriver begun_out_of_reach() {
    BackendEndDriver end = begun(with_admin);
    end.answer_terminate = [] { return cut; };
    end.answer_look = [] { return cut; };
    return end;
}

TEST(BackendEndOutOfSight, IsConfirmedByItsRowAlone) {
    BackendEndDriver end = begun(with_admin);
    end.terminated(Signal::sent);
    end.lost();
    end.answer_look = [] { return false; };
    end.pass(1s);
    ASSERT_TRUE(end.over());
    EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
    EXPECT_TRUE(end.gone_at());
}

TEST(BackendEndOutOfSight, IsNeverGivenUpOnWhileNobodyCanLook) {
    BackendEndDriver end = begun_out_of_reach();
    end.answer_cancel = true;
    end.lost();
    end.pass(10 * BackendEnd::give_up_looking);
    ASSERT_FALSE(end.over()) << "its connection says nothing about it";
    end.answer_terminate = [] { return Signal::sent; };
    end.answer_look = [] { return false; };
    end.pass(1s);
    ASSERT_TRUE(end.over());
    EXPECT_EQ(end.done()->confirmation, Confirmation::activity);
}

TEST(BackendEndOutOfSight, IsTerminatedAsSoonAsItCanBeReached) {
    BackendEndDriver end = begun_out_of_reach();
    end.lost();
    end.pass(1min);
    const int before = end.terminates;
    end.answer_terminate = [] { return Signal::sent; };
    end.pass(BackendEnd::ask_again_when_down);
    EXPECT_GT(end.terminates, before);
}

// It may be busy still with what it received, and the way for a CancelRequest may be open.
TEST(BackendEndOutOfSight, IsCancelledAgainAndAgain) {
    BackendEndDriver end = begun_out_of_reach();
    end.answer_cancel = true;
    end.lost();
    end.pass(BackendEnd::cancel_after);
    const int before = end.cancels;
    end.pass(10s);
    EXPECT_GE(end.cancels, before + 5);
}

TEST(BackendEndOutOfSight, IsUnconfirmedWithoutAnAdminLogin) {
    BackendEndDriver end = begun({.connected = true, .cancellable = true});
    end.lost();
    ASSERT_TRUE(end.over());
    EXPECT_EQ(end.done()->confirmation, Confirmation::unconfirmed);
    EXPECT_THAT(end.done()->detail, HasSubstr("admin_login"));
    EXPECT_EQ(end.gone_at(), std::nullopt);
}

}  // namespace
}  // namespace curfew::proxy

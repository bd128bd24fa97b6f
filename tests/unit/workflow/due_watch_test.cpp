// What becomes due is settled, whenever it was asked for.
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>

#include "desk_fixture.hpp"
#include "workflow/due_watch.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using policy::RequestStatus;

// The kernel does not wait for a clock that is moved by hand: it only ever comes to the watch's own hour.
class DueWatch : public DeskTest {
protected:
    explicit DueWatch(Duration spread = Duration::zero())
        : watch{context.get_executor(), clock, *store, *desk, spread} {
        boost::asio::co_spawn(context, watch.run(), [this](const std::exception_ptr&) { ended = true; });
    }
    ~DueWatch() override {
        watch.stop();
        context.restart();
        context.run_for(patience);
        EXPECT_TRUE(ended);
    }
    // Runs the loop until the request has this status.
    bool becomes(const policy::RequestId& id, RequestStatus status) {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (std::chrono::steady_clock::now() < until) {
            if (await(store->find_request(id)).value().request.status == status) return true;
        }
        return false;
    }

    bool ended = false;
    workflow::DueWatch watch;
};

class OneOfSeveralDueWatches : public DueWatch {
protected:
    OneOfSeveralDueWatches() : DueWatch{1h} {}
};

TEST_F(DueWatch, SettlesWhatWasAskedForAfterItBegan) {
    const auto first = ask("alice").value().request.id;
    clock.advance(1h);
    ask("bob").value();
    EXPECT_TRUE(becomes(first, RequestStatus::rejected));
}

TEST_F(DueWatch, SettlesWhatWasApprovedAfterItBegan) {
    const auto first = ask("alice").value().request.id;
    approve(first, "carol").value();
    clock.advance(1h);
    ask("bob").value();
    EXPECT_TRUE(becomes(first, RequestStatus::executed));
}

TEST_F(OneOfSeveralDueWatches, SettlesWhatIsLeftWhenItsTurnHasCome) {
    const auto first = ask("alice").value().request.id;
    clock.advance(2h);
    ask("bob").value();
    EXPECT_TRUE(becomes(first, RequestStatus::rejected));
}

}  // namespace
}  // namespace curfew::test

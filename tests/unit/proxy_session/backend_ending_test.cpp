// Ending backends that go, that do not, and that go on talking.
#include "proxy/backend_ending.hpp"

#include <gmock/gmock.h>

#include <boost/asio/post.hpp>

#include "message_stream.hpp"
#include "metrics/metrics.hpp"
#include "sockets.hpp"
#include "unit/proxy_streams/fake_upstream.hpp"

namespace curfew::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using proxy::BackendAdmin;
using proxy::BackendEnded;
using proxy::BackendEnding;
using proxy::BackendInQuestion;
using proxy::BootTimer;
using proxy::ResourceContext;
using proxy::Stream;
using store::Confirmation;
using testing::ElementsAre;
using testing::HasSubstr;
using Status = Stream::Status;

class EndingABackend : public testing::Test {
protected:
    Loop loop;
    SystemClock clock;
    BootTimer timer{loop.executor(), clock};
    FakeUpstream upstream{loop};
    StreamPair pair = local_pair(loop, Transport::plaintext);
    Stream& backend = pair.server;
    const std::string request = wire::cancel_request(4711, "four");

    BackendInQuestion in_question;
    std::optional<BackendEnding> ending;

    // `admin`: of a server that cannot be reached.
    std::future<BackendEnded> begin(Stream& server, bool with_admin = false,
                                    Duration cancel_timeout = 200ms) {
        auto resource = std::make_shared<ResourceContext>();
        resource->config.name = "db";
        resource->config.upstream = {"127.0.0.1", upstream.port()};
        resource->config.tls.mode = config::SslMode::disable;
        if (with_admin) {
            resource->config.admin_login = config::AdminLogin{"admin", std::nullopt, "postgres"};
            resource->admin = std::make_shared<BackendAdmin>(loop.executor(), clock, resource->config,
                                                             metrics.resource("db"), cancel_timeout);
            in_question.backend = {4711, "2026-11-24T14:05:00.123456Z"};
        }
        ending.emplace(server, std::move(resource), in_question, clock, timer, cancel_timeout);
        auto ended = loop.start(ending->run());
        loop.settle();
        return ended;
    }
    std::future<BackendEnded> begin() { return begin(pair.client); }
    void know_key() { in_question.key = postgres::BackendKey{4711, "four"}; }

    // Accepts a cancel request and deals with it.
    asio::awaitable<void> take_cancel() {
        co_await upstream.answer("");
        upstream.connections().back().close();
    }
    BackendEnded finish(std::future<BackendEnded>& task) {
        BackendEnded ended = loop.finish(task);
        EXPECT_FALSE(pair.client.is_open());
        expect_nothing_left();
        return ended;
    }
    // What refers to the BackendEnding, which goes now.
    void expect_nothing_left() {
        EXPECT_EQ(timer.next_due(), std::nullopt);
        ending.reset();
    }

    metrics::Metrics metrics{"test", "test"};
};

TEST_F(EndingABackend, HasNothingToDoWhereThereIsNone) {
    pair.client.close();
    auto task = begin();
    ASSERT_TRUE(test::is_over(task));
    const BackendEnded ended = finish(task);
    EXPECT_EQ(ended.confirmation, Confirmation::never_started);
    EXPECT_EQ(ended.gone_at, std::nullopt);
}

TEST_F(EndingABackend, ShutsDownAndSeesTheBackendGo) {
    const BootInstant begun = clock.boot_now();
    auto task = begin();
    std::string heard;
    EXPECT_EQ(loop.run(read_all(backend, heard)), Status::eof);
    EXPECT_FALSE(test::is_over(task));
    backend.close();
    const BackendEnded ended = finish(task);
    EXPECT_EQ(ended.confirmation, Confirmation::eof);
    ASSERT_TRUE(ended.gone_at);
    EXPECT_GE(*ended.gone_at, begun);
}

TEST_F(EndingABackend, SeesThatTheBackendWasGoneAlready) {
    backend.close();
    auto task = begin();
    EXPECT_EQ(finish(task).confirmation, Confirmation::eof);
}

TEST_F(EndingABackend, TakesAResetForAnEnd) {
    ASSERT_EQ(pair.client.try_write("never read").status, Status::ok);
    auto task = begin();
    backend.close();
    EXPECT_EQ(finish(task).confirmation, Confirmation::eof);
}

// Unread, it would keep the backend from going on to its end.
TEST_F(EndingABackend, ThrowsAwayWhatTheBackendStillSays) {
    auto task = begin();
    const std::string result = wire::message('D', std::string(3'000'000, 'r'));
    EXPECT_EQ(loop.run(backend.write_all(result)), Status::ok);
    EXPECT_FALSE(test::is_over(task));
    backend.close();
    EXPECT_EQ(finish(task).confirmation, Confirmation::eof);
}

TEST_F(EndingABackend, SeesTheEndInTls) {
    pair = local_pair(loop, Transport::tls);
    auto task = begin();
    EXPECT_EQ(loop.run(backend.write_all(pattern(300'000))), Status::ok);
    std::string heard;
    EXPECT_EQ(loop.run(read_all(backend, heard)), Status::eof);
    backend.shutdown_write();
    EXPECT_EQ(finish(task).confirmation, Confirmation::eof);
}

TEST_F(EndingABackend, CancelsWhatRuns) {
    know_key();
    auto cancelled = loop.start(take_cancel());
    auto task = begin();
    loop.finish(cancelled);
    EXPECT_THAT(upstream.packets(), ElementsAre(request));
    backend.close();
    EXPECT_EQ(finish(task).confirmation, Confirmation::eof);
}

TEST_F(EndingABackend, CancelsAgainAndAgain) {
    know_key();
    auto task = begin();
    for (int i = 0; i < 3; ++i)
        loop.run(take_cancel());
    EXPECT_THAT(upstream.packets(), ElementsAre(request, request, request));
    EXPECT_FALSE(test::is_over(task));
    backend.close();
    EXPECT_EQ(finish(task).confirmation, Confirmation::eof);
}

TEST_F(EndingABackend, CancelsAgainWhereACancelIsNotDealtWith) {
    know_key();
    auto task = begin(pair.client, false, 50ms);
    loop.run(upstream.answer(""));
    loop.run(upstream.answer(""));
    backend.close();
    EXPECT_EQ(finish(task).confirmation, Confirmation::eof);
}

TEST_F(EndingABackend, CancelsNothingWhereAnIdleBackendGoesByItself) {
    know_key();
    in_question.idle = true;
    auto task = begin();
    backend.close();
    EXPECT_EQ(finish(task).confirmation, Confirmation::eof);
    EXPECT_THAT(upstream.packets(), ElementsAre());
}

TEST_F(EndingABackend, CancelsWhereTheAdministrativeConnectionIsDown) {
    know_key();
    auto task = begin(pair.client, true);
    loop.run(take_cancel());
    EXPECT_THAT(upstream.packets(), ElementsAre(request));
    backend.close();
    loop.settle();
    EXPECT_FALSE(test::is_over(task));  // its row may outlive its socket
    ending->abandon();
    EXPECT_EQ(finish(task).confirmation, Confirmation::unconfirmed);
}

// --- abandon

TEST_F(EndingABackend, GivesUpWhenItIsToldTo) {
    auto task = begin();
    EXPECT_FALSE(test::is_over(task));
    ending->abandon();
    const BackendEnded ended = finish(task);
    EXPECT_EQ(ended.confirmation, Confirmation::unconfirmed);
    EXPECT_THAT(ended.detail, HasSubstr("stopped before"));
    EXPECT_EQ(ended.gone_at, std::nullopt);
    EXPECT_FALSE(loop.is_busy());
}

TEST_F(EndingABackend, GivesUpWhereItWasToldToBeforehand) {
    auto resource = std::make_shared<ResourceContext>();
    ending.emplace(pair.client, std::move(resource), in_question, clock, timer, 200ms);
    ending->abandon();
    auto task = loop.start(ending->run());
    EXPECT_EQ(finish(task).confirmation, Confirmation::unconfirmed);
}

// The answer to a question that was under way must set nothing going again: nobody is there any more.
TEST_F(EndingABackend, LeavesNothingBehindWhenItGivesUpDuringACancel) {
    know_key();
    auto task = begin();
    loop.run(upstream.answer(""));
    ending->abandon();
    loop.settle();
    EXPECT_FALSE(test::is_over(task));
    upstream.connections().back().close();
    EXPECT_EQ(finish(task).confirmation, Confirmation::unconfirmed);
    EXPECT_FALSE(loop.is_busy());
}

TEST_F(EndingABackend, LeavesNothingBehindWhenItGivesUpOnTheAdministrativeConnection) {
    for (int steps = 0; steps < 40; ++steps) {
        SCOPED_TRACE(std::to_string(steps) + " steps");
        pair = local_pair(loop, Transport::plaintext);
        auto resource = std::make_shared<ResourceContext>();
        resource->config.admin_login = config::AdminLogin{"admin", std::nullopt, "postgres"};
        resource->admin = std::make_shared<BackendAdmin>(loop.executor(), clock, resource->config,
                                                         metrics.resource("db"), 200ms);
        in_question.backend = {4711, "2026-11-24T14:05:00.123456Z"};
        ending.emplace(pair.client, std::move(resource), in_question, clock, timer, 200ms);
        auto task = loop.start(ending->run());
        for (int i = 0; i < steps; ++i)
            loop.step();
        ending->abandon();
        EXPECT_EQ(finish(task).confirmation, Confirmation::unconfirmed);
        EXPECT_FALSE(loop.is_busy());
    }
}

TEST_F(EndingABackend, GivesUpOnABackendThatNeverStopsTalking) {
    auto task = begin();
    const std::string row = wire::message('D', std::string(60'000, 'r'));
    const auto talk = [this, &row]() -> asio::awaitable<Status> {
        for (;;) {
            const Status status = co_await backend.write_all(row);
            if (status != Status::ok) co_return status;
        }
    };
    auto talking = loop.start(talk());
    for (int i = 0; i < 100; ++i)
        loop.step();
    ending->abandon();
    EXPECT_EQ(finish(task).confirmation, Confirmation::unconfirmed);
    EXPECT_EQ(loop.finish(talking), Status::failed);
}

// --- A flood

// A backend may send faster than it is read: the thread's other sessions go on all the same.
TEST_F(EndingABackend, LetsOthersHaveTheirTurnInAFlood) {
    HalfPair talker = flooded_half_pair(loop);
    if (stuff(talker.other) < flood) GTEST_SKIP() << "the sockets here hold too little for a flood";
    auto resource = std::make_shared<ResourceContext>();
    ending.emplace(talker.stream, std::move(resource), in_question, clock, timer, 200ms);
    auto task = loop.start(ending->run());
    std::size_t left = unread(talker.other);
    const std::size_t at_first = left;
    while (left == at_first) {
        ASSERT_TRUE(loop.step());
        left = unread(talker.other);
    }
    EXPECT_GT(left, 0U);
    talker.other.reset();
    EXPECT_EQ(loop.finish(task).confirmation, Confirmation::eof);
    expect_nothing_left();
}

}  // namespace
}  // namespace curfew::test

// What the store has answered stands, whatever happens next.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <vector>

#include "disk.hpp"
#include "sqlite_fixture.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;
using policy::EndCause;
using store::Confirmation;
using store::SqliteStore;

using Durability = SqliteStoreTest;

// How many flushes `work` took.
std::size_t flushes_for(const std::function<void()>& work) {
    const std::size_t before = disk::flushes();
    work();
    return disk::flushes() - before;
}

TEST_F(Durability, AnswersAChangeOnlyOnceItIsFlushed) {
    const store::SessionRecord session = start();
    const GrantId grant = session.grant;
    EXPECT_GE(flushes_for([&] { give(); }), 1U);
    EXPECT_GE(flushes_for([&] { await(store->extend_grant(grant, 1h, "root")).value(); }), 1U);
    EXPECT_GE(flushes_for([&] { await(store->revoke_grant(grant, "bob", "")).value(); }), 1U);
    EXPECT_GE(flushes_for([&] { await(store->session_started(new_session(grant))).value(); }), 1U);
    EXPECT_GE(flushes_for([&] { await(store->session_ending(session.id, EndCause::failed)).value(); }), 1U);
    EXPECT_GE(flushes_for([&] {
                  await(store->session_ended({session.id, EndCause::failed, Confirmation::eof, {}})).value();
              }),
              1U);
    EXPECT_GE(flushes_for([&] { await(store->check_health()).value(); }), 1U);
}

TEST_F(Durability, FlushesNothingToRead) {
    start();
    EXPECT_EQ(flushes_for([&] {
                  await(store->grants(true)).value();
                  await(store->unfinished_sessions("node-a")).value();
                  (void)await(store->list_sessions({}, {10})).value();
              }),
              0U);
}

TEST_F(Durability, FlushesOnceForAllThatWaitsTogether) {
    const GrantId grant = give().grant.id;
    std::vector<SessionId> ids;
    std::vector<store::Awaitable<Result<void>>> starts;
    for (int i = 0; i < 500; ++i) {
        const store::SessionRecord session = new_session(grant);
        ids.push_back(session.id);
        starts.push_back(store->session_started(session));
    }
    for (const Result<void>& started : await_all(std::move(starts)))
        ASSERT_TRUE(started);

    asio::io_context context{1};
    const std::size_t before = disk::flushes();
    disk::Held held;
    auto first = test::start(context, store->check_health());
    context.poll();
    ASSERT_TRUE(held.wait_until_flushing());
    std::vector<std::future<Result<void>>> ends;
    for (const SessionId& id : ids) {
        const store::SessionEnd end{id, EndCause::grant_expired, Confirmation::activity, {}};
        ends.push_back(test::start(context, store->session_ended(end)));
    }
    context.poll();
    held.release();
    context.run();
    for (auto& end : ends)
        EXPECT_TRUE(end.get());
    // The first one, then all the others; and at most one checkpoint, which flushes the log and the database.
    EXPECT_LE(disk::flushes() - before, 4U);
    EXPECT_TRUE(await(store->unfinished_sessions("node-a"))->empty());
}

// What of a directory's files would be left after the power went: each file as it was last flushed, those
// that were deleted only once the directory was.
class Flushed {
public:
    explicit Flushed(fs::path watched) : watched_{std::move(watched)} {}

    // Opens the store on what is left.
    std::shared_ptr<SqliteStore> after_power_loss(const Clock& clock) {
        after_.emplace("curfew-after");
        fs::copy(copies_.path(), after_->path());
        return SqliteStore::open(*after_ / "curfew.db", clock).value();
    }

private:
    void see(int descriptor) {
        const fs::path file = fs::read_symlink("/proc/self/fd/" + std::to_string(descriptor));
        if (file == watched_) {
            for (const fs::path& copy : std::vector<fs::path>(fs::directory_iterator{copies_.path()}, {})) {
                if (!fs::exists(watched_ / copy.filename())) fs::remove(copy);
            }
        } else if (file.parent_path() == watched_) {
            fs::copy_file(file, copies_ / file.filename().string(), fs::copy_options::overwrite_existing);
        }
    }

    const fs::path watched_;
    TemporaryDirectory copies_{"curfew-flushed"};
    std::optional<TemporaryDirectory> after_;
    disk::WatchedFlushes watch_{[this](int descriptor) { see(descriptor); }};
};

TEST_F(Durability, SurvivesALossOfPowerAtEveryAnswer) {
    close();
    fs::remove(path());
    Flushed flushed{path().parent_path()};
    reopen();
    for (int round = 0; round < 5; ++round) {
        const GrantId grant = give().grant.id;
        auto found = await(flushed.after_power_loss(clock)->grants(false)).value();
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(found.front().grant.id, grant);

        const store::SessionRecord session = new_session(grant);
        await(store->session_started(session)).value();
        auto unfinished = await(flushed.after_power_loss(clock)->unfinished_sessions("node-a")).value();
        ASSERT_EQ(unfinished.size(), 1U);
        EXPECT_EQ(unfinished.front().id, session.id);

        await(store->revoke_grant(grant, "bob", "")).value();
        EXPECT_TRUE(await(flushed.after_power_loss(clock)->grants(false))->empty());

        await(store->session_ended({session.id, EndCause::failed, Confirmation::eof, {}})).value();
        EXPECT_TRUE(await(flushed.after_power_loss(clock)->unfinished_sessions("node-a"))->empty());
    }
}

}  // namespace
}  // namespace curfew::test

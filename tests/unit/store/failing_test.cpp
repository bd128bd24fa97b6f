// What the store does when it cannot: says so, changes nothing by half, and is back by itself.
#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>

#include "disk.hpp"
#include "sqlite_fixture.hpp"

namespace curfew::test {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using namespace std::chrono_literals;
using policy::EndCause;
using store::Confirmation;
using testing::ElementsAre;
using testing::HasSubstr;

class FailingStore : public SqliteStoreTest {
protected:
    FailingStore() {
        options.busy_timeout = 20ms;
        reopen();
        session = start();
    }

    // Everything that writes is away, for this reason; what only reads is not.
    void expect_unavailable(const std::string& why) {
        const auto away = [&](const auto& answer) {
            ASSERT_FALSE(answer);
            EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
            EXPECT_THAT(answer.error().message, HasSubstr(why));
            EXPECT_THAT(answer.error().message, HasSubstr(path().string()));
        };
        away(await(store->add_grant(new_grant())));
        away(await(store->revoke_grant(session.grant, "bob", "")));
        away(await(store->extend_grant(session.grant, 1h, "root")));
        away(await(store->session_started(new_session(session.grant))));
        away(await(store->session_ending(session.id, EndCause::failed)));
        away(await(store->session_ended({session.id, EndCause::failed, Confirmation::eof, {}})));
        away(await(store->check_health()));
        expect_nothing_changed();
    }
    void expect_nothing_changed() {
        EXPECT_THAT(current_grants(), ElementsAre(session.grant));
        EXPECT_EQ(look_up(session.grant).remaining, 1h);
        EXPECT_EQ(await(store->list_sessions({}, {10}))->sessions.size(), 1U);
        EXPECT_EQ(look_up(session.id).state, store::SessionState::live);
        EXPECT_TRUE(await(store->installation_secret()));
    }
    void expect_available() {
        EXPECT_TRUE(await(store->check_health()));
        EXPECT_TRUE(await(store->session_ended({session.id, EndCause::failed, Confirmation::eof, {}})));
        reopen();
        EXPECT_EQ(look_up(session.id).state, store::SessionState::ended);
    }

    store::SessionRecord session;
};

TEST_F(FailingStore, IsAwayWhileAnotherProcessHoldsTheFile) {
    SQLite::Database other{path().string(), SQLite::OPEN_READWRITE};
    other.exec("BEGIN IMMEDIATE");
    expect_unavailable("is held by another process");
    other.exec("ROLLBACK");
    expect_available();
}

TEST_F(FailingStore, WaitsForAnotherProcessThatIsDoneSoon) {
    options.busy_timeout = patience;
    reopen();
    SQLite::Database other{path().string(), SQLite::OPEN_READWRITE};
    other.exec("BEGIN IMMEDIATE");
    asio::io_context context{1};
    auto answer = test::start(context, store->check_health());
    context.poll();
    other.exec("COMMIT");
    context.run();
    EXPECT_TRUE(answer.get());
}

TEST_F(FailingStore, IsAwayWhileTheDiskIsFull) {
    {
        const disk::Full full;
        expect_unavailable("is full; free some space");
    }
    expect_available();
}

TEST_F(FailingStore, IsAwayWhileTheDiskFails) {
    {
        const disk::Broken broken;
        expect_unavailable("look at the disk");
    }
    expect_available();
}

TEST_F(FailingStore, IsAwayWhileItsFileIsNotInItsPlace) {
    const fs::path elsewhere = path().string() + ".elsewhere";
    fs::rename(path(), elsewhere);
    expect_unavailable("was moved or deleted");
    fs::rename(elsewhere, path());
    expect_available();
}

TEST_F(FailingStore, ReadsWhatIsInABatchThatCannotBeWritten) {
    const disk::Full full;
    asio::io_context context{1};
    auto written = test::start(context, store->add_grant(new_grant()));
    auto read = test::start(context, store->grants(true));
    context.run();
    EXPECT_FALSE(written.get());
    EXPECT_EQ(read.get()->size(), 1U) << "without what could not be written";
}

TEST_F(FailingStore, FailsEverythingThatWasToBeInTheSameCommit) {
    asio::io_context context{1};
    std::vector<std::future<Result<store::GrantCountdown>>> answers;
    std::future<Result<std::vector<store::GrantCountdown>>> list;
    {
        disk::Held held;
        answers.push_back(test::start(context, store->add_grant(new_grant())));
        context.poll();
        ASSERT_TRUE(held.wait_until_flushing());
        // These wait for each other's commit, which will fail, as does the one that is under way.
        for (int i = 0; i < 3; ++i)
            answers.push_back(test::start(context, store->add_grant(new_grant())));
        list = test::start(context, store->grants(true));
        context.poll();
        const disk::Broken broken;
        held.release();
        context.run();
    }
    for (auto& answer : answers)
        EXPECT_EQ(answer.get().error().code, ErrorCode::unavailable);
    EXPECT_EQ(list.get()->size(), 1U) << "what was not committed is not shown either";
    expect_nothing_changed();
    expect_available();
}

TEST_F(FailingStore, RefusesOneOfABatchWithoutHarmToTheOthers) {
    asio::io_context context{1};
    std::future<Result<store::GrantCountdown>> unknown, good, invalid;
    {
        disk::Held held;
        auto first = test::start(context, store->check_health());
        context.poll();
        ASSERT_TRUE(held.wait_until_flushing());
        unknown = test::start(context, store->revoke_grant(GrantId::generate(), "bob", ""));
        good = test::start(context, store->add_grant(new_grant("carol")));
        invalid = test::start(context, store->add_grant(new_grant("dave", 0s)));
        context.poll();
        held.release();
        context.run();
    }
    EXPECT_EQ(unknown.get().error().code, ErrorCode::not_found);
    EXPECT_EQ(invalid.get().error().code, ErrorCode::invalid);
    const GrantId id = good.get()->grant.id;
    reopen();
    EXPECT_THAT(current_grants(), ElementsAre(id, session.grant));
}

}  // namespace
}  // namespace curfew::test

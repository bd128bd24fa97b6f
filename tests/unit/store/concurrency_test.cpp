// Many callers on many threads; none of them waits for the disk, each resumes where it was.
#include <gmock/gmock.h>

#include <SQLiteCpp/Database.h>

#include <atomic>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "disk.hpp"
#include "sqlite_fixture.hpp"

namespace curfew::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using policy::EndCause;
using store::Confirmation;

using Callers = SqliteStoreTest;

// A session's whole life; true if every step of it was answered on the thread that asked.
asio::awaitable<bool> live(store::Store& store, GrantId grant, std::string node) {
    const auto here = std::this_thread::get_id();
    const store::SessionRecord session = new_session(grant, node);
    (co_await store.session_started(session)).value();
    bool stayed = std::this_thread::get_id() == here;
    (co_await store.session_ending(session.id, EndCause::grant_expired)).value();
    stayed = stayed && std::this_thread::get_id() == here;
    const store::SessionEnd end{session.id, EndCause::grant_expired, Confirmation::activity, {}};
    (co_await store.session_ended(end)).value();
    stayed = stayed && std::this_thread::get_id() == here;
    co_return stayed;
}

TEST_F(Callers, OnManyThreadsEachResumeWhereTheyWere) {
    const GrantId grant = give().grant.id;
    std::atomic<int> stayed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, node = "node-" + std::to_string(i)] {
            std::vector<store::Awaitable<bool>> lives;
            for (int session = 0; session < 25; ++session)
                lives.push_back(live(*store, grant, node));
            for (const bool one : await_all(std::move(lives)))
                stayed += one ? 1 : 0;
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(stayed, 8 * 25);
    EXPECT_EQ(await(store->list_sessions({}, {1000}))->sessions.size(), 200U);
    for (int i = 0; i < 8; ++i)
        EXPECT_TRUE(await(store->unfinished_sessions("node-" + std::to_string(i)))->empty());
}

TEST_F(Callers, ThatRevokeTheSameGrantAtATimeSucceedOnce) {
    const GrantId grant = give().grant.id;
    std::atomic<int> revoked{0};
    std::atomic<int> refused{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, by = "person-" + std::to_string(i)] {
            const auto answer = await(store->revoke_grant(grant, by, ""));
            if (answer) ++revoked;
            if (!answer && answer.error().code == ErrorCode::conflict) ++refused;
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(revoked, 1);
    EXPECT_EQ(refused, 7);
}

TEST_F(Callers, DoNotWaitForTheDisk) {
    asio::io_context context{1};
    disk::Held held;
    auto answer = test::start(context, store->add_grant(new_grant()));
    context.poll();
    ASSERT_TRUE(held.wait_until_flushing());
    bool went_on = false;
    asio::post(context, [&] { went_on = true; });
    context.poll();
    EXPECT_TRUE(went_on);
    EXPECT_EQ(answer.wait_for(0s), std::future_status::timeout) << "nor are they answered too early";
    held.release();
    context.run();
    EXPECT_TRUE(answer.get());
}

TEST_F(Callers, AreAnsweredByAStoreThatCloses) {
    asio::io_context context{1};
    std::vector<std::future<Result<store::GrantCountdown>>> answers;
    for (int i = 0; i < 50; ++i)
        answers.push_back(test::start(context, store->add_grant(new_grant())));
    context.poll();
    close();
    context.run();
    for (auto& answer : answers)
        EXPECT_TRUE(answer.get());
    reopen();
    EXPECT_EQ(current_grants().size(), 50U);
}

TEST_F(Callers, ThatAreCancelledHaveWhatTheyAskedForDone) {
    asio::io_context context{1};
    asio::cancellation_signal cancel;
    disk::Held held;
    auto answer = test::start(context, store->add_grant(new_grant()), cancel.slot());
    context.poll();
    ASSERT_TRUE(held.wait_until_flushing());
    cancel.emit(asio::cancellation_type::all);
    context.poll();
    EXPECT_EQ(answer.wait_for(0s), std::future_status::timeout);
    held.release();
    context.run();
    EXPECT_TRUE(answer.get());
    EXPECT_EQ(current_grants().size(), 1U);
}

TEST_F(Callers, OfEveryOperationAreTimed) {
    std::mutex mutex;
    std::map<std::string, Duration> took;
    options.observer = [&](std::string_view operation, Duration duration) {
        const std::lock_guard lock{mutex};
        took[std::string{operation}] += duration;
    };
    reopen();
    const store::SessionRecord session = start();
    await(store->session_ending(session.id, EndCause::failed)).value();
    await(store->session_ended({session.id, EndCause::failed, Confirmation::eof, {}})).value();
    await(store->extend_grant(session.grant, 1h, "root")).value();
    await(store->revoke_grant(session.grant, "bob", "")).value();
    EXPECT_FALSE(await(store->revoke_grant(session.grant, "bob", "")));
    await(store->grants(false)).value();
    await(store->unfinished_sessions("node-a")).value();
    await(store->list_sessions({}, {1})).value();
    await(store->check_health()).value();
    await(store->installation_secret()).value();
    close();
    std::set<std::string> names;
    for (const auto& [name, duration] : took) {
        names.insert(name);
        EXPECT_GT(duration, 0s) << name;
        EXPECT_LT(duration, patience) << name;
    }
    EXPECT_EQ(names,
              (std::set<std::string>{"add_grant", "check_health", "extend_grant", "grants",
                                     "installation_secret", "list_sessions", "revoke_grant", "session_ended",
                                     "session_ending", "session_started", "unfinished_sessions"}));
}

// Years of it: what is asked all the time must not read all of it.
TEST_F(Callers, DoNotPayForWhatIsOver) {
    const GrantId grant = give(new_grant("alice", 24h)).grant.id;
    close();
    {
        SQLite::Database database{path().string(), SQLite::OPEN_READWRITE};
        database.exec(R"sql(
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
            INSERT INTO grants (id, subject, resource, starts_at_ms, ends_at_ms, allow_replication, reason,
                                given_by, given_at_ms, ended)
            SELECT printf('g-%08d', i), 'alice', 'prod-postgres', i, i + 1, 0, hex(randomblob(50)), 'root', i, 1
            FROM n;
            INSERT INTO sessions (id, grant_id, user_name, resource, database_name, node, client_address,
                                  application_name, backend_pid, backend_started, started_at_ms, state,
                                  ended_at_ms, cause, confirmation, detail)
            SELECT printf('s-%08d', seq), id, 'alice', 'prod-postgres', 'orders', 'node-a', '192.0.2.7:50123',
                   'psql', 4711, '2026-11-24T14:05:00.123456Z', 1, 'ended', 2, 'grant_expired', 'activity', ''
            FROM grants;
        )sql");
    }
    ASSERT_GT(std::filesystem::file_size(path()), 10'000'000U);
    reopen();
    const store::SessionRecord session = new_session(grant);
    await(store->session_started(session)).value();
    const std::size_t before = disk::bytes_read();
    EXPECT_THAT(current_grants(), testing::ElementsAre(grant));
    EXPECT_EQ(await(store->unfinished_sessions("node-a"))->size(), 1U);
    EXPECT_EQ(await(store->list_sessions({}, {20}))->sessions.size(), 20U);
    EXPECT_EQ(await(store->list_events({}, {20}))->events.size(), 2U);
    await(store->check_health()).value();
    await(store->session_ended({session.id, EndCause::failed, Confirmation::eof, {}})).value();
    EXPECT_LT(disk::bytes_read() - before, 300'000U);
}

// A list that has next to nothing of what there is does not keep others waiting while all of it is looked at.
TEST_F(Callers, AreGivenAPageBeforeAllOfAListWasLookedAt) {
    const SessionId old = start().id;
    close();
    {
        SQLite::Database database{path().string(), SQLite::OPEN_READWRITE};
        database.exec(R"sql(
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15000)
            INSERT INTO sessions (id, grant_id, user_name, resource, database_name, node, client_address,
                                  application_name, backend_pid, backend_started, started_at_ms, state,
                                  ended_at_ms, cause, confirmation, detail)
            SELECT printf('s-%08d', i), grant_id, 'bob', resource, 'orders', 'node-a', '', '', 1, '', 1,
                   'ended', 2, 'failed', 'eof', ''
            FROM n, sessions WHERE user_name = 'alice';
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15000)
            INSERT INTO events (at_ms, kind, id, actor, summary, hash)
            SELECT 2000000000000, 'token.made', 't-00000000', 'bob', '{}', zeroblob(32) FROM n;
        )sql");
    }
    reopen();
    const auto sessions = await(store->list_sessions({"alice"}, {20})).value();
    EXPECT_TRUE(sessions.sessions.empty());
    ASSERT_TRUE(sessions.next);
    const auto rest = await(store->list_sessions({"alice"}, {20, *sessions.next})).value();
    ASSERT_EQ(rest.sessions.size(), 1U);
    EXPECT_EQ(rest.sessions[0].record.id, old);
    EXPECT_EQ(rest.next, std::nullopt);

    const auto events = await(store->list_events({"session"}, {20})).value();
    EXPECT_TRUE(events.events.empty());
    ASSERT_TRUE(events.next);
    EXPECT_EQ(await(store->list_events({"session"}, {20, *events.next})).value().events.size(), 1U);
    store::EventFilter late{"session"};
    late.oldest_first = true;
    late.to = clock.wall_now() + 1ms;
    EXPECT_EQ(await(store->list_events(late, {20})).value().next, std::nullopt)
        << "nothing later is looked at";
    late.to.reset();
    const auto first = await(store->list_events(late, {20})).value();
    EXPECT_EQ(first.events.size(), 1U);
    ASSERT_TRUE(first.next);
    EXPECT_EQ(await(store->list_events(late, {20, *first.next})).value().next, std::nullopt);
}

}  // namespace
}  // namespace curfew::test

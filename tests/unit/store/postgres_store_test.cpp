// What a store in PostgreSQL promises beside what every store does: to many nodes at once.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <thread>

#include "postgres_backend.hpp"
#include "pq/connection.hpp"
#include "store/postgres/schema.hpp"
#include "store/postgres/setup_script.hpp"
#include "store_fixture.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::EventNumber;
using store::PostgresStore;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Waits until a watcher was told of an event.
class Told {
public:
    explicit Told(store::Store& store) : store_{store} {
        watch_ = store.watch_events([this](EventNumber last) {
            ++times_;
            last_ = last;
            last_.notify_all();
        });
    }
    ~Told() { store_.stop_watching(watch_); }

    // False if it was not in time.
    bool reaches(EventNumber number) {
        auto reached = std::async(std::launch::async, [this, number] {
            for (EventNumber last = last_; last < number; last = last_)
                last_.wait(last);
        });
        if (reached.wait_for(patience) == std::future_status::ready) return true;
        last_ = number;
        last_.notify_all();
        return false;
    }

    EventNumber last() const { return last_; }
    int times() const { return times_; }

private:
    store::Store& store_;
    store::EventStore::WatchNumber watch_ = 0;
    std::atomic<EventNumber> last_{0};
    std::atomic<int> times_{0};
};

class PostgresStores : public testing::Test {
protected:
    std::shared_ptr<PostgresStore> open() { return PostgresStore::open(database.target(), clock).value(); }
    void give(store::Store& store, const std::string& user = "alice") {
        await(store.add_grant(new_grant(user))).value();
    }
    // Every connection that nodes have.
    void cut_all() {
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'curfewd'");
    }

    PostgresDatabase database;
    SystemClock clock;
};

TEST_F(PostgresStores, AreMadeOnceByNodesThatStartTogether) {
    std::vector<std::future<bool>> nodes;
    for (int i = 0; i < 6; ++i) {
        nodes.push_back(std::async(std::launch::async, [this] {
            return PostgresStore::open(database.target(), clock).has_value();
        }));
    }
    for (auto& node : nodes)
        EXPECT_TRUE(node.get());
    EXPECT_EQ(database.value("SELECT version FROM curfew.schema_version"),
              std::to_string(store::postgres_schema_version()));
    EXPECT_EQ(database.value("SELECT count(*) FROM curfew.installation"), "1");
}

TEST_F(PostgresStores, ShowEachNodeWhatAnotherWrote) {
    const auto a = open();
    const auto b = open();
    give(*a);
    EXPECT_EQ(await(b->grants(false)).value().size(), 1U);
    EXPECT_EQ(await(a->installation_secret()).value().reveal(),
              await(b->installation_secret()).value().reveal());
}

TEST_F(PostgresStores, TellNodesWhatAnotherWrote) {
    const auto a = open();
    const auto b = open();
    Told told{*a};
    give(*b);
    EXPECT_TRUE(told.reaches(1));
}

TEST_F(PostgresStores, HoldBackTheNewsThatCanWait) {
    store::PostgresOptions options;
    options.pace.hold_back = 1h;
    options.pace.catch_up = 1h;
    const auto a = PostgresStore::open(database.target(), clock, options).value();
    Told told{*a};
    const auto grant = await(a->add_grant(new_grant())).value().grant.id;
    ASSERT_TRUE(told.reaches(1));
    const int times = told.times();
    for (int i = 0; i < 5; ++i)
        await(a->session_started(new_session(grant))).value();
    await(a->revoke_grant(grant, "bob", "")).value();
    EXPECT_TRUE(told.reaches(7)) << "with what cannot";
    EXPECT_EQ(told.times(), times + 1);
}

TEST_F(PostgresStores, TellWhatCouldWaitSoonAfter) {
    const auto a = open();
    const auto grant = await(a->add_grant(new_grant())).value().grant.id;
    Told told{*a};
    await(a->session_started(new_session(grant))).value();
    EXPECT_TRUE(told.reaches(2));
}

// Anybody who gets into the database can notify.
TEST_F(PostgresStores, PayNoHeedToNewsThatCannotBe) {
    const auto a = open();
    Told told{*a};
    for (const auto* text : {"18446744073709551615", "999999999", "9000", "-1", "", "never", "7000 later"})
        database.execute(std::string{"SELECT pg_notify('curfew_events', '"} + text + "')");
    give(*a);
    EXPECT_TRUE(told.reaches(1));
    EXPECT_EQ(told.last(), 1U);
}

TEST_F(PostgresStores, MakeUpForTheNewsThatALostConnectionMissed) {
    const auto a = open();
    Told told{*a};
    give(*a);
    ASSERT_TRUE(told.reaches(1));
    cut_all();
    database.execute(
        "INSERT INTO curfew.events (number, at_ms, kind, id, actor, summary, hash) "
        "VALUES (2, 1, 'grant.revoked', 'g-1', '', '{}', sha256(''))");  // without a notification
    EXPECT_TRUE(told.reaches(2));
}

TEST_F(PostgresStores, GoOnByThemselvesAfterTheirConnectionsWereCut) {
    const auto a = open();
    give(*a);
    cut_all();
    // Nothing was asked by the lost one yet, so nothing is to fail.
    const auto again = await(a->add_grant(new_grant("bob")));
    EXPECT_TRUE(again) << again.error().message;
}

TEST_F(PostgresStores, NumberEventsInTheOrderInWhichTheyCanBeSeen) {
    const auto a = open();
    const auto b = open();
    constexpr int each = 100;
    const auto write = [this](store::Store& store) {
        for (int i = 0; i < each; ++i)
            give(store);
    };
    auto first = std::async(std::launch::async, [&] { write(*a); });
    auto second = std::async(std::launch::async, [&] { write(*b); });
    // Whoever goes on after the last number that there was must miss none.
    const auto reader = open();
    std::vector<EventNumber> seen;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (seen.size() < std::size_t{2} * each && std::chrono::steady_clock::now() < deadline) {
        const EventNumber after = seen.empty() ? 0 : seen.back();
        for (const auto& event : await(reader->events_since(after, 1000)).value())
            seen.push_back(event.number);
    }
    first.get();
    second.get();
    EXPECT_EQ(database.value("SELECT count(*) FROM curfew.events"), std::to_string(seen.size()));
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST_F(PostgresStores, CountByPostgresqlsClockAlone) {
    class Wrong final : public Clock {
    public:
        BootInstant boot_now() const noexcept override { return clock_.boot_now(); }
        WallInstant wall_now() const noexcept override { return clock_.wall_now() + 5h; }

    private:
        SystemClock clock_;
    };
    const Wrong wrong;
    const auto a = PostgresStore::open(database.target(), wrong).value();
    const auto given = await(a->add_grant(new_grant("alice", 1h))).value();
    EXPECT_LE(given.remaining, 1h);
    EXPECT_GT(given.remaining, 59min);
    EXPECT_EQ(database.value(
                  "SELECT abs(extract(epoch FROM now()) - starts_at_ms / 1000.0) < 60 FROM curfew.grants"),
              "t");
}

TEST_F(PostgresStores, HaveSessionsOfEachNodeToItself) {
    const auto a = open();
    const GrantId grant = await(a->add_grant(new_grant())).value().grant.id;
    const auto here = new_session(grant, "node-a");
    await(a->session_started(here)).value();
    await(a->session_started(new_session(grant, "node-b"))).value();
    const auto unfinished = await(a->unfinished_sessions("node-a")).value();
    ASSERT_EQ(unfinished.size(), 1U);
    EXPECT_EQ(unfinished.front().id, here.id);
}

TEST_F(PostgresStores, RefuseTablesOfANewerVersion) {
    open();
    database.execute("UPDATE curfew.schema_version SET version = 1000");
    const auto opened = PostgresStore::open(database.target(), clock);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::invalid);
    EXPECT_THAT(opened.error().message, HasSubstr("version 1000"));
}

TEST_F(PostgresStores, SayThatNoServerAnswers) {
    const auto target =
        store::read_postgres_target("host=127.0.0.1 port=1 dbname=access", {}, "curfewd").value();
    const auto opened = PostgresStore::open(target, clock);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::unavailable);
    EXPECT_THAT(opened.error().message, HasSubstr("access on 127.0.0.1:1"));
}

TEST_F(PostgresStores, TellWhatSomebodyMustMendFromWhatMayPass) {
    const auto code = [this](const std::string& connection_string) {
        const auto target = store::read_postgres_target(connection_string, {}, "curfewd").value();
        const auto opened = PostgresStore::open(target, clock);
        EXPECT_FALSE(opened);
        return opened.error().code;
    };
    const std::string server = "host=127.0.0.1 port=" + std::to_string(store_cluster().port());
    EXPECT_EQ(code(server + " user=postgres dbname=nowhere"), ErrorCode::invalid) << "3D000";
    EXPECT_EQ(code(server + " user=nobody dbname=" + database.name()), ErrorCode::invalid) << "28000";
    EXPECT_EQ(code("host=127.0.0.1 port=1 dbname=nowhere"), ErrorCode::unavailable);
    const std::string two = "host=127.0.0.1,127.0.0.1 port=1," + std::to_string(store_cluster().port());
    EXPECT_EQ(code(two + " user=postgres dbname=nowhere"), ErrorCode::unavailable)
        << "the other server may come back and be the right one";
}

// libpq keeps up to 30,000 bytes of what a server says before it knows who asks.
TEST(SqlState, IsFoundInWhateverAServerSays) {
    std::string said = "FATAL:  28P01: password failed\nLOCATION:  " + std::string(30'000, 'x');
    EXPECT_EQ(pq::take_sqlstate(said), "28P01");
    EXPECT_EQ(said, "FATAL:  password failed");
    said =
        "one: FATAL:  3D000: no database\nLOCATION:  a, b:1\ntwo: FATAL:  57P03: starting\nLOCATION:  c, "
        "d:2\n";
    EXPECT_EQ(pq::take_sqlstate(said), "3D000");
    EXPECT_EQ(said, "one: FATAL:  no database\ntwo: FATAL:  starting");
    said = "could not connect:  it: is away";
    EXPECT_EQ(pq::take_sqlstate(said), "");
    EXPECT_EQ(said, "could not connect:  it: is away");
}

TEST_F(PostgresStores, SayWhyAServerRefusesWithoutItsPlaceInTheSource) {
    const auto target = store::read_postgres_target(
        "host=127.0.0.1 port=" + std::to_string(store_cluster().port()) + " user=postgres dbname=nowhere", {},
        "curfewd");
    const auto opened = PostgresStore::open(target.value(), clock);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, HasSubstr("FATAL:  database \"nowhere\" does not exist (3D000)"));
}

// Roles of `curfew admin store-sql`.
class StoreRoles : public PostgresStores {
protected:
    StoreRoles() {
        run_script();
        database.execute(
            "DROP ROLE IF EXISTS node_login; CREATE ROLE node_login LOGIN IN ROLE curfew_node;"
            "DROP ROLE IF EXISTS auditor_login; CREATE ROLE auditor_login LOGIN IN ROLE curfew_auditor");
    }
    void run_script() {
        const auto file = directory / "store.sql";
        std::ofstream{file} << store::postgres_setup_script();
        Process psql{{PostgresCluster::program("psql").string(), "-X", "-q", "-f", file.string(),
                      store_cluster().conninfo("postgres", database.name())}};
        EXPECT_TRUE(psql.wait().success()) << psql.output(Process::Stream::err);
    }
    store::PostgresTarget as(const std::string& role) {
        return store::read_postgres_target(store_cluster().tcp_conninfo(role, database.name()), {}, "curfewd")
            .value();
    }
    std::string failure_of(const std::string& role, const std::string& sql) {
        PgConnection connection{store_cluster().conninfo(role, database.name())};
        return connection.failure(sql).sqlstate();
    }

    TemporaryDirectory directory{"curfew-store-sql"};
};

TEST_F(StoreRoles, SufficeForANode) {
    const auto store = PostgresStore::open(as("node_login"), clock);
    ASSERT_TRUE(store) << store.error().message;
    give(**store);
    EXPECT_TRUE(await((*store)->check_health()));
}

TEST_F(StoreRoles, MayBeMadeAgain) {
    run_script();
    EXPECT_EQ(database.value("SELECT version FROM curfew.schema_version"),
              std::to_string(store::postgres_schema_version()));
}

TEST_F(StoreRoles, LetANodeNeitherForgeHistoryNorChangeTables) {
    for (const char* sql : {"DELETE FROM curfew.events", "UPDATE curfew.events SET actor = 'somebody'",
                            "DELETE FROM curfew.grants", "DROP TABLE curfew.grants",
                            "CREATE TABLE curfew.x (i int)", "UPDATE curfew.schema_version SET version = 0"})
        EXPECT_EQ(failure_of("node_login", sql), "42501") << sql;
}

TEST_F(StoreRoles, LetAnAuditorReadNoSecret) {
    PgConnection auditor{store_cluster().conninfo("auditor_login", database.name())};
    EXPECT_NO_THROW(auditor.exec("SELECT id, subject, reason FROM curfew.grants"));
    EXPECT_NO_THROW(auditor.exec("SELECT * FROM curfew.events"));
    for (const char* sql :
         {"SELECT verifier FROM curfew.grants", "SELECT * FROM curfew.passwords",
          "SELECT * FROM curfew.tokens", "SELECT secret FROM curfew.installation",
          "INSERT INTO curfew.events (number, at_ms, kind, id, actor, summary, hash) VALUES "
          "(100, 1, 'x', '', '', '{}', sha256(''))"})
        EXPECT_EQ(failure_of("auditor_login", sql), "42501") << sql;
}

TEST_F(PostgresStores, TellWhoMayNotMakeThemWhatToDo) {
    database.execute("DROP ROLE IF EXISTS nobody_login; CREATE ROLE nobody_login LOGIN");
    const auto target = store::read_postgres_target(
                            store_cluster().tcp_conninfo("nobody_login", database.name()), {}, "curfewd")
                            .value();
    const auto opened = PostgresStore::open(target, clock);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, HasSubstr("curfew admin store-sql"));
}

}  // namespace
}  // namespace curfew::test

// What a store in PostgreSQL promises beside what every store does: to many nodes at once.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <set>
#include <thread>

#include "deliveries_fixture.hpp"
#include "postgres_backend.hpp"
#include "pq/connection.hpp"
#include "request_fixture.hpp"
#include "store/postgres/schema.hpp"
#include "store/postgres/setup_script.hpp"
#include "store/postgres/tables.hpp"
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

TEST_F(PostgresStores, GiveEachNodeNotificationsThatNoOtherSends) {
    const auto a = open();
    const auto b = open();
    const auto place = await(a->place_of_notifier("slack")).value();
    std::vector<store::NewDelivery> many;
    for (int i = 0; i < 100; ++i)
        many.push_back(new_delivery(1, "kind", "person" + std::to_string(i)));
    await(a->take_in_events("slack", place, place, {many, {}})).value();
    const auto claim_all = [](store::Store& node, const std::string& name) {
        std::vector<std::string> recipients;
        for (;;) {
            const auto claimed = await(node.claim_deliveries("slack", name, 1min, 3)).value();
            if (claimed.empty()) return recipients;
            for (const auto& one : claimed)
                recipients.push_back(one.delivery.recipient);
        }
    };
    auto other = std::async(std::launch::async, [&] { return claim_all(*b, "node-b"); });
    std::vector<std::string> recipients = claim_all(*a, "node-a");
    for (std::string& recipient : other.get())
        recipients.push_back(std::move(recipient));
    EXPECT_EQ(recipients.size(), 100U);
    EXPECT_EQ((std::set<std::string>{recipients.begin(), recipients.end()}).size(), 100U);
}

TEST_F(PostgresStores, OfThePreviousVersionKeepAllThatTheyHad) {
    std::string events, grants;
    const auto read = [this](const std::string& table) {
        return database.value("SELECT string_agg(one::text, ';' ORDER BY one::text) FROM curfew." + table +
                              " AS one");
    };
    {
        const auto store = open();
        give(*store);
        await(store->session_started(new_session(await(store->grants(false)).value().at(0).grant.id)))
            .value();
        await(store->set_password("alice", Secret{"scrypt$1"}, "root")).value();
        events = read("events");
        grants = read("grants");
    }
    const auto steps = store::postgres_schema_steps();
    std::string older =
        "ALTER SCHEMA curfew RENAME TO newer; CREATE SCHEMA curfew; "
        "SET search_path = curfew, pg_catalog; SET session_replication_role = replica; ";
    for (const char* step : steps.first(steps.size() - 1))
        older += step;
    database.execute(
        older +
        "DO $$ DECLARE name text; columns text; BEGIN "
        "FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'curfew' LOOP "
        "SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute "
        "WHERE attrelid = to_regclass('curfew.' || name) AND attnum > 0; "
        "EXECUTE format('INSERT INTO curfew.%I (%s) SELECT %s FROM newer.%I', name, columns, columns, name); "
        "END LOOP; END $$; DROP SCHEMA newer CASCADE;"
        "CREATE TABLE curfew.schema_version (only_one integer PRIMARY KEY CHECK (only_one = 1), "
        "version integer NOT NULL); INSERT INTO schema_version VALUES (1, " +
        std::to_string(steps.size() - 1) + ")");
    const auto store = open();
    EXPECT_EQ(read("events"), events);
    EXPECT_EQ(read("grants"), grants);
    EXPECT_EQ(await(store->unfinished_sessions("node-a")).value().size(), 1U);
    EXPECT_TRUE(await(store->find_password("alice")).value());
    const auto place = await(store->place_of_notifier("slack")).value();
    EXPECT_EQ(place.number, 3U) << "of what was before, nobody is told anew";
    EXPECT_TRUE(await(store->take_in_events("slack", place, place, {{new_delivery(1)}, {}})));
    EXPECT_TRUE(await(store->link_chat_account("slack:T1", "U1", "alice", "root")));
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
    const auto place = await((*store)->place_of_notifier("slack")).value();
    await((*store)->take_in_events("slack", place, place, {{new_delivery(1)}, {}})).value();
    const auto claimed = await((*store)->claim_deliveries("slack", "node-a", 1min, 1)).value();
    EXPECT_TRUE(await((*store)->finish_delivery(claimed.at(0).claim, store::Delivered{})));
    EXPECT_EQ(await((*store)->remove_old_deliveries(0s)).value(), 1U);
    await((*store)->link_chat_account("slack:T1", "U1", "alice", "root")).value();
    EXPECT_TRUE(await((*store)->unlink_chat_account("slack:T1", "U1", "root")));
}

TEST_F(StoreRoles, SufficeToKeepWhatCameOfACommand) {
    const auto store = PostgresStore::open(as("node_login"), clock).value();
    auto make = [](const std::optional<store::GrantCountdown>&, WallInstant now) {
        store::RequestChange change;
        change.next = new_command_request();
        change.next.asked_at = now;
        change.next.review_ends_at = now + 1h;
        return Result<store::RequestChange>{change};
    };
    const RequestId id = await(store->add_request(std::nullopt, make)).value().request.id;
    await(store->change_request(id, command_approval_by("bob"))).value();
    await(store->change_request(id, command_run())).value();
    EXPECT_TRUE(await(store->set_command_result(id, {})));
    EXPECT_EQ(failure_of("node_login", "UPDATE curfew.commands SET command = '{}'"), "42501");
}

TEST_F(StoreRoles, MayBeMadeAgain) {
    run_script();
    EXPECT_EQ(database.value("SELECT version FROM curfew.schema_version"),
              std::to_string(store::postgres_schema_version()));
}

TEST_F(StoreRoles, LetANodeNeitherForgeHistoryNorChangeTables) {
    for (const char* sql :
         {"DELETE FROM curfew.events", "UPDATE curfew.events SET actor = 'somebody'",
          "DELETE FROM curfew.grants", "DELETE FROM curfew.commands", "DROP TABLE curfew.grants",
          "CREATE TABLE curfew.x (i int)", "UPDATE curfew.schema_version SET version = 0"})
        EXPECT_EQ(failure_of("node_login", sql), "42501") << sql;
}

TEST_F(StoreRoles, LetAnAuditorReadNoSecret) {
    PgConnection auditor{store_cluster().conninfo("auditor_login", database.name())};
    EXPECT_NO_THROW(auditor.exec("SELECT id, subject, reason FROM curfew.grants"));
    EXPECT_NO_THROW(auditor.exec("SELECT use FROM curfew.grants"));
    EXPECT_NO_THROW(auditor.exec("SELECT * FROM curfew.commands"));
    EXPECT_NO_THROW(auditor.exec("SELECT * FROM curfew.events"));
    EXPECT_NO_THROW(auditor.exec("SELECT * FROM curfew.chat_accounts"));
    for (const char* sql :
         {"SELECT verifier FROM curfew.grants", "SELECT * FROM curfew.passwords",
          "SELECT * FROM curfew.tokens", "SELECT * FROM curfew.deliveries",
          "SELECT secret FROM curfew.installation",
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

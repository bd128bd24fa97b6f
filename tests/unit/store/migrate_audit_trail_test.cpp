// What `curfew admin migrate-store` says of the chain of events, and chains that are made afterwards.
#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>

#include "postgres_backend.hpp"
#include "request_fixture.hpp"
#include "store/migration/migrate_store.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/schema.hpp"
#include "store/postgres/tables.hpp"
#include "store/sql/audit_chain.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "store/sqlite/tables.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using store::ChainBreak;
using store::VerifiedChain;
using testing::HasSubstr;

VerifiedChain verify(store::Connection& connection) {
    return store::verify_chain(connection, [](std::uint64_t) {});
}

class AuditTrail : public testing::Test {
protected:
    // Grants that are given: an event each.
    void give_grants(store::Store& store, int count) const {
        for (int i = 0; i < count; ++i)
            await(store.add_grant(new_grant("user" + std::to_string(i)))).value();
    }
    void fill_file() const { give_grants(*store::SqliteStore::open(file, clock).value(), 5); }
    void change_file(const std::string& sql) const {
        SQLite::Database{file.string(), SQLite::OPEN_READWRITE}.exec(sql);
    }
    VerifiedChain chain_in_file() const {
        store::SqliteConnection connection{file, store::StoreLock::take(file).value(), 1s};
        return verify(connection);
    }
    VerifiedChain chain_in_postgres() const {
        store::PostgresConnection connection{database.target(), clock,
                                             std::make_shared<store::PostgresClock>()};
        connection.begin(store::Access::read);
        const auto chain = verify(connection);
        connection.roll_back();
        return chain;
    }
    CommandResult migrate(std::vector<std::string> options = {}) const {
        std::vector<std::string> command{
            CURFEW_TEST_COMMAND,
            "--json",
            "admin",
            "migrate-store",
            "--from",
            "sqlite:" + file.string(),
            "--to",
            "postgresql:" + store_cluster().tcp_conninfo("postgres", database.name())};
        command.insert(command.end(), options.begin(), options.end());
        return run(std::move(command));
    }

    TemporaryDirectory directory{"curfew-audit-trail"};
    std::filesystem::path file = directory / "curfew.db";
    PostgresDatabase database;
    SystemClock clock;
};

TEST_F(AuditTrail, IsTheSameAndUnbrokenWhereAStoreIsMovedTo) {
    fill_file();
    const CommandResult moved = migrate();
    ASSERT_TRUE(moved.status.success()) << moved.err;
    const VerifiedChain there = chain_in_postgres();
    EXPECT_EQ(there.events, 5U);
    EXPECT_FALSE(there.broken);
    EXPECT_EQ(there, chain_in_file());
    EXPECT_THAT(moved.out, HasSubstr(R"("audit_trail":{"events":5,"head":")" + to_hex(there.head.hash) +
                                     R"(","broken":null})"));
}

TEST_F(AuditTrail, GoesOnWhereAStoreWasMovedTo) {
    fill_file();
    ASSERT_TRUE(migrate().status.success());
    give_grants(*store::PostgresStore::open(database.target(), clock).value(), 2);
    EXPECT_EQ(chain_in_postgres().events, 7U);
    EXPECT_FALSE(chain_in_postgres().broken);
}

// The statement of docs/auditor-guide.md, which needs nothing of Curfew.
constexpr const char* number_of_first_break =
    "SELECT coalesce(min(number), 0) FROM ("
    "    SELECT number, hash, sha256(lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER (ORDER BY number)"
    "        || int8send(number) || int8send(at_ms)"
    "        || int4send(octet_length(convert_to(kind, 'UTF8'))) || convert_to(kind, 'UTF8')"
    "        || int4send(octet_length(convert_to(id, 'UTF8'))) || convert_to(id, 'UTF8')"
    "        || int4send(octet_length(convert_to(actor, 'UTF8'))) || convert_to(actor, 'UTF8')"
    "        || int4send(octet_length(convert_to(summary, 'UTF8'))) || convert_to(summary, 'UTF8')) AS "
    "computed"
    "    FROM curfew.events) AS chain "
    "WHERE hash <> computed";

TEST_F(AuditTrail, CanBeVerifiedBySqlAlone) {
    give_grants(*store::PostgresStore::open(database.target(), clock).value(), 4);
    EXPECT_EQ(database.value(number_of_first_break), "0");
    database.execute("UPDATE curfew.events SET actor = 'mallory' WHERE number = 3");
    EXPECT_EQ(database.value(number_of_first_break), "3");
}

TEST_F(AuditTrail, NamesTheFirstEventThatIsNotWhatWasWritten) {
    const std::vector<std::pair<std::string, ChainBreak>> changes{
        {"UPDATE events SET summary = '{\"user\":\"mallory\"}' WHERE number = 3",
         {3, "Event 3, or event 2 before it, is not what was written"}},
        {"UPDATE events SET actor = 'mallory' WHERE number = 1", {1, "Event 1 is not what was written"}},
        {"UPDATE events SET at_ms = at_ms - 3600000 WHERE number = 5",
         {5, "Event 5, or event 4 before it, is not what was written"}},
        {"DELETE FROM events WHERE number = 2", {2, "Event 2 is missing"}},
        {"DELETE FROM events WHERE number IN (2, 3)", {2, "Events 2 to 3 are missing"}},
        {"DELETE FROM events WHERE number = 1", {1, "Event 1 is missing"}},
        {"UPDATE events SET number = number - 9 WHERE number > 3; UPDATE events SET number = -number WHERE "
         "number < 0",
         {4, "Event 4, or event 3 before it, is not what was written"}},
        {"DELETE FROM events WHERE number = 2; UPDATE events SET number = number - 1 WHERE number > 2",
         {2, "Event 2, or event 1 before it, is not what was written"}},
    };
    for (const auto& [sql, broken] : changes) {
        std::filesystem::remove(file);
        fill_file();
        ASSERT_FALSE(chain_in_file().broken);
        change_file(sql);
        EXPECT_EQ(chain_in_file().broken, broken) << sql;
    }
}

TEST_F(AuditTrail, ThatIsBrokenIsNotMoved) {
    fill_file();
    change_file("DELETE FROM events WHERE number = 2");
    const CommandResult refused = migrate();
    EXPECT_EQ(refused.status.code, 4);
    EXPECT_THAT(refused.err,
                HasSubstr("The audit trail of " + file.string() + " is broken: Event 2 is missing"));
    EXPECT_EQ(database.value("SELECT count(*) FROM pg_class WHERE relname = 'installation'"), "0");
}

TEST_F(AuditTrail, ThatIsBrokenIsMovedAsItIsWhereToldTo) {
    fill_file();
    change_file("DELETE FROM events WHERE number = 2");
    const CommandResult moved = migrate({"--keep-broken-audit-trail"});
    ASSERT_TRUE(moved.status.success()) << moved.err;
    EXPECT_THAT(moved.out, HasSubstr(R"("broken":{"at":2,"what":"Event 2 is missing"})"));
    EXPECT_EQ(chain_in_postgres(), chain_in_file());
}

// A store of before there were chains, in either database.
constexpr const char* events_from_before =
    "INSERT INTO events (number, at_ms, kind, id, actor, summary) VALUES "
    "(1, 1576800000000, 'grant.given', 'g-abcdefgh', 'root', '{\"user\":\"übel\"}'), "
    "(2, 1576800000001, 'grant.ended', 'g-abcdefgh', '', '{}'), (7, 1576800000002, 'x', '', '', '{}')";

TEST_F(AuditTrail, TakesInWhatAnOlderPostgresqlStoreHas) {
    const auto steps = store::postgres_schema_steps();
    database.execute(
        "CREATE SCHEMA curfew; SET search_path = curfew, pg_catalog; " + std::string{steps[0]} + steps[1] +
        events_from_before +
        "; CREATE TABLE curfew.schema_version (only_one integer PRIMARY KEY CHECK (only_one = 1), "
        "version integer NOT NULL); INSERT INTO schema_version VALUES (1, 2)");
    give_grants(*store::PostgresStore::open(database.target(), clock).value(), 1);
    const VerifiedChain chain = chain_in_postgres();
    EXPECT_FALSE(chain.broken);
    EXPECT_EQ(chain.head.number, 8U);
    EXPECT_EQ(database.value("SELECT encode(hash, 'hex') FROM curfew.events WHERE number = 2"),
              "19a6753234852cc2f3fbeb7363b46694596aab65725505eafdc2d064960d6b4c");
}

TEST_F(AuditTrail, TakesInWhatAnOlderFileHas) {
    {
        SQLite::Database old{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
        for (int step = 0; step < 3; ++step)
            old.exec(store::schema_steps()[static_cast<std::size_t>(step)]);
        old.exec(events_from_before);
        old.exec("INSERT INTO events VALUES (8, 1, 'x', 'bad ' || CAST(x'ff' AS TEXT), '', '{}')");
        old.exec("PRAGMA user_version = 3; PRAGMA application_id = " + std::to_string(0x43757266));
    }
    give_grants(*store::SqliteStore::open(file, clock).value(), 1);
    const VerifiedChain chain = chain_in_file();
    EXPECT_FALSE(chain.broken);
    EXPECT_EQ(chain.head.number, 9U);
    SQLite::Database now{file.string()};
    EXPECT_EQ(now.execAndGet("SELECT lower(hex(hash)) FROM events WHERE number = 2").getString(),
              "19a6753234852cc2f3fbeb7363b46694596aab65725505eafdc2d064960d6b4c");
    EXPECT_EQ(now.execAndGet("SELECT id FROM events WHERE number = 8").getString(), "bad \\xff");
    EXPECT_TRUE(migrate().status.success());
}

}  // namespace
}  // namespace curfew::test

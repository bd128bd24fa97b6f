// A store that an earlier version wrote becomes one of this version, whole or not at all.
#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <sstream>

#include "deliveries_fixture.hpp"
#include "disk.hpp"
#include "request_fixture.hpp"
#include "sqlite_fixture.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/tables.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using policy::GrantState;
using store::SqliteStore;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class StoreOfVersion1 : public testing::Test {
protected:
    StoreOfVersion1() { write_version_1(); }

    fs::path path() const { return directory / "curfew.db"; }
    void write_version_1() {
        for (const char* suffix : {"", "-wal", "-shm", "-journal"})
            fs::remove(path().string() + suffix);
        std::ifstream file{CURFEW_STORE_VERSION_1};
        std::stringstream sql;
        sql << file.rdbuf();
        SQLite::Database database{path().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
        database.exec(sql.str());
    }
    // For writing: a log that a kill left behind is played back.
    std::int64_t number(const std::string& sql) {
        SQLite::Database database{path().string(), SQLite::OPEN_READWRITE};
        return database.execAndGet(sql).getInt64();
    }
    std::string text(const std::string& sql) {
        SQLite::Database database{path().string(), SQLite::OPEN_READONLY};
        return database.execAndGet(sql).getString();
    }
    void expect_all_there() {
        const auto opened = SqliteStore::open(path(), clock);
        ASSERT_TRUE(opened) << opened.error().message;
        const auto grants = await((*opened)->grants(true)).value();
        ASSERT_THAT(grants, SizeIs(4));
        EXPECT_EQ(grants[0].state(), GrantState::upcoming);
        EXPECT_EQ(grants[0].grant.reason, "it's übel\nreally");
        EXPECT_EQ(grants[1].state(), GrantState::revoked);
        EXPECT_EQ(grants[1].grant.revoked->by, "root");
        EXPECT_TRUE(grants[1].grant.allow_replication);
        EXPECT_EQ(grants[2].state(), GrantState::active);
        EXPECT_EQ(grants[2].remaining, 25h - 1min);
        EXPECT_EQ(grants[3].state(), GrantState::ended);
        for (const auto& grant : grants) {
            EXPECT_FALSE(grant.grant.request);
            EXPECT_FALSE(grant.grant.verifier);
        }
        const auto extensions = await((*opened)->grant_extensions(grants[2].grant.id)).value();
        ASSERT_THAT(extensions, SizeIs(1));
        EXPECT_EQ(extensions[0].by, "") << "that was not kept";
        EXPECT_EQ(extensions[0].to - extensions[0].from, 1h);
        EXPECT_THAT(await((*opened)->unfinished_sessions("node-a")).value(), SizeIs(1));
        EXPECT_THAT(await((*opened)->list_sessions({}, {10})).value().sessions, SizeIs(2));
    }

    TemporaryDirectory directory{"curfew-store"};
    // When the store was written.
    ManualClock clock{WallInstant{1'576'800'360'000ms}};
};

TEST_F(StoreOfVersion1, HasAllThatItHad) {
    expect_all_there();
    EXPECT_EQ(number("PRAGMA user_version"), store::schema_version());
    EXPECT_EQ(text("PRAGMA integrity_check"), "ok");
    EXPECT_EQ(number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

TEST_F(StoreOfVersion1, KeepsItsSecret) {
    const std::string before = text("SELECT hex(secret) FROM installation");
    expect_all_there();
    EXPECT_EQ(text("SELECT hex(secret) FROM installation"), before);
}

TEST_F(StoreOfVersion1, HasTheTablesOfANewOne) {
    expect_all_there();
    constexpr const char* tables =
        "SELECT group_concat(name || ' ' || type, ', ') FROM (SELECT m.name || '.' || c.name AS name, c.type "
        "FROM sqlite_schema m, pragma_table_xinfo(m.name) c WHERE m.type IN ('table', 'index') ORDER BY 1)";
    const std::string migrated = text(tables);
    fs::remove(path());
    ASSERT_TRUE(SqliteStore::open(path(), clock));
    EXPECT_EQ(migrated, text(tables));
}

TEST_F(StoreOfVersion1, TakesWhatOnlyTheNewOneHas) {
    const auto opened = SqliteStore::open(path(), clock).value();
    const GrantId old = await(opened->grants(false)).value().front().grant.id;
    EXPECT_TRUE(await(opened->extend_grant(old, 1h, "carol")));
    EXPECT_EQ(await(opened->grant_extensions(old)).value().front().by, "carol");
    EXPECT_TRUE(await(opened->set_grant_verifier(old, Secret{"SCRAM-SHA-256$1"}, "carol")));
}

// As the version before this one would have left what a store of this version has.
TEST_F(StoreOfVersion1, HasAllThatItHadAlsoFromThePreviousVersion) {
    std::map<std::string, std::string> columns;  // of the previous version, by table
    const auto dump = [&columns](const fs::path& file) {
        SQLite::Database database{file.string(), SQLite::OPEN_READONLY};
        std::string text;
        for (const char* table : {"events", "grants", "sessions", "live_objects", "passwords", "tokens"}) {
            SQLite::Statement rows{database, "SELECT " + columns.at(table) + " FROM " + table};
            while (rows.executeStep()) {
                for (int column = 0; column < rows.getColumnCount(); ++column)
                    text += rows.getColumn(column).getString() + '|';
                text += '\n';
            }
        }
        return text;
    };
    {
        const auto opened = SqliteStore::open(path(), clock).value();
        await(opened->set_password("alice", Secret{"scrypt$1"}, "root")).value();
        await(opened->add_token({"alice", "ci", {"read"}, {1}, 24h}, "alice")).value();
    }
    const fs::path previous = directory / "previous.db";
    {
        SQLite::Database database{previous.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
        const auto steps = store::schema_steps();
        for (const char* step : steps.first(steps.size() - 1))
            database.exec(step);
        std::vector<std::string> tables;
        SQLite::Statement found{
            database, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"};
        while (found.executeStep())
            tables.push_back(found.getColumn(0).getString());
        database.exec("ATTACH '" + path().string() + "' AS newer");
        for (const std::string& table : tables) {
            columns[table] =
                database.execAndGet("SELECT group_concat(name, ', ') FROM pragma_table_info('" + table + "')")
                    .getString();
            database.exec("INSERT INTO main." + table + " (" + columns[table] + ") SELECT " + columns[table] +
                          " FROM newer." + table);
        }
        database.exec("PRAGMA user_version = " + std::to_string(steps.size() - 1) +
                      "; PRAGMA application_id = " + std::to_string(0x43757266));
    }
    const std::string before = dump(previous);
    EXPECT_THAT(before, HasSubstr("scrypt$1"));
    const auto opened = SqliteStore::open(previous, clock).value();
    EXPECT_EQ(dump(previous), before);
    const auto place = await(opened->place_of_notifier("slack")).value();
    EXPECT_EQ(place, await(opened->head_of_events()).value()) << "of what was before, nobody is told anew";
    EXPECT_TRUE(await(opened->take_in_events("slack", place, place, {{new_delivery(1)}, {}})));
    EXPECT_TRUE(await(opened->link_chat_account("slack:T1", "U1", "alice", "root")));
}

// Killed at each write and each flush of the start that would have made it new.
TEST_F(StoreOfVersion1, IsOfOneVersionOrTheOtherAfterAKillAtAnyWrite) {
    bool finished = false;
    std::size_t call = 1;
    for (; !finished; ++call) {
        ASSERT_LT(call, 1000U);
        write_version_1();
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            disk::die_at(call);
            ::_exit(SqliteStore::open(path(), clock) ? 0 : 1);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        finished = WIFEXITED(status);
        EXPECT_TRUE(!finished || WEXITSTATUS(status) == 0) << "it could not be opened";
        const std::int64_t version = number("PRAGMA user_version");
        EXPECT_TRUE(version >= 1 && version <= store::schema_version()) << version << " at " << call;
        expect_all_there();
    }
    EXPECT_GT(call, 4U) << "it was killed some times";
}

TEST_F(StoreOfVersion1, IsLeftAsItIsWhereItCannotBeMadeNew) {
    {
        SQLite::Database database{path().string(), SQLite::OPEN_READWRITE};
        database.exec("CREATE TABLE tokens (not_ours TEXT)");
    }
    const auto opened = SqliteStore::open(path(), clock);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, HasSubstr("tokens"));
    EXPECT_EQ(number("PRAGMA user_version"), 1);
    EXPECT_EQ(number("SELECT count(*) FROM sqlite_schema WHERE name = 'requests'"), 0);
}

// What somebody wrote into the file by hand.
class ForeignValues : public RequestTest {
protected:
    void change_by_hand(const std::string& sql) {
        close();
        SQLite::Database database{store_backend->file().value().string(), SQLite::OPEN_READWRITE};
        database.exec(sql);
        reopen();
    }
};

TEST_F(ForeignValues, AreToldWithTheRequestTheyAreIn) {
    const RequestId id = ask().request.id;
    for (const char* value :
         {"kind = 'wish'", "decision = 'dice'", "rules = '[1]'", "rules = '[,]'", "type = 'other'"}) {
        change_by_hand("UPDATE requests SET kind = 'access', decision = 'none', rules = '[]', type = 'jit'");
        ASSERT_TRUE(await(store->find_request(id)));
        change_by_hand(std::string{"UPDATE requests SET "} + value);
        const auto answer = await(store->find_request(id));
        ASSERT_FALSE(answer) << value;
        EXPECT_EQ(answer.error().code, ErrorCode::internal);
        EXPECT_THAT(answer.error().message, HasSubstr(id.text()));
    }
}

TEST_F(ForeignValues, AreRefusedByTheTablesWhereTheyCanBe) {
    const auto record = approved();
    const auto refused = [&](const std::string& sql) {
        SQLite::Database database{store_backend->file().value().string(), SQLite::OPEN_READWRITE};
        database.exec("PRAGMA foreign_keys = ON");
        EXPECT_THROW(database.exec(sql), SQLite::Exception) << sql;
    };
    refused("UPDATE requests SET status = 'MAYBE'");
    refused("UPDATE requests SET status = 'EXECUTED'");
    refused("UPDATE requests SET duration_ms = -1");
    refused("UPDATE requests SET grant_id = 'g-00000000'");
    refused("UPDATE reviews SET verdict = 'perhaps'");
    refused(
        "INSERT INTO grants SELECT seq + 1, 'g-00000000', subject, resource, starts_at_ms, ends_at_ms, 0, "
        "reason, given_by, given_at_ms, NULL, NULL, NULL, 0, request_id, NULL FROM grants");
    refused("INSERT INTO live_objects VALUES ('planet', 'x', '{}', 1, '', 0)");
    refused("INSERT INTO chat_subscriptions VALUES ('slack', 'slack:T1', 'U1', '')");
    refused("INSERT INTO notifier_places VALUES ('slack', 1, x'00')");
}

TEST_F(ForeignValues, OfAGrantThatIsOverDoNotKeepTheStoreFromWriting) {
    give(new_grant("alice", 1min));
    change_by_hand("UPDATE grants SET subject = 'group:'");
    clock.advance(1min);
    EXPECT_TRUE(await(store->check_health()));
}

}  // namespace
}  // namespace curfew::test

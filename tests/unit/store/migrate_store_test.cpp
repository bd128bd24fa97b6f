// `curfew admin migrate-store`: a whole installation goes from a file to PostgreSQL, or nothing of it does.
#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>

#include "deliveries_fixture.hpp"
#include "postgres_backend.hpp"
#include "request_fixture.hpp"
#include "store/migration/migrate_store.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/schema.hpp"
#include "store/sqlite/connection.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using store::PostgresStore;
using store::SqliteStore;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

store::MakeRequest asking(const std::string& requester) {
    return [requester](const std::optional<store::GrantCountdown>&, WallInstant now) {
        store::RequestChange change;
        change.next = new_request(requester);
        change.next.reason = "it's übel\nreally\t\\x41";
        change.next.asked_at = now;
        change.next.review_ends_at = now + 1h;
        return Result<store::RequestChange>{change};
    };
}

Result<store::RequestChange> asking_for_a_script(const std::optional<store::GrantCountdown>&,
                                                 WallInstant now) {
    store::RequestChange change;
    change.next = new_command_request(policy::CommandForm::script);
    change.next.command->statements.front().sql = "SELECT 'übel\\x41' -- " + std::string(20'000, 'x');
    change.next.asked_at = now;
    change.next.review_ends_at = now + 1h;
    return change;
}

store::ObjectEdit live_rule(const std::string& name) {
    return {store::ObjectKind::rule, name, R"({"name": "\u00fc"})", 0};
}

Result<store::ReconsiderRequest> leaves_requests(const std::vector<store::LiveObject>&) {
    return store::ReconsiderRequest{[](const policy::Request&, const std::optional<store::GrantCountdown>&,
                                       WallInstant) { return std::optional<store::RequestChange>{}; }};
}

class StoreMigration : public testing::Test {
protected:
    std::shared_ptr<SqliteStore> open_file() const { return SqliteStore::open(file, clock).value(); }
    std::shared_ptr<PostgresStore> open_postgres() const {
        return PostgresStore::open(database.target(), clock).value();
    }
    // Something in every table.
    void fill() {
        const auto store = open_file();
        const auto given = await(store->add_grant(new_grant("alice"))).value().grant.id;
        await(store->extend_grant(given, 1h, "root")).value();
        await(store->set_grant_verifier(given, Secret{"SCRAM-SHA-256$4096:x"}, "alice")).value();
        const auto revoked = await(store->add_grant(new_grant("bob"))).value().grant.id;
        await(store->revoke_grant(revoked, "root", "no longer")).value();
        auto session = new_session(given);
        session.application_name = "bad \xff byte";
        await(store->session_started(session)).value();
        store::SessionEnd end{session.id, policy::EndCause::grant_expired, store::Confirmation::activity,
                              "it is gone"};
        end.facts.last_statement = "SELECT 'bad \xff byte'";
        end.facts.recording_hash = Sha256Digest{0, 0xff};
        await(store->session_ended(end)).value();
        const auto sign = [](const store::EndedSessionFile&) {
            return store::SignedReceipt{R"({"\u00fc": 1})", std::string(64, '\xff'), std::string(32, '\0')};
        };
        await(store->issue_receipts({session.id}, sign)).value();
        await(store->session_started(new_session(given))).value();
        const auto approved = await(store->add_request(std::nullopt, asking("carol"))).value().request.id;
        await(store->change_request(approved, opinion_of("dora"))).value();
        await(store->change_request(approved, approval_by("bob"))).value();
        await(store->add_request(std::nullopt, asking("erin"))).value();
        const auto script = await(store->add_request(std::nullopt, asking_for_a_script)).value().request.id;
        await(store->change_request(script, command_approval_by("bob"))).value();
        await(store->change_request(script, command_run())).value();
        policy::CommandResult ran;
        ran.message = std::string(20'000, 'x') + "\x41 übel";
        await(store->set_command_result(script, ran)).value();
        await(store->change_live_objects({live_rule("prod"), live_rule("stage")}, "root", leaves_requests))
            .value();
        await(store->set_password("alice", Secret{"scrypt$1$x"}, "root")).value();
        await(store->add_token({"alice", "ci", {"read"}, {1, 2, 3}, 24h}, "alice")).value();
        await(store->add_sign_in({{4, 5}, "alice", "oidc", R"({"groups": ["dba"]})", 8h})).value();
        await(store->add_link({{0, 0xff, '\''}, "set_password", "bob", "root", 1h})).value();
        const store::IdempotentRequest sent{"alice", "4711", "POST", "/api/v1/requests", {1, 2, 3}};
        await(store->begin_idempotent(sent)).value();
        await(store->finish_idempotent("alice", "4711", {201, R"({"id": "r-1"})"})).value();
        await(store->remember_once("v0=abc", 1h)).value();
        const auto place = await(store->place_of_notifier("slack")).value();
        await(store->take_in_events("slack", place, place, {{new_delivery(1)}, {}})).value();
        await(store->link_chat_account("slack:T1", "U1", "alice", "root")).value();
        await(store->subscribe_chat_account({"slack", "slack:T1", "U1", std::nullopt})).value();
        await(store->check_health()).value();
    }
    std::string target() const {
        return "postgresql:" + store_cluster().tcp_conninfo("postgres", database.name());
    }
    static CommandResult curfew(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {CURFEW_TEST_COMMAND, "admin", "migrate-store"});
        return run(std::move(arguments));
    }
    CommandResult migrate() const { return curfew({"--from", "sqlite:" + file.string(), "--to", target()}); }
    // That nothing of the installation is there.
    void expect_nothing_there() const {
        EXPECT_EQ(database.value("SELECT count(*) FROM pg_class WHERE relname = 'installation'"), "0");
    }

    TemporaryDirectory directory{"curfew-migration"};
    fs::path file = directory / "curfew.db";
    PostgresDatabase database;
    SystemClock clock;
};

std::vector<std::string> grants_in(store::Store& store) {
    std::vector<std::string> found;
    for (const auto& one : await(store.grants(true)).value()) {
        const auto& grant = one.grant;
        found.push_back(grant.id.text() + std::string{to_string(grant.use)} + grant.subject.name +
                        grant.resource + grant.reason +
                        std::to_string(grant.window.ends_at.time_since_epoch().count()) +
                        (grant.request ? grant.request->text() : "-") +
                        std::string{grant.verifier ? grant.verifier->reveal() : "-"} +
                        (grant.revoked ? grant.revoked->by + grant.revoked->reason : "-") +
                        std::to_string(await(store.grant_extensions(grant.id)).value().size()));
    }
    return found;
}

std::vector<policy::Request> requests_in(store::Store& store) {
    std::vector<policy::Request> found;
    for (const auto& one : await(store.list_requests({}, {100, {}})).value().requests)
        found.push_back(await(store.find_request(one.request.id)).value().request);
    return found;
}

std::vector<std::string> sessions_in(store::Store& store) {
    std::vector<std::string> found;
    for (const auto& session : all_sessions(store)) {
        found.push_back(session.id.text() + session.backend.started + std::string{to_string(session.state)} +
                        session.detail);
    }
    return found;
}

std::vector<std::string> events_in(store::Store& store) {
    std::vector<std::string> found;
    for (const auto& event : await(store.events_since(0, 1000)).value())
        found.push_back(std::to_string(event.number) + event.kind + event.id + event.actor + event.summary);
    return found;
}

TEST_F(StoreMigration, GivesTheSameAnswersInPostgresql) {
    fill();
    const CommandResult moved = migrate();
    ASSERT_TRUE(moved.status.success()) << moved.err;
    EXPECT_THAT(moved.out, HasSubstr("every row is the same"));
    EXPECT_THAT(moved.out, HasSubstr("1 sessions have no recorded end"));
    const auto here = open_file();
    const auto there = open_postgres();
    EXPECT_THAT(grants_in(*there), SizeIs(4));
    EXPECT_EQ(grants_in(*there), grants_in(*here));
    EXPECT_THAT(requests_in(*there), SizeIs(3));
    EXPECT_EQ(requests_in(*there), requests_in(*here));
    EXPECT_EQ(sessions_in(*there), sessions_in(*here));
    EXPECT_EQ(events_in(*there), events_in(*here));
    EXPECT_EQ(await(there->live_objects()).value(), await(here->live_objects()).value());
    EXPECT_EQ(await(there->claims()).value(), await(here->claims()).value());
    EXPECT_EQ(await(there->installation_secret()).value().reveal(),
              await(here->installation_secret()).value().reveal());
    EXPECT_EQ(await(there->find_password("alice")).value()->hash.reveal(), "scrypt$1$x");
    EXPECT_EQ(await(there->use_token({1, 2, 3})).value()->user, "alice");
    EXPECT_EQ(await(there->use_sign_in({4, 5})).value()->method, "oidc");
    EXPECT_EQ(await(there->use_link({0, 0xff, '\''}, "set_password")).value().user, "bob");
    const auto again =
        await(there->begin_idempotent({"alice", "4711", "POST", "/api/v1/requests", {1, 2, 3}}));
    EXPECT_EQ(again.value()->status, 201U);
    EXPECT_FALSE(await(there->remember_once("v0=abc", 1h)).value());
    EXPECT_EQ(await(there->place_of_notifier("slack")).value(),
              await(here->place_of_notifier("slack")).value());
    const auto claimed = await(there->claim_deliveries("slack", "node-a", 30s, 10)).value();
    ASSERT_THAT(claimed, SizeIs(1));
    EXPECT_EQ(claimed[0].delivery.id, await(here->list_deliveries({}, {})).value().deliveries.at(0).id);
    EXPECT_THAT(await(there->chat_subscribers("slack", "prod-postgres")).value(), SizeIs(1));
}

TEST_F(StoreMigration, GoesOnCountingAfterWhatWasThere) {
    fill();
    const auto last = await(open_file()->last_event()).value();
    ASSERT_TRUE(migrate().status.success());
    const auto there = open_postgres();
    await(there->add_grant(new_grant("frank"))).value();
    EXPECT_EQ(await(there->last_event()).value(), last + 1);
    EXPECT_EQ(await(there->grants(false)).value().front().grant.subject.name, "frank") << "newest first";
    await(there->add_token({"alice", "next", {"read"}, {9}, 24h}, "alice")).value();
    EXPECT_EQ(await(there->tokens(std::nullopt)).value().front().name, "next");
    const auto place = await(there->place_of_notifier("slack")).value();
    await(there->take_in_events("slack", place, place, {{new_delivery(2, "next")}, {}})).value();
    EXPECT_EQ(await(there->list_deliveries({}, {})).value().deliveries.front().kind, "next");
}

TEST_F(StoreMigration, MovesMoreThanOnePageOfATable) {
    {
        const auto store = open_file();
        for (int i = 0; i < 450; ++i)
            await(store->add_grant(new_grant("user" + std::to_string(i)))).value();
    }
    ASSERT_TRUE(migrate().status.success());
    EXPECT_EQ(database.value("SELECT count(DISTINCT subject) FROM curfew.grants"), "450");
}

TEST_F(StoreMigration, CountsTheRowsOfEachTable) {
    fill();
    const CommandResult moved = curfew({"--json", "--from", "sqlite:" + file.string(), "--to", target()});
    EXPECT_THAT(moved.out, HasSubstr(R"("grants":4)"));
    EXPECT_THAT(moved.out, HasSubstr(R"("reviews":3)"));
    EXPECT_THAT(moved.out, Not(HasSubstr(":0,"))) << "the test has a row in each table";
}

TEST_F(StoreMigration, NeedsNoMoreRightsThanANode) {
    fill();
    open_postgres().reset();
    database.execute(
        "TRUNCATE curfew.installation; DROP ROLE IF EXISTS mover_login; CREATE ROLE mover_login LOGIN;"
        "GRANT USAGE ON SCHEMA curfew TO mover_login;"
        "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA curfew TO mover_login;"
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA curfew TO mover_login;"
        "REVOKE UPDATE ON curfew.events FROM mover_login");
    const CommandResult moved =
        curfew({"--from", "sqlite:" + file.string(), "--to",
                "postgresql:" + store_cluster().tcp_conninfo("mover_login", database.name())});
    EXPECT_TRUE(moved.status.success()) << moved.err;
    database.execute("DROP OWNED BY mover_login");
}

TEST_F(StoreMigration, RefusesATargetThatIsNotEmpty) {
    fill();
    const std::string secret{await(open_postgres()->installation_secret()).value().reveal()};
    const CommandResult refused = migrate();
    EXPECT_EQ(refused.status.code, 4);
    EXPECT_THAT(refused.err, HasSubstr("is not empty: there are rows in installation"));
    EXPECT_EQ(await(open_postgres()->installation_secret()).value().reveal(), secret);
    EXPECT_EQ(database.value("SELECT count(*) FROM curfew.grants"), "0");
}

TEST_F(StoreMigration, RefusesASourceThatIsInUse) {
    const auto in_use = open_file();
    const CommandResult refused = migrate();
    EXPECT_EQ(refused.status.code, 5);
    EXPECT_THAT(refused.err, HasSubstr("in use"));
    expect_nothing_there();
}

TEST_F(StoreMigration, RefusesASourceThatIsNotThere) {
    const CommandResult refused = migrate();
    EXPECT_EQ(refused.status.code, 3);
    EXPECT_THAT(refused.err, HasSubstr(file.string()));
    EXPECT_FALSE(fs::exists(file));
}

TEST_F(StoreMigration, RefusesASourceOfAnotherVersionAndLeavesItAsItIs) {
    fill();
    const auto set_version = [this](int version) {
        SQLite::Database{file.string(), SQLite::OPEN_READWRITE}.exec("PRAGMA user_version = " +
                                                                     std::to_string(version));
    };
    for (const int version : {1, store::schema_version() + 1}) {
        set_version(version);
        const CommandResult refused = migrate();
        EXPECT_EQ(refused.status.code, 4);
        EXPECT_THAT(refused.err, HasSubstr("is of version " + std::to_string(version)));
        EXPECT_EQ(SQLite::Database{file.string()}.execAndGet("PRAGMA user_version").getInt(), version);
    }
    expect_nothing_there();
}

TEST_F(StoreMigration, RefusesASourceOfSomethingElse) {
    SQLite::Database{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE}.exec("CREATE TABLE x (i)");
    const CommandResult refused = migrate();
    EXPECT_EQ(refused.status.code, 5);
    EXPECT_THAT(refused.err, HasSubstr("something other than Curfew"));
}

TEST_F(StoreMigration, RefusesATableThatItKnowsNothingOf) {
    fill();
    SQLite::Database{file.string(), SQLite::OPEN_READWRITE}.exec("CREATE TABLE later (i INTEGER)");
    const CommandResult refused = migrate();
    EXPECT_EQ(refused.status.code, 4);
    EXPECT_THAT(refused.err, HasSubstr("of table later nothing is known"));
}

TEST_F(StoreMigration, RefusesATargetOfANewerVersion) {
    fill();
    open_postgres().reset();
    database.execute("TRUNCATE curfew.installation; UPDATE curfew.schema_version SET version = 1000");
    const CommandResult refused = migrate();
    EXPECT_EQ(refused.status.code, 5);
    EXPECT_THAT(refused.err, HasSubstr("is of version 1000"));
}

TEST_F(StoreMigration, TellsOfATargetThatDoesNotAnswer) {
    fill();
    const CommandResult refused =
        curfew({"--from", "sqlite:" + file.string(), "--to", "postgresql://127.0.0.1:1/curfew"});
    EXPECT_EQ(refused.status.code, 5);
    EXPECT_THAT(refused.err, HasSubstr("curfew on 127.0.0.1:1"));
}

TEST_F(StoreMigration, TakesNoPasswordOnTheCommandLineAndShowsNone) {
    const CommandResult refused =
        curfew({"--from", "sqlite:" + file.string(), "--to", target() + " password=s3cret-word"});
    EXPECT_EQ(refused.status.code, 2);
    EXPECT_THAT(refused.err, HasSubstr("PGPASSWORD"));
    EXPECT_THAT(refused.err + refused.out, Not(HasSubstr("s3cret")));
}

TEST_F(StoreMigration, TakesThePasswordThatLibpqFinds) {
    fill();
    PostgresCluster guarded{with_hba({"host all all 127.0.0.1/32 scram-sha-256"})};
    guarded.sql("CREATE ROLE mover LOGIN PASSWORD 's3cret-word'");
    guarded.sql("CREATE DATABASE moved OWNER mover");
    const std::vector<std::string> command{CURFEW_TEST_COMMAND,
                                           "admin",
                                           "migrate-store",
                                           "--from",
                                           "sqlite:" + file.string(),
                                           "--to",
                                           "postgresql:" + guarded.tcp_conninfo("mover", "moved")};
    const CommandResult without = run(command);
    EXPECT_EQ(without.status.code, 5) << without.err;
    Process::Options with;
    with.environment["PGPASSWORD"] = "s3cret-word";
    const CommandResult moved = run(command, with);
    EXPECT_TRUE(moved.status.success()) << moved.err;
    EXPECT_THAT(moved.err + moved.out, Not(HasSubstr("s3cret")));
}

TEST_F(StoreMigration, ExplainsWhatItWantsToBeTold) {
    for (const auto& [from, to] : {std::pair<std::string, std::string>{file.string(), target()},
                                   {"sqlite:" + file.string(), "host=127.0.0.1"},
                                   {"sqlite:", target()}}) {
        const CommandResult refused = curfew({"--from", from, "--to", to});
        EXPECT_EQ(refused.status.code, 2) << refused.err;
        EXPECT_THAT(refused.err, HasSubstr("such as")) << from << ' ' << to;
    }
}

// What is copied is compared before it is committed.
class ComparedRows : public StoreMigration {
protected:
    ComparedRows() {
        fill();
        from.emplace(file, store::StoreLock::take(file).value(), 1s);
        to.connect();
        store::bring_schema_up_to_date(to).value();
        to.begin_alone();
        movers = store::movers_between(*from, to).value();
        store::copy_rows(movers, *from, to, ignore);
    }
    ~ComparedRows() override { to.roll_back(); }

    Result<void> compare() { return store::compare_rows(movers, *from, to, ignore); }
    void change(const char* sql) { (void)to.ask_once(sql); }

    store::RowMovers movers;
    store::RowsDone ignore = [](const store::MovedTable&, std::uint64_t) {};
    std::optional<store::SqliteConnection> from;
    store::PostgresConnection to{database.target(), clock, std::make_shared<store::PostgresClock>()};
};

TEST_F(ComparedRows, AreTheSameAfterTheyWereCopied) {
    EXPECT_TRUE(compare());
}

TEST_F(ComparedRows, TellOfARowThatWasChanged) {
    for (const char* sql :
         {"UPDATE reviews SET at_ms = at_ms + 1 WHERE seq = 2", "UPDATE passwords SET hash = 'scrypt$1$y'",
          "UPDATE tokens SET expires_at_ms = NULL", "UPDATE grants SET request_id = NULL",
          "UPDATE installation SET secret = sha256('other')"}) {
        change("SAVEPOINT before");
        change(sql);
        const auto same = compare();
        ASSERT_FALSE(same) << sql;
        EXPECT_EQ(same.error().code, ErrorCode::internal);
        EXPECT_THAT(same.error().message, HasSubstr("differs in column")) << sql;
        EXPECT_THAT(same.error().message, Not(HasSubstr("scrypt"))) << "values may be secrets";
        change("ROLLBACK TO before");
        EXPECT_TRUE(compare());
    }
}

TEST_F(ComparedRows, TellOfARowThatIsMissing) {
    change("DELETE FROM claims");
    EXPECT_THAT(compare().error().message,
                HasSubstr("row 1 of table claims, ordered by user_name, is missing"));
}

TEST_F(ComparedRows, TellOfARowTooMany) {
    change(
        "INSERT INTO events (at_ms, kind, id, actor, summary, hash) VALUES (1, 'x', '', '', '{}', "
        "sha256(''))");
    EXPECT_THAT(compare().error().message, HasSubstr("is there alone"));
}

}  // namespace
}  // namespace curfew::test

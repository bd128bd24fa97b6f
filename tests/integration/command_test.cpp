// Where a rule of type command lets somebody in, each statement is held before PostgreSQL sees it, and runs
// once it was approved: once, as it was approved, byte for byte. With libpq, and a real PostgreSQL behind a
// real curfewd.
#include <gmock/gmock.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <optional>

#include "command_fixture.hpp"
#include "support/process.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
namespace json = boost::json;

std::string member(const json::value& object, const char* name) {
    return std::string{object.at(name).as_string()};
}

TEST_F(ByCommand, LetsInWithoutAWindow) {
    PgConnection session = connect();
    EXPECT_THAT(session.notices(), Contains(HasSubstr("approv")))
        << "who works by command is told so at the start";
    const LogEvent admitted = curfew().log().await("session.admitted", {{"user", "alice"}});
    EXPECT_THAT(admitted.text("grant"), StartsWith("g-"));
}

TEST_F(ByCommand, LetsNobodyInWhomNoRuleLetsAsk) {
    EXPECT_THAT(refusal(curfew().conninfo("mallory", CommandOffice::database)), HasSubstr("FATAL"));
}

TEST_F(ByCommand, HoldsAStatementUntilItIsApproved) {
    PgConnection session = connect();
    const std::string before = backend();
    const std::string request = ask(session, insert);
    EXPECT_EQ(backend(), before) << "PostgreSQL heard nothing of it";
    EXPECT_EQ(orders(), 0);
    EXPECT_EQ(status(request), "PENDING, none");
    office().approve(request);
    EXPECT_STREQ(PQcmdStatus(answer(session).get()), "INSERT 0 1");
    EXPECT_EQ(orders("id = 7 AND note = 'seven'"), 1);
    EXPECT_EQ(status(request), "EXECUTED, command_run");
}

TEST_F(ByCommand, ShowsExactlyWhatWouldRun) {
    PgConnection session = connect();
    const std::string sql = "INSERT INTO orders\n  VALUES (7, 'sev''en')  -- ärger\n;;";
    const std::string request = ask(session, sql);
    const json::value command = office().show(request).at("command");
    EXPECT_EQ(member(command, "form"), "query");
    EXPECT_EQ(member(command, "database"), "shop");
    EXPECT_THAT(member(command, "session"), StartsWith("s-"));
    EXPECT_THAT(shown(request), ElementsAre(sql));
    office().approve(request);
    answer(session);
    EXPECT_EQ(orders("note = 'sev''en'"), 1);
}

TEST_F(ByCommand, TellsTheClientWhereItWaits) {
    PgConnection session = connect();
    const std::string request = ask(session, insert);
    ASSERT_TRUE(eventually([&] {
        PQconsumeInput(session.get());
        (void)PQisBusy(session.get());
        return testing::Value(session.notices(), Contains(HasSubstr(request)));
    })) << "no notice of the request";
    EXPECT_THAT(session.notices().back(), HasSubstr(office().url() + "/requests/" + request));
}

TEST_F(ByCommand, KeepsWhatCameOfIt) {
    PgConnection session = connect();
    const std::string request = ask(session, "INSERT INTO orders VALUES (1, 'a'), (2, 'b')");
    office().approve(request);
    answer(session);
    const json::value result = result_of(request);
    EXPECT_EQ(member(result, "outcome"), "succeeded");
    EXPECT_EQ(member(result.at("parts").at(0), "tag"), "INSERT 0 2");
}

TEST_F(ByCommand, KeepsTheErrorThatCameOfIt) {
    PgConnection session = connect();
    const std::string request = ask(session, "INSERT INTO orders VALUES ('x')");
    office().approve(request);
    EXPECT_EQ(answer(session).sqlstate(), "22P02");
    const json::value result = result_of(request);
    EXPECT_EQ(member(result, "outcome"), "failed");
    EXPECT_EQ(member(result, "sqlstate"), "22P02");
    EXPECT_THAT(member(result, "message"), HasSubstr("invalid input syntax"));
    EXPECT_EQ(status(request), "EXECUTED, command_run") << "it was run, once";
}

TEST_F(ByCommand, RunsWhatIsAllowedAtOnce) {
    PgConnection session = connect();
    for (const char* free : {"SELECT * FROM orders",
                             "SELECT count(*) FROM public.orders WHERE note LIKE 'x%'",
                             "TABLE orders",
                             "WITH o AS (SELECT id FROM orders) SELECT max(id) FROM o",
                             "SELECT public.total()",
                             "SELECT 1",
                             "SELECT upper('x'), now()",
                             "EXPLAIN SELECT * FROM orders",
                             "SHOW server_version",
                             "SET application_name = 'mine'",
                             "SET statement_timeout = '5s'",
                             "",
                             " -- nothing",
                             "BEGIN",
                             "SAVEPOINT one",
                             "ROLLBACK TO one",
                             "COMMIT",
                             "START TRANSACTION READ ONLY",
                             "ROLLBACK",
                             "BEGIN; SELECT 1; COMMIT"})
        expect_free(session, free);
}

TEST_F(ByCommand, AsksForAllThatOnlyLooksHarmless) {
    PgConnection session = connect();
    for (const char* sql : {
             "SELECT 1; DROP TABLE orders",
             "/* SELECT */ DELETE FROM orders",
             "SELECT 1 -- \n; DELETE FROM orders",
             "WITH d AS (DELETE FROM orders RETURNING *) SELECT * FROM d",
             "SELECT * INTO mine FROM orders",
             "SELECT * FROM orders FOR UPDATE",
             "EXPLAIN ANALYZE DELETE FROM orders",
             "SELECT * FROM orders, people",
             "SELECT * FROM orders WHERE EXISTS (SELECT FROM people)",
             "SELECT order_now(1)",
             "SELECT pg_terminate_backend(1)",
             "SELECT pg_read_file('/etc/passwd')",
             "SELECT lo_import('/etc/passwd')",
             "SELECT nextval('orders_id_seq')",
             "SELECT set_config('search_path', 'evil', false)",
             "SET search_path = evil",
             "SET ROLE postgres",
             "SET session_authorization = postgres",
             "SELECT * FROM evil.orders",
             "SELECT query_to_xml('DELETE FROM orders', true, true, '')",
             "COPY orders TO STDOUT",
             "COPY (SELECT * FROM orders) TO PROGRAM 'cat'",
             "DO 'BEGIN DELETE FROM orders; END'",
             "PREPARE TRANSACTION 'x'",
             "PREPARE p AS DELETE FROM orders",
             "DECLARE c CURSOR FOR SELECT * FROM people",
             "LISTEN x",
             "LOCK orders",
             "no SQL at all",
         }) {
        const std::string request = ask(session, sql);
        EXPECT_THAT(shown(request), ElementsAre(sql));
        office().reject(request, "no");
        EXPECT_EQ(answer(session).sqlstate(), "42501") << sql;
    }
    EXPECT_EQ(office().requests(), 0U);
}

TEST_F(ByCommand, AsksForEverythingWhereTheClientBroughtASearchPath) {
    PgConnection session = connect("options='-c search_path=evil'");
    const std::string request = ask(session, "SELECT * FROM orders");
    office().reject(request, "which orders?");
    EXPECT_EQ(answer(session).sqlstate(), "42501");
    expect_free(session, "BEGIN");
}

TEST_F(ByCommand, RefusesWhatIsRejectedAndKeepsTheSession) {
    PgConnection session = connect();
    const std::string request = ask(session, insert);
    office().reject(request, "not on a Friday");
    const PgResult refused = answer(session);
    EXPECT_EQ(refused.sqlstate(), "42501");
    EXPECT_THAT(refused.error(), AllOf(HasSubstr(request), HasSubstr("bob")));
    EXPECT_EQ(orders(), 0);
    EXPECT_EQ(session.value("SELECT count(*) FROM orders"), "0") << "it goes on";
    EXPECT_EQ(status(request), "REJECTED, reviewed");
}

TEST_F(ByCommand, RefusesWhatNobodyReviewsInTime) {
    CommandOffice hasty{postgres, std::to_string(slowdown) + "s"};
    PgConnection session{hasty.conninfo()};
    ASSERT_EQ(PQsendQuery(session.get(), insert), 1);
    const std::string request = hasty.next_request();
    EXPECT_EQ(answer(session).sqlstate(), "42501");
    EXPECT_EQ(hasty.show(request).at("decision"), "review_timed_out");
    EXPECT_EQ(orders(), 0);
    EXPECT_EQ(session.value("SELECT 1"), "1");
}

TEST_F(ByCommand, RunsEachApprovalOnce) {
    PgConnection session = connect();
    const std::string first = ask(session, "INSERT INTO people VALUES ('x')");
    office().approve(first);
    answer(session);
    const std::string second = ask(session, "INSERT INTO people VALUES ('x')");
    EXPECT_NE(first, second);
    EXPECT_EQ(status(second), "PENDING, none");
    office().reject(second, "once is enough");
    answer(session);
    EXPECT_EQ(postgres.number("SELECT count(*) FROM people", CommandOffice::database), 1);
}

TEST_F(ByCommand, AsksInsideATransactionAndLeavesItOpen) {
    PgConnection session = connect();
    session.exec("BEGIN");
    run_approved(session, insert);
    EXPECT_EQ(PQtransactionStatus(session.get()), PQTRANS_INTRANS);
    EXPECT_EQ(orders(), 0) << "not committed yet";
    office().reject(ask(session, "DELETE FROM orders"), "no");
    EXPECT_EQ(answer(session).sqlstate(), "42501");
    EXPECT_EQ(PQtransactionStatus(session.get()), PQTRANS_INTRANS) << "PostgreSQL has not heard of it";
    session.exec("COMMIT");
    EXPECT_EQ(orders(), 1);
}

TEST_F(ByCommand, DoesNotCountTheWaitAsRunning) {
    PgConnection session = connect();
    session.exec("SET statement_timeout = '1ms'");
    const std::string request = ask(session, "SET statement_timeout = 0; " + std::string{insert});
    EXPECT_TRUE(postgres.await("now() > '" + postgres.sql("SELECT now() + interval '10 ms'") + "'"));
    office().approve(request);
    EXPECT_EQ(answer(session).sqlstate(), "");
}

TEST_F(ByCommand, WithdrawsWhatTheClientCancels) {
    PgConnection session = connect();
    const std::string request = ask(session, insert);
    PGcancel* cancel = PQgetCancel(session.get());
    std::array<char, 256> error{};
    EXPECT_EQ(PQcancel(cancel, error.data(), error.size()), 1) << error.data();
    PQfreeCancel(cancel);
    EXPECT_EQ(answer(session).sqlstate(), "57014");
    EXPECT_EQ(session.value("SELECT 1"), "1");
    expect_status(request, "REJECTED, cancelled");
}

TEST_F(ByCommand, WithdrawsWhenTheClientLeaves) {
    std::string request;
    {
        PgConnection session = connect();
        request = ask(session, insert);
    }
    expect_status(request, "REJECTED, cancelled");
    EXPECT_THROW(office().approve(request), std::runtime_error);
    EXPECT_EQ(orders(), 0);
}

TEST_F(ByCommand, WithdrawsWhenTheClientIsCutOff) {
    WireClient client = curfew().client();
    client.log_in("alice", CommandOffice::database);
    client.send(wire::query(insert));
    const std::string request = office().next_request();
    client = WireClient{ByteStream::connect_tcp(curfew().port())};  // no Terminate
    expect_status(request, "REJECTED, cancelled");
}

TEST_F(ByCommand, EndsWithItsGrant) {
    PgConnection session = connect();
    const std::string grant =
        curfew().log().events("session.admitted", {{"user", "alice"}}).back().text("grant");
    const std::string request = ask(session, insert);
    curfew().revoke(grant);
    EXPECT_EQ(answer(session).sqlstate(), "57P01");
    expect_status(request, "REJECTED, cancelled");
    EXPECT_EQ(orders(), 0);
    EXPECT_EQ(connect().value("SELECT 1"), "1") << "the rule still lets her in";
}

TEST_F(ByCommand, EndsWithTheRule) {
    PgConnection session = connect();
    const std::string request = ask(session, insert);
    YAML::Node without = office().config();
    without["rules"]["by-command"]["required_groups"].push_back("dba");
    ASSERT_TRUE(curfew().reload(without));
    EXPECT_THAT(answer(session).sqlstate(), AnyOf("42501", "57P01")) << "it is not to run, or all is over";
    EXPECT_TRUE(postgres.await("count(*) = 0 FROM pg_stat_activity WHERE usename = 'alice'"));
    EXPECT_THAT(refusal(office().conninfo()), HasSubstr("FATAL"));
    EXPECT_THAT(status(request), StartsWith("REJECTED"));
    ASSERT_TRUE(curfew().reload(office().config()));
    EXPECT_EQ(connect().value("SELECT 1"), "1");
}

TEST_F(ByCommand, StandsBackWhereAWindowWasGiven) {
    const GivenGrant grant = curfew().grant("alice");
    PgConnection session = connect();
    expect_free(session, insert);
    EXPECT_EQ(orders(), 1);
    curfew().revoke(grant.id);
}

TEST_F(ByCommand, HoldsOneSessionAndNotTheOthers) {
    PgConnection held = connect();
    PgConnection other = connect();
    const std::string request = ask(held, insert);
    EXPECT_EQ(other.value("SELECT count(*) FROM orders"), "0");
    run_approved(other, "INSERT INTO orders VALUES (8, 'eight')");
    office().approve(request);
    answer(held);
    EXPECT_EQ(orders(), 2);
}

TEST_F(ByCommand, DoesNotRunWhatWasRevokedAfterItsApproval) {
    // The approval and its revocation are two acts; what ran between them is EXECUTED, and cannot be revoked.
    PgConnection session = connect();
    const std::string request = ask(session, insert);
    office().approve(request);
    answer(session);
    EXPECT_THROW(office().revoke(request), std::runtime_error);
    EXPECT_EQ(orders(), 1);
}

TEST_F(ByCommand, RefusesWhatNobodyCouldRead) {
    PgConnection session = connect();
    const std::string endless = "INSERT INTO orders VALUES (1, '" + std::string((1U << 20U) + 1, 'x') + "')";
    EXPECT_EQ(session.failure(endless).sqlstate(), "54000");
    session.exec("SET application_name = 'still here'");
    EXPECT_EQ(office().requests(), 0U);
    EXPECT_EQ(orders(), 0);
}

TEST_F(ByCommand, RefusesTextThatIsNoUtf8) {
    PgConnection session = connect("client_encoding=LATIN1");
    EXPECT_EQ(session.failure("INSERT INTO orders VALUES (1, '\xE4')").sqlstate(), "22021");
    EXPECT_EQ(office().requests(), 0U);
}

TEST_F(ByCommand, SurvivesNoRestartWhileItWaits) {
    auto other = std::make_unique<CommandOffice>(postgres);
    PgConnection session{other->conninfo()};
    ASSERT_EQ(PQsendQuery(session.get(), insert), 1);
    const std::string request = other->next_request();
    other->curfew().kill9();
    other->curfew().restart();
    EXPECT_EQ(PQstatus(session.get()), CONNECTION_OK) << "as far as libpq knows";
    EXPECT_EQ(answer(session).status(), PGRES_FATAL_ERROR);
    EXPECT_TRUE(eventually([&] { return other->show(request).at("status") != "PENDING"; }))
        << "nobody waits for it any more";
    EXPECT_EQ(orders(), 0);
}

TEST_F(ByCommand, IsRecordedAsItWasRunAndNotAsItWasWished) {
    CommandOffice recording{postgres, "1h", "recording: statements"};
    std::optional<PgConnection> connected{recording.conninfo()};
    PgConnection& session = *connected;
    const auto live = recording.curfew().sessions();
    ASSERT_EQ(live.size(), 1U);
    const std::string id = member(live.at(0), "id");
    ASSERT_EQ(PQsendQuery(session.get(), insert), 1);
    recording.approve(recording.next_request());
    EXPECT_EQ(answer(session).status(), PGRES_COMMAND_OK);
    ASSERT_EQ(PQsendQuery(session.get(), "DELETE FROM orders"), 1);
    recording.reject(recording.next_request(), "not today");
    EXPECT_EQ(answer(session).sqlstate(), "42501");
    EXPECT_EQ(session.value("SELECT count(*) FROM orders"), "1");
    connected.reset();
    recording.curfew().await_end(id);
    const std::string replayed = recording.curfew().cli_result({"replay", id, "--no-wait"}).out;
    EXPECT_THAT(replayed, HasSubstr(insert));
    EXPECT_THAT(replayed, HasSubstr("INSERT 0 1"));
    EXPECT_THAT(replayed, HasSubstr("SELECT count(*) FROM orders"));
    EXPECT_THAT(replayed, Not(HasSubstr("DELETE")));
}

}  // namespace
}  // namespace curfew::test

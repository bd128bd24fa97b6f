// Commands by everything but a simple Query: the extended protocol with its values, pipelines, COPY, and the
// call of a function.
#include <gmock/gmock.h>

#include <array>
#include <boost/json/parse.hpp>
#include <future>

#include "command_fixture.hpp"

namespace curfew::test {
namespace {

using testing::ElementsAre;
namespace json = boost::json;

class ByCommandProtocol : public ByCommand {
protected:
    static constexpr std::size_t values = 2;

    // Sends Parse, Bind, Describe and Execute; and outside of a pipeline a Sync.
    static void send(PgConnection& session, const char* sql, std::array<const char*, values> arguments) {
        ASSERT_EQ(
            PQsendQueryParams(session.get(), sql, values, nullptr, arguments.data(), nullptr, nullptr, 0), 1)
            << PQerrorMessage(session.get());
    }
    static void send(PgConnection& session, const char* sql) {
        ASSERT_EQ(PQsendQueryParams(session.get(), sql, 0, nullptr, nullptr, nullptr, nullptr, 0), 1)
            << PQerrorMessage(session.get());
    }
    static void sync(PgConnection& session) { ASSERT_EQ(PQpipelineSync(session.get()), 1); }
    // In a pipeline: the result of one statement, and the null behind it.
    static PgResult of_statement(PgConnection& session) {
        PgResult result = next_result(session);
        EXPECT_EQ(next_result(session).get(), nullptr);
        return result;
    }
    static void expect_sync(PgConnection& session) {
        EXPECT_EQ(next_result(session).status(), PGRES_PIPELINE_SYNC);
    }
    json::value parameters(const std::string& request, std::size_t statement = 0) {
        return office().show(request).at("command").at("statements").at(statement).at("parameters");
    }
    // The object id of a function of the database's.
    Oid function(const std::string& signature) {
        return static_cast<Oid>(
            postgres.number("SELECT '" + signature + "'::regprocedure::oid", CommandOffice::database));
    }
    // PQfn waits for its answer by itself.
    static std::future<PgResult> call(PgConnection& session, Oid function, int argument) {
        return std::async(std::launch::async, [&session, function, argument] {
            PQArgBlock block{};
            block.isint = 1;
            block.len = sizeof argument;
            block.u.integer = argument;
            int result = 0;
            int length = 0;
            return PgResult{PQfn(session.get(), function, &result, &length, 1, &block, 1)};
        });
    }
};

TEST_F(ByCommandProtocol, ShowsTheValues) {
    PgConnection session = connect();
    const std::uint32_t number = __builtin_bswap32(7);
    const std::array<const char*, values> arguments{reinterpret_cast<const char*>(&number), nullptr};
    const std::array<Oid, values> types{23, 25};
    const std::array<int, values> lengths{sizeof number, 0};
    const std::array<int, values> formats{1, 0};
    ASSERT_EQ(PQsendQueryParams(session.get(), insert_values, values, types.data(), arguments.data(),
                                lengths.data(), formats.data(), 0),
              1);
    const std::string request = office().next_request();
    EXPECT_EQ(office().show(request).at("command").at("form"), "extended");
    EXPECT_THAT(shown(request), ElementsAre(insert_values));
    EXPECT_EQ(parameters(request), json::parse(R"([{"value": "7", "binary": false},
                                                   {"value": null, "binary": false}])"));
    office().approve(request);
    EXPECT_STREQ(PQcmdStatus(answer(session).get()), "INSERT 0 1");
    EXPECT_EQ(orders("id = 7 AND note IS NULL"), 1);
}

TEST_F(ByCommandProtocol, RunsWhatIsAllowedAtOnceWithValuesToo) {
    PgConnection session = connect();
    const std::array<const char*, values> arguments{"7", "x"};
    ASSERT_EQ(PQsendQueryParams(session.get(), "SELECT id FROM orders WHERE id = $1::int AND note = $2",
                                values, nullptr, arguments.data(), nullptr, nullptr, 0),
              1);
    EXPECT_EQ(answer(session).status(), PGRES_TUPLES_OK);
    EXPECT_EQ(office().requests(), 0U);
}

TEST_F(ByCommandProtocol, RefusesWithoutLosingTheSession) {
    PgConnection session = connect();
    send(session, insert_values, {"7", "seven"});
    office().reject(office().next_request(), "no");
    EXPECT_EQ(answer(session).sqlstate(), "42501");
    EXPECT_EQ(session.value("SELECT count(*) FROM orders"), "0");
}

TEST_F(ByCommandProtocol, ApprovesPreparedStatementsByTheirText) {
    PgConnection session = connect();
    EXPECT_EQ(PgResult{PQprepare(session.get(), "add", insert_values, 0, nullptr)}.status(),
              PGRES_COMMAND_OK);
    EXPECT_EQ(PgResult{PQdescribePrepared(session.get(), "add")}.status(), PGRES_COMMAND_OK);
    EXPECT_EQ(office().requests(), 0U) << "nothing has run";
    for (const char* id : {"1", "2"}) {
        const std::array<const char*, values> arguments{id, "x"};
        ASSERT_EQ(PQsendQueryPrepared(session.get(), "add", values, arguments.data(), nullptr, nullptr, 0),
                  1);
        const std::string request = office().next_request();
        EXPECT_THAT(shown(request), ElementsAre(insert_values));
        EXPECT_EQ(parameters(request).at(0).at("value"), id);
        office().approve(request);
        answer(session);
    }
    EXPECT_EQ(orders(), 2);
}

TEST_F(ByCommandProtocol, AsksWhenAStatementPreparedBySqlIsExecuted) {
    PgConnection session = connect();
    run_approved(session, "PREPARE add AS INSERT INTO orders VALUES (1, 'x')");
    const std::string request = ask(session, "EXECUTE add");
    office().reject(request, "what is it?");
    EXPECT_EQ(answer(session).sqlstate(), "42501");
    EXPECT_EQ(orders(), 0);
}

TEST_F(ByCommandProtocol, ExecutesNothingByANameThatSqlHasReused) {
    postgres.sql("INSERT INTO orders VALUES (1, 'one')", CommandOffice::database);
    PgConnection session = connect();
    EXPECT_EQ(PgResult{PQprepare(session.get(), "p", "SELECT count(*) FROM orders", 0, nullptr)}.status(),
              PGRES_COMMAND_OK);
    run_approved(session, "DEALLOCATE p; PREPARE p AS DELETE FROM orders");
    ASSERT_EQ(PQsendQueryPrepared(session.get(), "p", 0, nullptr, nullptr, nullptr, 0), 1);
    EXPECT_NE(answer(session).sqlstate(), "");
    EXPECT_EQ(office().requests(), 0U);
    EXPECT_EQ(orders(), 1);
}

TEST_F(ByCommandProtocol, ReadsInPortions) {
    postgres.sql("INSERT INTO orders SELECT n, 'x' FROM generate_series(1, 5) n", CommandOffice::database);
    WireClient client = curfew().client();
    client.log_in("alice", CommandOffice::database);
    const auto rows = [&client] {
        std::string types;
        for (const wire::Message& message : client.read_until_ready())
            types += message.type;
        return types;
    };
    client.send(wire::query("BEGIN"));
    rows();
    client.send(wire::parse("", "SELECT id FROM orders") + wire::bind("c", "") + wire::execute("c", 2) +
                wire::sync());
    EXPECT_EQ(rows(), "12DDsZ");
    client.send(wire::execute("c", 2) + wire::sync());
    EXPECT_EQ(rows(), "DDsZ");
    client.send(wire::execute("c", 2) + wire::sync());
    EXPECT_EQ(rows(), "DCZ");
    EXPECT_EQ(office().requests(), 0U);
}

TEST_F(ByCommandProtocol, KeepsPipelinesInOrder) {
    PgConnection session = connect();
    ASSERT_EQ(PQenterPipelineMode(session.get()), 1);
    send(session, "SELECT count(*) FROM orders");
    sync(session);
    send(session, insert_values, {"7", "seven"});
    sync(session);
    send(session, "SELECT count(*) FROM orders");
    sync(session);
    ASSERT_EQ(PQflush(session.get()), 0);
    EXPECT_EQ(of_statement(session).value(), "0") << "what is free goes first, and is answered";
    expect_sync(session);
    office().approve(office().next_request());
    EXPECT_STREQ(PQcmdStatus(of_statement(session).get()), "INSERT 0 1");
    expect_sync(session);
    EXPECT_EQ(of_statement(session).value(), "1") << "what came later waited for it";
    expect_sync(session);
}

TEST_F(ByCommandProtocol, AsksOnceForWhatIsSentUpToASync) {
    PgConnection session = connect();
    ASSERT_EQ(PQenterPipelineMode(session.get()), 1);
    send(session, insert_values, {"1", "one"});
    send(session, "SELECT count(*) FROM orders");
    send(session, insert_values, {"2", "two"});
    sync(session);
    ASSERT_EQ(PQflush(session.get()), 0);
    const std::string request = office().next_request();
    EXPECT_THAT(shown(request), ElementsAre(insert_values, "SELECT count(*) FROM orders", insert_values));
    EXPECT_EQ(parameters(request, 2).at(1).at("value"), "two");
    office().approve(request);
    for (int statement = 0; statement < 3; ++statement)
        EXPECT_EQ(of_statement(session).sqlstate(), "");
    expect_sync(session);
    EXPECT_EQ(orders(), 2);
    EXPECT_EQ(result_of(request).at("parts").as_array().size(), 3U);
}

TEST_F(ByCommandProtocol, RefusesAllThatIsSentUpToASync) {
    PgConnection session = connect();
    ASSERT_EQ(PQenterPipelineMode(session.get()), 1);
    send(session, "SELECT count(*) FROM orders");
    send(session, insert_values, {"1", "one"});
    sync(session);
    send(session, "SELECT 'here'");
    sync(session);
    ASSERT_EQ(PQflush(session.get()), 0);
    office().reject(office().next_request(), "no");
    EXPECT_EQ(of_statement(session).sqlstate(), "42501");
    EXPECT_EQ(of_statement(session).status(), PGRES_PIPELINE_ABORTED);
    expect_sync(session);
    EXPECT_EQ(of_statement(session).value(), "here") << "the next one is judged for itself";
    expect_sync(session);
    EXPECT_EQ(orders(), 0);
}

TEST_F(ByCommandProtocol, HoldsCopyInAndThenLetsItsDataThrough) {
    PgConnection session = connect();
    const std::string request = ask(session, "COPY orders FROM STDIN");
    office().approve(request);
    ASSERT_EQ(answer(session).status(), PGRES_COPY_IN);
    const std::string rows = "1\tone\n2\ttwo\n";
    ASSERT_EQ(PQputCopyData(session.get(), rows.data(), static_cast<int>(rows.size())), 1);
    ASSERT_EQ(PQputCopyEnd(session.get(), nullptr), 1);
    EXPECT_STREQ(PQcmdStatus(answer(session).get()), "COPY 2");
    EXPECT_EQ(orders(), 2);
    EXPECT_EQ(result_of(request).at("parts").at(0).at("tag"), "COPY 2");
    EXPECT_EQ(session.value("SELECT count(*) FROM orders"), "2");
}

TEST_F(ByCommandProtocol, TakesUpNoCopyThatWasRefused) {
    PgConnection session = connect();
    office().reject(ask(session, "COPY orders FROM STDIN"), "no");
    EXPECT_EQ(answer(session).sqlstate(), "42501");
    EXPECT_EQ(session.value("SELECT count(*) FROM orders"), "0");
}

TEST_F(ByCommandProtocol, HoldsCopyOut) {
    postgres.sql("INSERT INTO orders VALUES (1, 'one')", CommandOffice::database);
    PgConnection session = connect();
    office().approve(ask(session, "COPY orders TO STDOUT"));
    ASSERT_EQ(answer(session).status(), PGRES_COPY_OUT);
    char* row = nullptr;
    ASSERT_GT(PQgetCopyData(session.get(), &row, 0), 0);
    EXPECT_STREQ(row, "1\tone\n");
    PQfreemem(row);
    EXPECT_EQ(PQgetCopyData(session.get(), &row, 0), -1);
    EXPECT_STREQ(PQcmdStatus(answer(session).get()), "COPY 1");
}

TEST_F(ByCommandProtocol, HoldsTheCallOfAFunction) {
    PgConnection session = connect();
    const Oid order_now = function("order_now(int)");
    std::future<PgResult> called = call(session, order_now, 7);
    const std::string request = office().next_request();
    EXPECT_EQ(office().show(request).at("command").at("form"), "function");
    EXPECT_THAT(shown(request), ElementsAre(testing::HasSubstr(std::to_string(order_now))));
    EXPECT_EQ(orders(), 0);
    office().approve(request);
    EXPECT_EQ(called.get().status(), PGRES_COMMAND_OK);
    EXPECT_EQ(orders("id = 7"), 1);
}

TEST_F(ByCommandProtocol, RefusesTheCallOfAFunction) {
    PgConnection session = connect();
    std::future<PgResult> called = call(session, function("order_now(int)"), 7);
    office().reject(office().next_request(), "no");
    EXPECT_EQ(called.get().sqlstate(), "42501");
    EXPECT_EQ(session.value("SELECT count(*) FROM orders"), "0");
}

TEST_F(ByCommandProtocol, HoldsWhatAFlushEnds) {
    WireClient client = curfew().client();
    client.log_in("alice", CommandOffice::database);
    client.send(wire::parse("", "INSERT INTO orders VALUES (1, 'x')") + wire::bind("", "") +
                wire::execute("") + wire::flush());
    const std::string request = office().next_request();
    EXPECT_EQ(orders(), 0);
    office().approve(request);
    EXPECT_EQ(client.read_until('C').body, wire::cstring("INSERT 0 1"));
    client.send(wire::sync());
    client.read_until_ready();
    EXPECT_EQ(orders(), 1);
}

TEST_F(ByCommandProtocol, SkipsToTheSyncAfterWhatAFlushEndedWasRefused) {
    WireClient client = curfew().client();
    client.log_in("alice", CommandOffice::database);
    client.send(wire::parse("", "INSERT INTO orders VALUES (1, 'x')") + wire::bind("", "") +
                wire::execute("") + wire::flush());
    office().reject(office().next_request(), "no");
    EXPECT_EQ(wire::report_fields(client.read_until('E'))['C'], "42501");
    client.send(wire::parse("", "INSERT INTO orders VALUES (2, 'x')") + wire::bind("", "") +
                wire::execute("") + wire::sync());
    client.read_until_ready();
    EXPECT_EQ(office().requests(), 0U) << "as PostgreSQL skips what follows an error";
    EXPECT_EQ(client.query("SELECT count(*) FROM orders"), "0");
}

}  // namespace
}  // namespace curfew::test

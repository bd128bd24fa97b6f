// psql and the drivers that people use most, each as it comes, work by command: psycopg 3, PostgreSQL's JDBC
// driver and node-postgres, by the small programs in command_clients/.
#include <gmock/gmock.h>

#include <filesystem>

#include "command_fixture.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace curfew::test {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::filesystem::path programs{CURFEW_COMMAND_CLIENTS};
// A Java that starts, beside two others.
constexpr auto start_up = patience * 3;

// One flow of a program, in its own process.
class ByCommandDrivers : public ByCommand {
protected:
    void start(std::vector<std::string> command) { program_ = std::make_unique<Process>(std::move(command)); }
    // The next request of the program's, which shows this text.
    std::string asked(const testing::Matcher<std::string>& sql) {
        const std::string request = office().next_request(start_up);
        EXPECT_THAT(shown(request).back(), sql);
        return request;
    }
    void approve_next(const testing::Matcher<std::string>& sql) { office().approve(asked(sql)); }
    void reject_next(const testing::Matcher<std::string>& sql) { office().reject(asked(sql), "no"); }
    // What it printed to its end, without its notices.
    std::string printed() {
        const ExitStatus status = program_->wait(start_up);
        EXPECT_TRUE(status.success()) << to_string(status) << ": " << program_->output(Process::Stream::err);
        std::string lines;
        std::istringstream all{program_->output(Process::Stream::out)};
        for (std::string line; std::getline(all, line);) {
            if (!line.starts_with("notice: ")) lines += line + '\n';
        }
        return lines;
    }
    Process& program() { return *program_; }

private:
    std::unique_ptr<Process> program_;
};

// --- psql

class ByCommandPsql : public ByCommandDrivers {
protected:
    void psql(const std::vector<std::string>& arguments) {
        std::vector<std::string> command{PostgresCluster::program("psql"), "-XAt", office().conninfo()};
        command.insert(command.end(), arguments.begin(), arguments.end());
        start(std::move(command));
    }
};

TEST_F(ByCommandPsql, SaysThatItWaitsAndWhere) {
    psql({"-c", "INSERT INTO orders VALUES (7, 'seven')"});
    const std::string request = asked(StartsWith("INSERT"));
    const auto line = program().wait_for_line(Process::Stream::err, request);
    ASSERT_TRUE(line) << program().output(Process::Stream::err);
    EXPECT_THAT(*line, StartsWith("NOTICE:"));
    EXPECT_TRUE(program().wait_for_line(Process::Stream::err, office().url() + "/requests/" + request));
    EXPECT_EQ(orders(), 0);
    office().approve(request);
    EXPECT_EQ(printed(), "INSERT 0 1\n");
}

TEST_F(ByCommandPsql, RunsAFileOneStatementAtATime) {
    const TemporaryDirectory directory{"curfew-psql"};
    const auto file = directory.write("change.sql",
                                      "BEGIN;\nINSERT INTO orders VALUES (1, 'one');\n"
                                      "SELECT count(*) FROM orders;\nDELETE FROM people;\nCOMMIT;\n");
    psql({"-v", "ON_ERROR_STOP=1", "-f", file.string()});
    approve_next("INSERT INTO orders VALUES (1, 'one');");
    approve_next("DELETE FROM people;");
    EXPECT_EQ(printed(), "BEGIN\nINSERT 0 1\n1\nDELETE 0\nCOMMIT\n");
}

TEST_F(ByCommandPsql, GoesOnAfterARefusal) {
    psql({"-c", "DELETE FROM orders", "-c", "SELECT 'here'"});
    reject_next("DELETE FROM orders");
    EXPECT_EQ(printed(), "here\n");
    EXPECT_THAT(program().output(Process::Stream::err), HasSubstr("ERROR:"));
}

TEST_F(ByCommandPsql, CopiesAFileIn) {
    const TemporaryDirectory directory{"curfew-psql"};
    const auto file = directory.write("orders", "1\tone\n2\ttwo\n");
    psql({"-c", "\\copy orders FROM '" + file.string() + "'"});
    approve_next(StartsWith("COPY  orders FROM STDIN"));
    EXPECT_EQ(printed(), "COPY 2\n");
    EXPECT_EQ(orders(), 2);
}

// --- psycopg 3

class ByCommandPsycopg : public ByCommandDrivers {
protected:
    void psycopg(const std::string& flow) {
        start({"/usr/bin/python3", programs / "psycopg3.py", flow, office().conninfo()});
    }
};

TEST_F(ByCommandPsycopg, RunsWithValues) {
    psycopg("values");
    const std::string request = asked(insert_values);
    EXPECT_TRUE(program().wait_for_line(Process::Stream::out, request)) << "it is told while it waits";
    office().approve(request);
    EXPECT_EQ(printed(), "inserted: 1\nfound: (7, None)\n");
}

TEST_F(ByCommandPsycopg, RunsInATransaction) {
    psycopg("transaction");
    approve_next(insert_values);
    approve_next(insert_values);
    EXPECT_EQ(printed(), "count: 2\n");
}

TEST_F(ByCommandPsycopg, GoesOnAfterARefusal) {
    psycopg("rejected");
    reject_next("DELETE FROM orders");
    EXPECT_EQ(printed(), "refused: 42501\ncount: 0\n");
}

TEST_F(ByCommandPsycopg, RunsWhatItHasPrepared) {
    psycopg("prepared");
    approve_next(insert_values);
    approve_next(insert_values);
    EXPECT_EQ(printed(), "count: 2\n");
}

TEST_F(ByCommandPsycopg, RunsAPipeline) {
    psycopg("pipeline");
    const std::string request = office().next_request(start_up);
    EXPECT_THAT(shown(request),
                ElementsAre("SELECT count(*) FROM orders", insert_values, "SELECT count(*) FROM orders"));
    office().approve(request);
    EXPECT_EQ(printed(), "before: 0\nafter: 1\n");
}

TEST_F(ByCommandPsycopg, CopiesIn) {
    psycopg("copy");
    approve_next("COPY orders FROM STDIN");
    EXPECT_EQ(printed(), "copied: 2\n");
    EXPECT_EQ(orders(), 2);
}

// --- JDBC

class ByCommandJdbc : public ByCommandDrivers {
protected:
    static void SetUpTestSuite() {
        ByCommand::SetUpTestSuite();
        classes = std::make_unique<TemporaryDirectory>("curfew-java");
        const CommandResult compiled =
            run({"javac", "-d", classes->path().string(), programs / "Jdbc.java"}, {}, start_up);
        if (!compiled.status.success()) throw std::runtime_error("javac: " + compiled.err);
    }
    static void TearDownTestSuite() {
        classes.reset();
        ByCommand::TearDownTestSuite();
    }
    void jdbc(const std::string& flow) {
        start({"java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
               classes->path().string() + ":" + CURFEW_JDBC, "Jdbc", flow, std::to_string(office().port())});
    }
    static inline std::unique_ptr<TemporaryDirectory> classes;
};

TEST_F(ByCommandJdbc, RunsAStatement) {
    jdbc("statement");
    const std::string request = asked("INSERT INTO orders VALUES (7, 'seven')");
    office().approve(request);
    EXPECT_EQ(printed(), "inserted: 1\ncount: 1\n");
    EXPECT_THAT(program().output(Process::Stream::out), HasSubstr(request))
        << "as a warning of the statement";
}

TEST_F(ByCommandJdbc, RunsWithValues) {
    jdbc("values");
    approve_next(insert_values);
    EXPECT_EQ(printed(), "inserted: 1\nfound: null\n");
}

TEST_F(ByCommandJdbc, RunsWithoutAutocommit) {
    jdbc("transaction");
    // The driver begins a transaction together with its first statement.
    const std::string first = office().next_request(start_up);
    EXPECT_THAT(shown(first), ElementsAre("BEGIN", insert_values));
    office().approve(first);
    approve_next(insert_values);
    EXPECT_EQ(printed(), "count: 2\n");
    EXPECT_EQ(orders(), 2);
}

TEST_F(ByCommandJdbc, RunsABatchByOneApproval) {
    jdbc("batch");
    const std::string request = office().next_request(start_up);
    EXPECT_THAT(shown(request), ElementsAre(insert_values, insert_values, insert_values));
    office().approve(request);
    EXPECT_EQ(printed(), "inserted: [1, 1, 1]\n");
}

TEST_F(ByCommandJdbc, ShowsTheTextOfWhatItPreparedAtTheServer) {
    jdbc("often");
    for (int time = 1; time <= 7; ++time)
        approve_next(insert_values);
    EXPECT_EQ(printed(), "count: 7\n");
}

TEST_F(ByCommandJdbc, ReadsInPortions) {
    postgres.sql("INSERT INTO orders SELECT n, 'x' FROM generate_series(1, 5) n", CommandOffice::database);
    jdbc("portions");
    EXPECT_EQ(printed(), "rows: 5\n");
    EXPECT_EQ(office().requests(), 0U);
}

TEST_F(ByCommandJdbc, GoesOnAfterARefusal) {
    jdbc("rejected");
    reject_next("DELETE FROM orders");
    EXPECT_EQ(printed(), "refused: 42501\ncount: 0\n");
}

// --- node-postgres

class ByCommandNode : public ByCommandDrivers {
protected:
    void node(const std::string& flow) {
        start({"node", programs / "node-pg.mjs", flow, std::to_string(office().port())});
    }
};

TEST_F(ByCommandNode, RunsWithValues) {
    node("values");
    const std::string request = asked(insert_values);
    EXPECT_TRUE(program().wait_for_line(Process::Stream::out, request)) << "it is told while it waits";
    office().approve(request);
    EXPECT_EQ(printed(), "inserted: 1\nfound: [{\"id\":7,\"note\":null}]\n");
}

TEST_F(ByCommandNode, RunsNamedStatements) {
    node("named");
    approve_next(insert_values);
    approve_next(insert_values);
    EXPECT_EQ(printed(), "count: 2\n");
}

TEST_F(ByCommandNode, RunsWhatItHasQueued) {
    node("queued");
    approve_next(insert_values);
    EXPECT_EQ(printed(), "before: 0\nafter: 1\n");
}

TEST_F(ByCommandNode, RunsInATransaction) {
    node("transaction");
    approve_next(insert_values);
    EXPECT_EQ(printed(), "count: 1\n");
}

TEST_F(ByCommandNode, GoesOnAfterARefusal) {
    node("rejected");
    reject_next("DELETE FROM orders");
    EXPECT_EQ(printed(), "refused: 42501\ncount: 0\n");
}

}  // namespace
}  // namespace curfew::test

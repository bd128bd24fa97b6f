// What is done in a session stands in its recording, and nothing is done that could not be written down.
#include "recording/reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "recording/local_storage.hpp"
#include "support/file_watch.hpp"
#include "support/pg_connection.hpp"
#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
namespace entry = recording::entry;

// A recording as far as it can be read. Its first statement is open_session()'s own.
struct Played {
    std::vector<recording::Entry> entries;
    std::string lines;  // as they stand in it
    recording::Integrity integrity;
    std::string hash;

    template <class T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (const recording::Entry& entry : entries) {
            if (const auto* content = std::get_if<T>(&entry.content)) found.push_back(*content);
        }
        return found;
    }
    std::vector<std::string> statements() const {
        std::vector<std::string> sql;
        for (const auto& query : all<entry::Query>())
            sql.push_back(query.sql);
        return sql;
    }
};

Played play(const std::filesystem::path& file) {
    Played played;
    auto source = recording::open_recording_file(file.string());
    if (!source) return played;
    recording::RecordingReader reader{std::move(*source)};
    for (;;) {
        auto next = reader.next();
        if (!next || !*next) break;
        played.lines += std::string{reader.line()} + '\n';
        played.entries.push_back(std::move(**next));
    }
    played.integrity = reader.integrity();
    played.hash = to_hex(reader.hash());
    return played;
}

// Text that no compression makes short.
std::string noise(std::size_t bytes) {
    static std::mt19937_64 random{7};
    std::string text;
    while (text.size() < bytes)
        text += std::to_string(random());
    return text;
}

class Recordings : public testing::Test {
protected:
    static void SetUpTestSuite() {
        static const std::string once = PostgresCluster::shared().sql(
            "CREATE ROLE alice LOGIN; CREATE TABLE marks (mark text); GRANT ALL ON marks TO alice");
    }

    YAML::Node recorded(const std::string& mode, AdminLogin admin = AdminLogin::absent) {
        YAML::Node config = basic_config(cluster, admin);
        config["resources"][the_resource]["recording"] = mode;
        config["recordings"]["directory"] = directory().string();
        return config;
    }
    std::filesystem::path directory() const { return place.path() / "recordings"; }

    std::filesystem::path file_of(const std::string& session) const {
        std::error_code none;
        for (const auto& file : std::filesystem::recursive_directory_iterator{directory(), none}) {
            if (file.path().filename().string().starts_with(session)) return file.path();
        }
        return {};
    }
    // Of a session that the client leaves.
    Played after(RunningCurfew& curfew, LiveSession& session) const {
        session.client.send(wire::terminate());
        curfew.await_end(session.id);
        return play(file_of(session.id));
    }
    // A live one, once it has what is asked for.
    template <class Condition>
    Played once(const std::string& session, Condition&& condition) const {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        const auto file = file_of(session);
        FileWatch watch{file};
        for (;;) {
            Played played = play(file);
            if (condition(played) || !watch.await_change(deadline)) return played;
        }
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    TemporaryDirectory place{"curfew-recordings"};
};

TEST_F(Recordings, HaveAStatementAndHowItWent) {
    RunningCurfew curfew{recorded("statements")};
    const GivenGrant grant = curfew.grant("alice");
    LiveSession session = curfew.open_session("alice", the_resource, {{"application_name", "a test"}});
    session.client.query("SELECT generate_series(1, 3)");
    const Played played = after(curfew, session);
    EXPECT_EQ(played.integrity.condition, recording::Condition::complete) << played.integrity.what;

    const auto started = played.all<entry::Started>();
    ASSERT_THAT(started, SizeIs(1));
    EXPECT_EQ(started[0].session.text(), session.id);
    EXPECT_EQ(started[0].grant.text(), grant.id);
    EXPECT_EQ(started[0].user, "alice");
    EXPECT_EQ(started[0].parameters.at("application_name"), "a test");
    EXPECT_EQ(std::to_string(started[0].backend_pid), session.backend);

    EXPECT_THAT(played.statements(),
                testing::ElementsAre("SELECT pg_backend_pid()", "SELECT generate_series(1, 3)"));
    const auto completed = played.all<entry::Completed>();
    ASSERT_THAT(completed, SizeIs(2));
    EXPECT_EQ(completed[1].tag, "SELECT 3");
    EXPECT_EQ(completed[1].rows, 3U);
    EXPECT_THAT(played.all<entry::Row>(), IsEmpty()) << "statements alone";
    const auto notices = played.all<entry::Notice>();
    ASSERT_THAT(notices, SizeIs(1)) << "the banner";
    EXPECT_TRUE(notices[0].by_curfew);
    EXPECT_THAT(notices[0].message, HasSubstr(grant.id));

    const auto ended = played.all<entry::Ended>();
    ASSERT_THAT(ended, SizeIs(1));
    EXPECT_EQ(ended[0].cause, policy::EndCause::client_closed);
    EXPECT_EQ(ended[0].last_statement, "SELECT generate_series(1, 3)");
    EXPECT_EQ(ended[0].outcome, policy::TransactionOutcome::committed);
    EXPECT_GT(ended[0].bytes_from_client, 0U);
}

TEST_F(Recordings, HaveParametersOfTheExtendedProtocol) {
    RunningCurfew curfew{recorded("statements")};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.send(wire::parse("s", "SELECT $1::text || $2::text") +
                        wire::bind("", "s", {"one", "two"}) + wire::execute("") + wire::sync());
    session.client.read_until_ready();
    const Played played = after(curfew, session);
    const auto parsed = played.all<entry::Parse>();
    ASSERT_THAT(parsed, SizeIs(1));
    EXPECT_EQ(parsed[0].sql, "SELECT $1::text || $2::text");
    const auto bound = played.all<entry::Bind>();
    ASSERT_THAT(bound, SizeIs(1));
    ASSERT_THAT(bound[0].parameters, SizeIs(2));
    EXPECT_EQ(bound[0].parameters[1].bytes, "two");
    const auto executed = played.all<entry::Execute>();
    ASSERT_THAT(executed, SizeIs(1));
    EXPECT_EQ(executed[0].statement, "s");
}

TEST_F(Recordings, HaveErrorsWithTheirSqlstate) {
    RunningCurfew curfew{recorded("statements")};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.send(wire::query("SELECT 1/0"));
    session.client.read_until_ready();
    const Played played = after(curfew, session);
    const auto failed = played.all<entry::Failed>();
    ASSERT_THAT(failed, SizeIs(1));
    EXPECT_EQ(failed[0].sqlstate, "22012");
    EXPECT_EQ(played.all<entry::Ended>().at(0).outcome, policy::TransactionOutcome::rolled_back);
}

TEST_F(Recordings, CountWhatIsCopied) {
    RunningCurfew curfew{recorded("statements")};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.send(wire::query("COPY (SELECT generate_series(10, 19)) TO STDOUT"));
    session.client.read_until_ready();
    session.client.send(wire::query("COPY marks FROM STDIN"));
    session.client.read_until('G');
    session.client.send(wire::copy_data("one\n") + wire::copy_data("two\n") + wire::copy_done());
    session.client.read_until_ready();
    const Played played = after(curfew, session);
    const auto copied = played.all<entry::CopyEnded>();
    ASSERT_THAT(copied, SizeIs(2));
    EXPECT_EQ(copied[0].direction, entry::CopyStarted::Direction::out);
    EXPECT_EQ(copied[0].messages, 10U);
    EXPECT_EQ(copied[0].bytes, 30U);
    EXPECT_EQ(copied[1].direction, entry::CopyStarted::Direction::in);
    EXPECT_EQ(copied[1].messages, 2U);
    EXPECT_EQ(copied[1].bytes, 8U);
    EXPECT_THAT(played.lines, Not(HasSubstr("one"))) << "counted, and not kept";
}

TEST_F(Recordings, HaveRowsInModeFull) {
    RunningCurfew curfew{recorded("full")};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.query("SELECT 'a' AS letter, generate_series(1, 2) AS number");
    const Played played = after(curfew, session);
    EXPECT_THAT(played.all<entry::Columns>().back().names, testing::ElementsAre("letter", "number"));
    const auto rows = played.all<entry::Row>();
    ASSERT_THAT(rows, SizeIs(3)) << "one of open_session()'s";
    EXPECT_EQ(rows[2].values.at(1).bytes, "2");
}

TEST_F(Recordings, HaveAResultUpToItsCapInModeFull) {
    RunningCurfew curfew{recorded("full")};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.query("SELECT repeat('x', 1000) FROM generate_series(1, 1000)");
    const Played played = after(curfew, session);
    const auto completed = played.all<entry::Completed>().back();
    EXPECT_EQ(completed.rows, 1000U);
    EXPECT_EQ(completed.rows_kept + 1, played.all<entry::Row>().size());
    EXPECT_GT(completed.rows_kept, 50U);
    EXPECT_LT(completed.rows_kept, 70U) << "64 KiB";
}

TEST_F(Recordings, HaveTheCommandsOfReplication) {
    cluster.sql("CREATE ROLE bob LOGIN REPLICATION");
    RunningCurfew curfew{recorded("statements")};
    curfew.grant("bob", "1h", {"--replication"});
    WireClient client = curfew.client();
    client.log_in("bob", the_resource, {{"replication", "database"}});
    client.query("IDENTIFY_SYSTEM");
    const std::string session = curfew.log().await("session.admitted").text("session");
    client.send(wire::terminate());
    curfew.await_end(session);
    const Played played = play(file_of(session));
    EXPECT_TRUE(played.all<entry::Started>().at(0).replication);
    EXPECT_THAT(played.statements(), testing::ElementsAre("IDENTIFY_SYSTEM"));
}

TEST_F(Recordings, TellOfACancel) {
    RunningCurfew curfew{recorded("statements")};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.send(wire::query("SELECT pg_sleep(60)"));
    ASSERT_TRUE(cluster.await("count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = " +
                              session.backend));
    WireClient canceller = curfew.client();
    canceller.send(wire::cancel_request(session.client.process_id(), session.client.cancel_key()));
    canceller.read_to_end();
    session.client.read_until_ready();
    const Played played = after(curfew, session);
    EXPECT_THAT(played.all<entry::CancelAsked>(), SizeIs(1));
    EXPECT_EQ(played.all<entry::Failed>().at(0).sqlstate, "57014");
}

TEST_F(Recordings, TellWhatTheEndCutShort) {
    RunningCurfew curfew{recorded("statements", AdminLogin::present)};
    const GivenGrant grant = curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.query("BEGIN");
    session.client.query("INSERT INTO marks VALUES ('cut short')");
    session.client.send(wire::query("SELECT pg_sleep(60)"));
    ASSERT_TRUE(cluster.await("count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = " +
                              session.backend));
    curfew.revoke(grant.id);
    EXPECT_EQ(session.client.read_to_end().sqlstate(), "57P01");
    EXPECT_EQ(curfew.await_end(session.id).cause, "grant_revoked");
    const Played played = play(file_of(session.id));
    EXPECT_EQ(played.integrity.condition, recording::Condition::complete) << played.integrity.what;
    const auto ended = played.all<entry::Ended>();
    ASSERT_THAT(ended, SizeIs(1));
    EXPECT_EQ(ended[0].cause, policy::EndCause::grant_revoked);
    EXPECT_THAT(ended[0].why, HasSubstr("was revoked"));
    EXPECT_EQ(ended[0].last_statement, "SELECT pg_sleep(60)");
    EXPECT_EQ(ended[0].outcome, policy::TransactionOutcome::rolled_back);
}

TEST_F(Recordings, CanBeReadUpToTheirLastFrameAfterAKill) {
    RunningCurfew curfew{recorded("statements", AdminLogin::present)};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.query("SELECT 'before the kill'");
    const auto has_it = [](const Played& played) { return !played.all<entry::Completed>().empty(); };
    EXPECT_EQ(once(session.id, has_it).integrity.condition, recording::Condition::open);
    curfew.kill9();
    const Played played = play(file_of(session.id));
    EXPECT_EQ(played.integrity.condition, recording::Condition::cut);
    EXPECT_THAT(played.statements(), Contains("SELECT 'before the kill'"));
    curfew.restart();
    EXPECT_EQ(play(file_of(session.id)).hash, played.hash) << "the next start changes nothing of it";
}

TEST_F(Recordings, AreNotMadeWhereTheyAreOff) {
    RunningCurfew curfew{recorded("off")};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.query("SELECT 1");
    after(curfew, session);
    EXPECT_FALSE(std::filesystem::exists(directory()));
}

TEST_F(Recordings, HaveNoTraceOfWhatIsLeftOut) {
    YAML::Node config = recorded("full");
    config["recordings"]["redact"]["patterns"].push_back(R"(card=([0-9]+))");
    YAML::Node statement;
    statement["pattern"] = "(?i)::text AS secret";
    config["recordings"]["redact"]["statements"].push_back(statement);
    RunningCurfew curfew{config};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.query("ALTER ROLE alice PASSWORD 'hunter2hunter2'");
    session.client.query("SELECT 'card=4111111111111111'");
    session.client.send(wire::parse("", "SELECT $1::text AS secret") +
                        wire::bind("", "", {"a parameter to hide"}) + wire::execute("") + wire::sync());
    session.client.read_until_ready();
    const Played played = after(curfew, session);
    EXPECT_EQ(played.integrity.condition, recording::Condition::complete);
    EXPECT_THAT(played.lines, HasSubstr("[redacted]"));
    EXPECT_THAT(played.lines, Not(HasSubstr("hunter2")));
    EXPECT_THAT(played.lines, Not(HasSubstr("4111111")));
    for (const auto& bound : played.all<entry::Bind>())
        EXPECT_EQ(bound.parameters.at(0).form, recording::Value::Form::redacted);
}

TEST_F(Recordings, AreKnownToTheSessionsRecordByTheirHash) {
    RunningCurfew curfew{recorded("statements")};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.query("SELECT 'the last'");
    const Played played = after(curfew, session);
    const boost::json::value answer = curfew.cli({"sessions", "--past"});
    const auto& past = answer.at("items").at(0);
    EXPECT_EQ(past.at("recording"), "statements");
    EXPECT_EQ(past.at("recording_hash"), played.hash.c_str());
    EXPECT_EQ(past.at("last_statement"), "SELECT 'the last'");
}

TEST_F(Recordings, ShowWhatASessionIsAt) {
    RunningCurfew curfew{recorded("statements")};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.send(wire::query("SELECT pg_sleep(60)"));
    const auto has_it = [](const Played& played) { return !played.statements().empty(); };
    once(session.id, has_it);
    const auto sessions = curfew.sessions();
    ASSERT_EQ(sessions.size(), 1U);
    EXPECT_EQ(sessions[0].at("statement").at("sql"), "SELECT pg_sleep(60)");
}

// A disk of a few hundred kilobytes, which the test can fill.
class FullDisks : public Recordings {
protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root, to mount a small disk";
        std::filesystem::create_directory(directory());
    }

    void start(const std::string& on_failure) {
        YAML::Node config = recorded("statements", AdminLogin::present);
        config["recordings"]["on_failure"] = on_failure;
        RunningCurfew::Options options;
        options.launcher = {
            "unshare",
            "--mount",
            "sh",
            "-c",
            "mount -t tmpfs -o size=250k,mode=700 none '" + directory().string() + "' && exec \"$@\"",
            "sh"};
        curfew.emplace(config, options);
        curfew->grant("alice");
    }
    // The disk as curfewd sees it.
    std::filesystem::path disk() {
        return "/proc/" + std::to_string(curfew->process().pid()) + "/root" + directory().string();
    }
    void fill_disk() {
        std::ofstream file{disk() / "filling", std::ios::binary};
        const std::string block(4096, 'x');
        for (int i = 0; i < 200 && file; ++i)
            file << block << std::flush;
    }
    void empty_disk() { std::filesystem::remove(disk() / "filling"); }

    std::optional<RunningCurfew> curfew;
};

TEST_F(FullDisks, EndSessionsThatCannotBeWrittenDownAnyMore) {
    start("end");
    LiveSession session = curfew->open_session("alice");
    session.client.send(wire::query("SELECT '" + noise(900'000) + "'"));
    const Ending ending = session.client.read_to_end();
    EXPECT_EQ(ending.sqlstate(), "57P01");
    EXPECT_THAT(ending.message(), HasSubstr("cannot write down what is done here"));
    const SessionEnd end = curfew->await_end(session.id);
    EXPECT_EQ(end.cause, "recording_failed");
    EXPECT_EQ(end.confirmation, "activity");
    EXPECT_EQ(cluster.backend_count(session.backend_is_it()), 0);
    EXPECT_EQ(
        curfew->metric("curfew_sessions_total", {{"resource", the_resource}, {"cause", "recording_failed"}}),
        1);
    EXPECT_EQ(curfew->metric("curfew_recording_failures_total", {{"kind", "write"}}), 1);
}

TEST_F(FullDisks, KeepNobodyOutOnceThereIsRoomAgain) {
    start("end");
    fill_disk();
    EXPECT_THAT(refusal(curfew->conninfo("alice")), HasSubstr("lets nobody in unrecorded"));
    EXPECT_EQ(curfew->metric(
                  "curfew_admissions_total",
                  {{"resource", the_resource}, {"decision", "refused"}, {"reason", "recording_unavailable"}}),
              1);
    empty_disk();
    PgConnection client{curfew->conninfo("alice")};
    EXPECT_EQ(client.value("SELECT 'here'"), "here");
}

TEST_F(FullDisks, LeaveSessionsAloneThatMayContinue) {
    start("continue");
    fill_disk();
    PgConnection client{curfew->conninfo("alice")};
    EXPECT_EQ(client.value("SELECT 'here'"), "here");
    curfew->log().await("recording.failed");
    empty_disk();
    curfew->log().await("recording.goes_on");
    EXPECT_EQ(client.value("SELECT 'still here'"), "still here");
}

}  // namespace
}  // namespace curfew::test

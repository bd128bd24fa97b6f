// `curfew recordings`, `replay` and `search`, against a running server and on a file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <future>
#include <sstream>

#include "being_written.hpp"
#include "child_process.hpp"
#include "recording/local_storage.hpp"
#include "running_servers.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
namespace entry = recording::entry;

class RecordingCommands : public testing::Test {
protected:
    TemporaryDirectory directory;
    SystemClock system_clock;
    std::shared_ptr<recording::RecordingStorage> storage{
        recording::LocalStorage::open(directory / "recordings", system_clock).value()};
    RunningAdmin admin{[this](api::ApiServerOptions& options) {
        options.api.recordings = {storage, nullptr};
    }};

    Finished curfew(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--socket", admin.socket()});
        return run_curfew(arguments);
    }
    // The identifier of a session in which these were run, a second each.
    std::string recorded(const std::vector<std::string>& statements) {
        auto record = example_record();
        record.id = SessionId::generate();
        record.facts.recording = policy::RecordingMode::statements;
        admin.record(record);
        BeingWritten recording{
            *storage, {record.id, record.started_at}, std::make_shared<recording::LiveWatch>()};
        entry::Started started;
        started.session = record.id;
        started.grant = record.grant;
        started.user = record.user;
        started.resource = record.resource;
        started.database = "orders";
        recording.add(0s, started);
        recording::Offset at{0};
        for (const auto& sql : statements)
            recording.add(at += 1s, query(sql));
        recording.add(at, entry::Ended{});
        recording.close();
        return std::string{record.id.text()};
    }
    static std::string contents(const std::string& path) {
        std::ostringstream text;
        text << std::ifstream{path}.rdbuf();
        return text.str();
    }
};

TEST_F(RecordingCommands, ReplayShowsWhatWasDone) {
    const auto id = recorded({"SELECT 1", "SELECT 2"});
    const auto done = curfew({"replay", id});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, AllOf(StartsWith("Session " + id + " of alice on prod/orders"),
                                HasSubstr("00:01.000   SELECT 1\n00:02.000   SELECT 2\n")));
    EXPECT_THAT(done.err, HasSubstr("The recording is complete: 4 entries"));
}

TEST_F(RecordingCommands, ReplayGoesOnWhereAPageEnds) {
    const auto id = recorded(std::vector<std::string>(1200, "SELECT 1"));
    EXPECT_THAT(curfew({"replay", id}).err, HasSubstr("1202 entries"));
}

TEST_F(RecordingCommands, ReplayFollowsToTheEnd) {
    const auto id = recorded({"SELECT 1"});
    const auto done = curfew({"replay", "--follow", id});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, HasSubstr("SELECT 1"));
    EXPECT_THAT(done.err, HasSubstr("complete"));
}

TEST_F(RecordingCommands, ReplayFollowsALiveOneUntilItEnds) {
    auto record = example_record();
    record.facts.recording = policy::RecordingMode::statements;
    admin.record(record);
    const std::string id{record.id.text()};
    BeingWritten recording{
        *storage, {record.id, record.started_at}, std::make_shared<recording::LiveWatch>()};
    recording.add(0s, entry::Started{}).flush();
    auto following = std::async(std::launch::async, [&] { return curfew({"replay", id, "-f"}); });
    // Once it is noted, the recording is read.
    boost::json::value noted;
    do {
        noted = admin.request("GET", "/api/v1/audit-trail?kind=recording.read").json();
    } while (noted.at("items").as_array().empty());
    recording.add(1s, query("SELECT 'later'")).flush();
    recording.add(2s, entry::Ended{}).close();
    const auto done = following.get();
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, AllOf(HasSubstr("SELECT 'later'"), HasSubstr("The session ended")));
    EXPECT_THAT(done.err, HasSubstr("complete: 3 entries"));
}

TEST_F(RecordingCommands, ReplayGivesLinesOfJson) {
    const auto id = recorded({"SELECT 1"});
    for (const char* follow : {"--no-wait", "--follow"}) {
        const auto done = curfew({"--json", "replay", follow, id});
        std::istringstream lines{done.out};
        std::vector<boost::json::value> values;
        for (std::string line; std::getline(lines, line);)
            values.push_back(boost::json::parse(line));
        ASSERT_EQ(values.size(), 4U);
        EXPECT_EQ(values[1].at("sql"), "SELECT 1");
        EXPECT_EQ(values[3].at("condition"), "complete");
    }
}

TEST_F(RecordingCommands, ReplayExportsForOtherPrograms) {
    const auto id = recorded({"SELECT 42"});
    EXPECT_THAT(curfew({"replay", id, "--export", "sql"}).out, HasSubstr("SELECT 42"));
    const auto path = (directory / "cast").string();
    const auto done = curfew({"replay", id, "--export", "asciicast", "--output", path});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, IsEmpty());
    EXPECT_THAT(contents(path), StartsWith("{\"version\""));
}

TEST_F(RecordingCommands, ReplayNeedsNoServerForAFile) {
    const auto id = recorded({"SELECT 42"});
    const auto path = (directory / "kept").string();
    ASSERT_EQ(curfew({"replay", id, "--export", "file", "-o", path}).exit_code, 0);
    auto done = run_curfew({"replay", "--file", path});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, HasSubstr("SELECT 42"));
    EXPECT_THAT(run_curfew({"replay", "--file", path, "--export", "sql"}).out, HasSubstr("SELECT 42"));

    auto bytes = contents(path);
    bytes[bytes.size() - 3] = static_cast<char>(bytes[bytes.size() - 3] ^ 1);
    std::ofstream{path} << bytes;
    done = run_curfew({"replay", "--file", path});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.out, Not(HasSubstr("SELECT 42")));
    EXPECT_THAT(done.err, HasSubstr("broken"));
    EXPECT_EQ(run_curfew({"replay", "--file", path + "-not-there"}).exit_code, 3);
}

TEST_F(RecordingCommands, ReplayLeavesNoFileThatIsNotWhole) {
    const auto path = (directory / "cast").string();
    const auto done = curfew({"replay", "s-00000000", "--export", "sql", "-o", path});
    EXPECT_EQ(done.exit_code, 3);
    EXPECT_THAT(done.err, HasSubstr("s-00000000"));
    EXPECT_FALSE(std::ifstream{path}.is_open());
}

TEST_F(RecordingCommands, ReplaySaysWhatItTakes) {
    for (const std::vector<std::string>& wrong : {std::vector<std::string>{"replay"},
                                                  {"replay", "s-00000000", "--file", "x"},
                                                  {"replay", "s-00000000", "-o", "x"},
                                                  {"replay", "s-00000000", "--speed", "0"},
                                                  {"replay", "s-00000000", "--follow", "--export", "sql"}})
        EXPECT_EQ(curfew(wrong).exit_code, 2) << wrong.back();
}

TEST_F(RecordingCommands, RecordingsListsThem) {
    const auto id = recorded({});
    EXPECT_THAT(curfew({"recordings"}).out, StartsWith(id + "\talice\tprod/orders\t"));
    EXPECT_THAT(curfew({"recordings", "--user", "bob"}).out, IsEmpty());
    EXPECT_THAT(curfew({"--json", "recordings"}).out, HasSubstr("\"mode\":\"statements\""));
}

TEST_F(RecordingCommands, SearchFindsText) {
    const auto id = recorded({"DROP TABLE orders"});
    const auto done = curfew({"search", "drop table"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_THAT(done.out, AllOf(StartsWith(id + "\t"), HasSubstr("\t00:01.000\tsql\tDROP TABLE orders\n")));
    EXPECT_THAT(done.err, HasSubstr("1 found in 1 recording"));
    EXPECT_EQ(curfew({"search", "drop table", "--case"}).exit_code, 3);
    EXPECT_EQ(curfew({"search", "d.*s", "--regex", "--user", "alice"}).exit_code, 0);
    EXPECT_EQ(curfew({"search", "(", "--regex"}).exit_code, 2);
    EXPECT_THAT(curfew({"--json", "search", "drop table"}).out, HasSubstr("\"match\":\"DROP TABLE\""));
}

}  // namespace
}  // namespace curfew::test

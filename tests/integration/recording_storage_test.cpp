// Which sessions are recorded, and that their recordings get to where they are kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

#include "cli_office.hpp"
#include "recording/local_storage.hpp"
#include "recording/reader.hpp"
#include "support/pg_connection.hpp"
#include "support/running_curfew.hpp"
#include "support/s3_server.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::size_t files_below(const std::filesystem::path& directory) {
    std::error_code none;
    std::size_t count = 0;
    for (auto file = std::filesystem::recursive_directory_iterator{directory, none};
         !none && file != std::filesystem::recursive_directory_iterator{}; file.increment(none))
        count += file->is_regular_file(none) ? 1 : 0;
    return count;
}

class RecordingsInS3 : public testing::Test {
protected:
    YAML::Node config() {
        YAML::Node config = basic_config(PostgresCluster::shared());
        config["resources"][the_resource]["recording"] = "statements";
        YAML::Node recordings = config["recordings"];
        recordings["directory"] = (place.path() / "recordings").string();
        YAML::Node s3 = recordings["s3"];
        s3["endpoint"] = server.endpoint();
        s3["region"] = server.owner.region;
        s3["bucket"] = S3Server::bucket;
        s3["prefix"] = "prod";
        s3["access_key_id"] = server.owner.access_key_id;
        s3["secret_access_key"]["file"] = place.write("s3.secret", server.owner.secret_access_key).string();
        return config;
    }
    // The objects of a session, one after the other.
    std::string content_of(const std::string& session) const {
        std::string content;
        for (const auto& [key, bytes] : server.objects()) {
            if (key.find("/" + session + "/") != std::string::npos) content += bytes;
        }
        return content;
    }
    // A session of alice's that says this, and is over and uploaded.
    std::string recorded_session(RunningCurfew& curfew, const std::string& statement) {
        LiveSession session = curfew.open_session("alice");
        session.client.query(statement);
        session.client.send(wire::terminate());
        curfew.await_end(session.id);
        server.await("the end of the recording", [&](const S3Server&) { return is_there(session.id); });
        return session.id;
    }
    // Looked up once more, after its last part.
    bool is_there(const std::string& session) const {
        const auto& requests = server.requests_now();
        return !requests.empty() && requests.back() == "200 GET /recordings" &&
               std::any_of(server.objects_now().begin(), server.objects_now().end(), [&](const auto& object) {
                   return object.first.find("/" + session + "/") != std::string::npos;
               });
    }

    TemporaryDirectory place{"curfew-s3"};
    S3Server server;
};

TEST_F(RecordingsInS3, AreThereOnceTheirSessionsAreOver) {
    PostgresCluster::shared().sql("CREATE ROLE alice LOGIN");
    RunningCurfew curfew{config()};
    curfew.grant("alice");
    const std::string session = recorded_session(curfew, "SELECT 'kept elsewhere'");
    recording::RecordingReader reader{recording::recording_of_bytes(content_of(session))};
    std::string lines;
    for (auto next = reader.next(); next && *next; next = reader.next())
        lines += std::string{reader.line()} + "\n";
    EXPECT_EQ(reader.integrity().condition, recording::Condition::complete) << reader.integrity().what;
    EXPECT_THAT(lines, HasSubstr("SELECT 'kept elsewhere'"));
    EXPECT_TRUE(eventually([&] { return files_below(place.path() / "recordings") == 0; })) << "and not here";
    EXPECT_THAT(curfew.cli_result({"replay", session, "--no-wait"}).out,
                HasSubstr("SELECT 'kept elsewhere'"));
    EXPECT_THAT(server.refusals(), IsEmpty());
    EXPECT_EQ(curfew.metric("curfew_recording_upload_waiting_bytes"), 0);
}

class RecordingsByRule : public AtTheOffice {
protected:
    // A session of alice's, and how much of it is recorded.
    std::string recorded_in(const std::string& uri) {
        PgConnection session{uri};
        const auto pid = session.value("SELECT pg_backend_pid()");
        const auto sessions = ada.asks({"sessions"});
        for (const auto& live : sessions.at("items").as_array()) {
            const auto& backend = live.at("backend_pid");
            if (backend.is_number() && std::to_string(backend.to_number<int>()) == pid)
                return std::string{live.at("recording").as_string()};
        }
        return "no session";
    }
    std::string uri_to(const std::string& resource) {
        auto printed = alice.does({"connect", resource, "--print"});
        printed.pop_back();
        return printed;
    }
};

TEST_F(RecordingsByRule, AreMadeOfSessionsThatWereApprovedUnderIt) {
    const std::string resource = new_resource();
    ada.does({"admin", "edit", "rule", resource, "--recording", "statements"});
    get_access(resource);
    EXPECT_EQ(recorded_in(uri_to(resource)), "statements");
}

TEST_F(RecordingsByRule, AreMadeWhereTheResourceAsksForMore) {
    const std::string resource = new_resource();
    get_access(resource);
    EXPECT_EQ(recorded_in(uri_to(resource)), "off");
    ada.does({"admin", "edit", "resource", resource, "--recording", "full"});
    EXPECT_EQ(recorded_in(uri_to(resource)), "full");
}

}  // namespace
}  // namespace curfew::test

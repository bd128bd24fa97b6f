// Recordings over the API: who may read them, in which forms, live ones too, and what is found in them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <memory>

#include "being_written.hpp"
#include "contract.hpp"
#include "known_people.hpp"
#include "recording/local_storage.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

namespace entry = recording::entry;

class Recordings : public testing::Test {
protected:
    TemporaryDirectory directory;
    SystemClock system_clock;
    std::shared_ptr<recording::RecordingStorage> storage{
        recording::LocalStorage::open(directory / "recordings", system_clock).value()};
    std::shared_ptr<recording::LiveWatch> live = std::make_shared<recording::LiveWatch>();
    RunningAdmin admin{[this](api::ApiServerOptions& options) {
        serve_known_people(options);
        options.api.recordings = {storage, live};
    }};

    HttpReply get(const std::string& target, const std::string& who = "olga", Headers more = {}) const {
        auto headers = headers_of(who + " by cookie");
        headers.insert(headers.end(), more.begin(), more.end());
        return admin.request_by_tcp("GET", "/api/v1" + target, "", headers);
    }
    // A session that the store knows to have been recorded, or not.
    store::SessionRecord session(const std::string& user = "alice", const std::string& node = "db-1",
                                 policy::RecordingMode mode = policy::RecordingMode::statements) {
        auto record = example_record();
        record.id = SessionId::generate();
        record.user = user;
        record.node = node;
        record.started_at = admin.clock.wall_now();
        record.facts.recording = mode;
        admin.record(record);
        return record;
    }
    std::unique_ptr<BeingWritten> begin(const store::SessionRecord& record) {
        const recording::RecordingKey key{record.id, record.started_at};
        auto recording = std::make_unique<BeingWritten>(*storage, key, live);
        entry::Started started;
        started.session = record.id;
        started.grant = record.grant;
        started.user = record.user;
        started.resource = record.resource;
        started.at = record.started_at;
        recording->add(0us, started);
        return recording;
    }
    // Entries 0 started, then a query and its answer for each, then ended.
    store::SessionRecord recorded(const std::vector<std::string>& statements,
                                  const std::string& user = "alice") {
        auto record = session(user);
        auto recording = begin(record);
        recording::Offset at{0};
        for (const auto& sql : statements) {
            recording->add(at += 1ms, query(sql));
            entry::Completed completed;
            completed.tag = "SELECT 1";
            recording->add(at += 1ms, completed);
        }
        recording->add(at += 1ms, entry::Ended{});
        recording->close();
        return record;
    }
    static std::string path(const store::SessionRecord& record, const std::string& more = "") {
        return "/sessions/" + std::string{record.id.text()} + "/recording" + more;
    }
    static std::string text(const boost::json::value& value) { return std::string{value.as_string()}; }
    static std::string detail(const HttpReply& reply) { return text(reply.json().at("detail")); }
    static std::vector<std::string> kinds(const boost::json::value& document) {
        std::vector<std::string> kinds;
        for (const auto& item : document.at("items").as_array())
            kinds.push_back(text(item.at("kind")));
        return kinds;
    }
    // Of recordings, in the audit trail: `recording.read s-… by olga`.
    std::vector<std::string> noted() const {
        std::vector<std::string> noted;
        const auto document = get("/audit-trail?kind=recording&order=oldest").json();
        for (const auto& event : document.at("items").as_array())
            noted.push_back(text(event.at("kind")) + " " + text(event.at("id")) + " by " +
                            text(event.at("actor")));
        return noted;
    }
    std::vector<std::string> found(const std::string& query_text) const {
        std::vector<std::string> found;
        const auto document = get("/recordings/search?" + query_text).json();
        for (const auto& hit : document.at("items").as_array()) {
            found.push_back(text(hit.at("before")) + "[" + text(hit.at("match")) + "]" +
                            text(hit.at("after")));
        }
        return found;
    }
};

TEST_F(Recordings, AreReadPageByPage) {
    const auto record = recorded({"SELECT 1", "SELECT 2"});
    const auto first = get(path(record, "?limit=4")).json();
    EXPECT_THAT(kinds(first), ElementsAre("started", "query", "completed", "query"));
    EXPECT_EQ(first.at("first"), 0);
    EXPECT_EQ(first.at("next"), "4");
    EXPECT_EQ(text(first.at("recording").at("id")), record.id.text());
    EXPECT_EQ(first.at("recording").at("mode"), "statements");
    EXPECT_EQ(first.at("items").at(1).at("sql"), "SELECT 1");
    const auto second = get(path(record, "?limit=4&after=4")).json();
    EXPECT_EQ(second.at("first"), 4);
    EXPECT_THAT(kinds(second), ElementsAre("completed", "ended"));
    EXPECT_TRUE(second.at("next").is_null());
    EXPECT_EQ(second.at("integrity").at("condition"), "complete");
    // By itself: nothing was kept from a page before.
    EXPECT_THAT(kinds(get(path(record, "?after=5")).json()), ElementsAre("ended"));
}

TEST_F(Recordings, AreForAuditorsAlone) {
    const auto record = recorded({"SELECT 1"}, "bob");
    for (const char* more :
         {"", "?format=ndjson", "?format=sql", "?format=asciicast", "?follow=true", "/file"}) {
        EXPECT_EQ(get(path(record, more), "ann").status, 200) << more;
        EXPECT_EQ(get(path(record, more), "olga").status, 200) << more;
        EXPECT_EQ(get(path(record, more), "bob").status, 403) << "one's own: " << more;
    }
    EXPECT_EQ(get("/recordings", "bob").status, 403);
    EXPECT_EQ(get("/recordings/search?q=x", "bob").status, 403);
}

TEST_F(Recordings, AreReadOnRecord) {
    const auto record = recorded({"SELECT 1", "SELECT 2"});
    const std::string id{record.id.text()};
    get(path(record, "?limit=1"));
    get(path(record, "?limit=1&after=1"));
    EXPECT_THAT(noted(), ElementsAre("recording.read " + id + " by olga")) << "once for its pages";
    get(path(record), "ann");
    get(path(record, "/file"));
    get("/recordings/search?q=select");
    EXPECT_THAT(noted(),
                ElementsAre("recording.read " + id + " by olga", "recording.read " + id + " by ann",
                            "recording.read " + id + " by olga", "recording.searched recordings by olga"));
    admin.clock.advance(11min);
    get(path(record, "?limit=1"));
    EXPECT_THAT(noted(), SizeIs(5));
}

TEST_F(Recordings, AreGivenAsLinesWithAWordOnTheirCondition) {
    const auto record = recorded({"SELECT 1"});
    for (const auto& reply : {get(path(record, "?format=ndjson")),
                              get(path(record), "olga", {{"Accept", "application/x-ndjson"}})}) {
        EXPECT_EQ(reply.headers.at("content-type"), "application/x-ndjson");
        EXPECT_THAT(reply.headers.at("content-disposition"), HasSubstr(".ndjson"));
        std::vector<boost::json::value> lines;
        std::string_view left = reply.body;
        while (!left.empty()) {
            lines.push_back(boost::json::parse(left.substr(0, left.find('\n'))));
            left.remove_prefix(left.find('\n') + 1);
        }
        ASSERT_THAT(lines, SizeIs(5));
        EXPECT_EQ(lines[1].at("sql"), "SELECT 1");
        EXPECT_EQ(lines[4].at("condition"), "complete");
        EXPECT_EQ(lines[4].at("entries"), 4);
        EXPECT_THAT(text(lines[4].at("hash")), SizeIs(64));
    }
}

TEST_F(Recordings, AreExportedForOtherPrograms) {
    const auto record = recorded({"SELECT 42"});
    const auto cast = get(path(record, "?format=asciicast"));
    EXPECT_THAT(cast.body, StartsWith("{\"version\""));
    EXPECT_THAT(cast.headers.at("content-disposition"), HasSubstr(".cast"));
    const auto sql = get(path(record, "?format=sql"));
    EXPECT_THAT(sql.body, HasSubstr("SELECT 42"));
}

TEST_F(Recordings, AreGivenAsTheirFiles) {
    const auto record = recorded({"SELECT 1"});
    const auto reply = get(path(record, "/file"));
    EXPECT_EQ(reply.headers.at("content-type"), "application/octet-stream");
    const auto summary = recording::verify(recording::recording_of_bytes(reply.body)).value();
    EXPECT_EQ(summary.integrity.condition, recording::Condition::complete);
    EXPECT_EQ(summary.entries, 4U);
}

TEST_F(Recordings, AreFollowedAsTheyGrow) {
    const auto record = session();
    auto recording = begin(record);
    recording->flush();
    auto client = RawClient::tcp(admin.port());
    client.send(
        request_text("GET", "/api/v1" + path(record, "?follow=true"), "", headers_of("olga by cookie")));
    EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("text/event-stream"));
    EXPECT_THAT(client.read_until("\n\n"), StartsWith("event: entry\nid: 1\ndata: {\"at\":0,"));
    recording->add(1s, query("SELECT 1")).flush();
    EXPECT_THAT(client.read_until("\n\n"), HasSubstr("SELECT 1"));
    recording->add(2s, entry::Ended{}).close();
    EXPECT_THAT(client.read_until("\n\n"), StartsWith("event: entry\nid: 3\n"));
    EXPECT_THAT(client.read_to_end(), StartsWith("event: end\ndata: {\"condition\":\"complete\""));
}

TEST_F(Recordings, AreFollowedFromWhereOneWas) {
    const auto record = recorded({"SELECT 1"});
    const auto reply = get(path(record, "?follow=true"), "olga", {{"Last-Event-ID", "3"}});
    EXPECT_THAT(reply.body, StartsWith("event: entry\nid: 4\n"));
    EXPECT_THAT(get(path(record, "?follow=true&after=4")).body, StartsWith("event: end\n"));
}

TEST_F(Recordings, OfALiveSessionAreThereAsFarAsTheyAreWritten) {
    const auto record = session();
    auto recording = begin(record);
    recording->add(1s, query("SELECT 1")).flush();
    const auto page = get(path(record)).json();
    EXPECT_THAT(kinds(page), ElementsAre("started", "query"));
    EXPECT_TRUE(page.at("next").is_null());
    EXPECT_EQ(page.at("integrity").at("condition"), "open");
}

TEST_F(Recordings, ThatAreNotHereAreSaidToBeElsewhereOrGone) {
    const auto elsewhere = session("alice", "db-2");
    auto reply = get(path(elsewhere));
    EXPECT_EQ(reply.status, 404);
    EXPECT_THAT(detail(reply), HasSubstr("node 'db-2'"));
    const auto gone = session("alice", "db-1");
    for (const char* more : {"", "?format=sql", "?follow=true", "/file"}) {
        reply = get(path(gone, more));
        EXPECT_EQ(reply.status, 404) << more;
        EXPECT_THAT(detail(reply), HasSubstr("keep_for")) << more;
    }
    const auto never = session("alice", "db-1", policy::RecordingMode::off);
    EXPECT_THAT(detail(get(path(never))), HasSubstr("was not recorded"));
    EXPECT_EQ(get("/sessions/s-00000000/recording").status, 404);
    EXPECT_EQ(get("/sessions/all/recording").status, 404);
}

TEST_F(Recordings, SayWhatTheyTake) {
    const auto record = recorded({});
    for (const char* wrong : {"?format=pdf", "?after=x", "?after=-1", "?limit=0", "?follow=maybe",
                              "?follow=true&format=sql", "?format=sql&after=1"})
        EXPECT_EQ(get(path(record, wrong)).status, 400) << wrong;
    for (const char* wrong : {"", "?q=", "?q=%28&regex=true", "?q=x&after=y", "?q=x&after=1/x", "?q=x&user="})
        EXPECT_EQ(get("/recordings/search" + std::string{wrong}).status, 400) << wrong;
}

TEST_F(Recordings, AreListed) {
    const auto of_alice = recorded({});
    session("bob", "db-1", policy::RecordingMode::off);
    const auto of_bob = recorded({}, "bob");
    const auto ids = [this](const std::string& more) {
        std::vector<std::string> listed;
        const auto document = get("/recordings" + more).json();
        for (const auto& item : document.at("items").as_array())
            listed.push_back(text(item.at("id")));
        return listed;
    };
    EXPECT_THAT(ids(""), ElementsAre(of_bob.id.text(), of_alice.id.text()));
    EXPECT_THAT(ids("?user=alice"), ElementsAre(of_alice.id.text()));
    EXPECT_THAT(ids("?resource=managed"), IsEmpty());
}

TEST_F(Recordings, AreSearched) {
    recorded({"SELECT name FROM people", "DROP  TABLE orders"});
    recorded({"drop table people"}, "bob");
    EXPECT_THAT(found("q=drop%20table"), ElementsAre("[drop table] people", "[DROP  TABLE] orders"));
    EXPECT_THAT(found("q=DROP%20TABLE&case=true"), ElementsAre("[DROP  TABLE] orders"));
    EXPECT_THAT(found("q=drop.%2A%28people%7Corders%29&regex=true&user=bob"),
                ElementsAre("[drop table people]"));
    EXPECT_THAT(found("q=truncate"), IsEmpty());
}

TEST_F(Recordings, AreSearchedAPieceAtATime) {
    recorded({"SELECT 1", "SELECT 2", "SELECT 3"});
    recorded({"SELECT 4"}, "bob");
    std::vector<std::string> found;
    std::string after;
    for (int i = 0; i < 20; ++i) {
        const auto page = get("/recordings/search?q=select&limit=1" + after).json();
        for (const auto& hit : page.at("items").as_array())
            if (hit.at("kind") == "query") found.push_back(text(hit.at("after")));
        if (page.at("next").is_null()) break;
        after = "&after=" + text(page.at("next"));
    }
    EXPECT_THAT(found, ElementsAre(" 4", " 1", " 2", " 3"));
}

TEST_F(Recordings, ThatCannotBeSearchedHereAreCounted) {
    recorded({"SELECT 1"});
    session("alice", "db-2");
    session("alice", "db-1");
    const auto document = get("/recordings/search?q=nothing").json();
    EXPECT_EQ(document.at("recordings"), 1);
    EXPECT_EQ(document.at("missing"), 1);
    EXPECT_EQ(document.at("elsewhere"), boost::json::array{"db-2"});
}

}  // namespace
}  // namespace curfew::test

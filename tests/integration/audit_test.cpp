// The audit trail of a real curfewd, as an auditor sees it: exported, verified against signed heads, sent to
// syslog, and tampered with.
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <sstream>

#include "../unit/audit/syslog_server.hpp"
#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr int findings = 10;

class AuditTrail : public testing::Test {
protected:
    AuditTrail() {
        for (int i = 0; i < 6; ++i)
            curfew.revoke(curfew.grant("alice").id);
    }
    static YAML::Node with_heads_and_syslog(const TemporaryDirectory& directory, const SyslogServer& syslog) {
        auto config = basic_config(PostgresCluster::shared());
        config["audit"]["heads"]["file"] = (directory / "heads.jsonl").string();
        config["audit"]["syslog"]["address"] = "tcp://127.0.0.1:" + std::to_string(syslog.port());
        return config;
    }

    std::string store() const { return curfew.directory() / "store.db"; }
    void stop() {
        curfew.terminate();
        EXPECT_TRUE(curfew.process().wait().success());
    }
    // What somebody does who may write the file.
    void tamper(const std::string& sql) {
        SQLite::Database database{store(), SQLite::OPEN_READWRITE};
        database.exec(sql);
    }
    CommandResult verify(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"audit", "verify"});
        return curfew.cli_result(std::move(more));
    }
    CommandResult verify_store(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"--from-store", store()});
        return verify(std::move(more));
    }
    std::string heads() const { return directory / "heads.jsonl"; }
    // The public key, in a file.
    std::string key() const {
        const std::string file = directory / "audit.pem";
        std::ofstream{file} << curfew.cli_result({"audit", "key", "--pem"}).out;
        return file;
    }
    std::string exported() const {
        const std::string file = directory / "trail.jsonl";
        std::ofstream{file} << curfew.cli_result({"audit", "export"}).out;
        return file;
    }

    TemporaryDirectory directory{"curfew-audit"};
    SyslogServer syslog{SyslogServer::Kind::tcp};
    RunningCurfew curfew{with_heads_and_syslog(directory, syslog)};
};

TEST_F(AuditTrail, IsVerifiedByTheApiByItsExportAndInTheStore) {
    const auto by_api = verify();
    EXPECT_EQ(by_api.status.code, 0) << by_api.out << by_api.err;
    EXPECT_THAT(by_api.out, HasSubstr("The audit trail is unbroken"));
    EXPECT_EQ(verify({"--from", exported()}).status.code, 0);
    EXPECT_EQ(verify_store().status.code, 0) << "while curfewd runs";
    stop();
    EXPECT_EQ(verify_store().status.code, 0);
}

TEST_F(AuditTrail, AgreesWithTheHeadsThatItsNodeSigned) {
    const std::string public_key = key();
    std::ofstream{heads(), std::ios::app} << curfew.cli_result({"audit", "head"}).out;
    const auto by_api = verify({"--heads", heads(), "--key", public_key});
    EXPECT_EQ(by_api.status.code, 0) << by_api.out << by_api.err;
    EXPECT_THAT(by_api.out, HasSubstr("signed heads agree with it"));
    // With the one that is written at the end.
    stop();
    const auto json =
        boost::json::parse(verify_store({"--heads", heads(), "--key", public_key, "--json"}).out);
    EXPECT_TRUE(json.at("ok").as_bool());
    EXPECT_EQ(json.at("vouched"), json.at("last"));
}

TEST_F(AuditTrail, NamesTheEventThatWasChangedInTheStore) {
    stop();
    tamper("UPDATE events SET actor = 'mallory' WHERE number = 5");
    const auto result = verify_store();
    EXPECT_EQ(result.status.code, findings);
    EXPECT_THAT(result.out, HasSubstr("Event 5, or event 4 before it, is not what was written"));
    curfew.restart();
    const auto by_api = verify();
    EXPECT_EQ(by_api.status.code, findings);
    EXPECT_THAT(by_api.out, HasSubstr("Event 5, or event 4 before it, is not what was written"));
}

TEST_F(AuditTrail, NamesTheEventThatWasRemovedFromTheStore) {
    stop();
    tamper("DELETE FROM events WHERE number IN (3, 4)");
    const auto result = verify_store();
    EXPECT_EQ(result.status.code, findings);
    EXPECT_THAT(result.out, HasSubstr("Events 3 to 4 are missing"));
}

TEST_F(AuditTrail, NamesEventsThatChangedPlacesInTheStore) {
    stop();
    tamper(
        "UPDATE events SET number = 1000000 WHERE number = 4; UPDATE events SET number = 4 WHERE number = 5; "
        "UPDATE events SET number = 5 WHERE number = 1000000");
    const auto result = verify_store();
    EXPECT_EQ(result.status.code, findings);
    EXPECT_THAT(result.out, HasSubstr("Events 4 to 5 do not stand in the order"));
}

TEST_F(AuditTrail, NamesAnEventThatSomebodyElseAdded) {
    stop();
    tamper(
        "INSERT INTO events (number, at_ms, kind, id, actor, summary, hash) "
        "SELECT max(number) + 1, max(at_ms), 'grant.given', 'g-00000000', 'root', '{}', randomblob(32) FROM "
        "events");
    const auto result = verify_store();
    EXPECT_EQ(result.status.code, findings);
    EXPECT_THAT(result.out, HasSubstr("is not what was written"));
}

TEST_F(AuditTrail, SeesByItsHeadsThatItsEndWasCutOff) {
    const std::string public_key = key();
    stop();
    tamper("DELETE FROM events WHERE number > 8");
    EXPECT_EQ(verify_store().status.code, 0) << "a chain alone does not show it";
    const auto result = verify_store({"--heads", heads(), "--key", public_key});
    EXPECT_EQ(result.status.code, findings);
    EXPECT_THAT(result.out, HasSubstr("The trail ends with event 8"));
    EXPECT_EQ(verify_store({"--at-least", "12"}).status.code, findings);
}

TEST_F(AuditTrail, DoesNotTakeAHeadThatSomebodyElseSigned) {
    const std::string public_key = key();
    auto head = boost::json::parse(curfew.cli_result({"audit", "head"}).out).as_object();
    head["number"] = 3;
    const std::string file = directory / "forged.jsonl";
    std::ofstream{file} << boost::json::serialize(head) << "\nnonsense\n";
    const auto result = verify({"--heads", file, "--key", public_key});
    EXPECT_EQ(result.status.code, findings);
    EXPECT_THAT(result.out, HasSubstr("forged"));
    EXPECT_THAT(result.out, HasSubstr("unreadable"));
}

TEST_F(AuditTrail, IsExportedByWhatIsAskedFor) {
    const auto result = curfew.cli_result({"audit", "export", "--kind", "grant.revoked"});
    std::istringstream lines{result.out};
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        const auto event = boost::json::parse(line);
        EXPECT_EQ(event.at("kind").as_string(), "grant.revoked");
        EXPECT_EQ(event.at("summary"), boost::json::parse(event.at("summary_text").as_string()));
    }
    EXPECT_EQ(count, 6);
}

TEST_F(AuditTrail, IsSentBySyslogFromWhenItWasSetUp) {
    // What is not the first thing that happened to this store may be before its place.
    const auto message = syslog.next();
    EXPECT_EQ(message.app_name, "curfew");
    EXPECT_THAT(message.data.at("hash"), testing::SizeIs(64));
    const auto last = boost::json::parse(curfew.cli_result({"audit", "list", "--limit", "1", "--json"}).out)
                          .at("items")
                          .as_array()
                          .at(0);
    auto number = message.data.at("number");
    const auto wanted = std::to_string(last.at("number").as_int64());
    while (number != wanted)
        number = syslog.next().data.at("number");
}

TEST_F(AuditTrail, HasItsHeadsInTheLogToo) {
    stop();
    EXPECT_THAT(curfew.log().text(), HasSubstr("\"audit.head\""));
}

}  // namespace
}  // namespace curfew::test

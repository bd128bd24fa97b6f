// Receipts: whoever has a node's public key sees, without Curfew, what a session was allowed and how it
// ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <fstream>
#include <iterator>

#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ReceiptOfASession : public testing::Test {
protected:
    ReceiptOfASession() {
        [[maybe_unused]] static const bool made = [] {
            PostgresCluster::shared().sql(
                "CREATE ROLE alice LOGIN; CREATE TABLE marks (mark text); GRANT ALL ON marks TO alice");
            return true;
        }();
    }

    // Where the receipt is, once it is issued.
    std::string receipt(const RunningCurfew& curfew, const std::string& session,
                        const std::string& name = "receipt.json") const {
        const std::string file = directory / name;
        EXPECT_TRUE(eventually(
            [&] {
                return curfew.cli_result({"receipt", "show", session, "-o", file}).status.success();
            },
            patience))
            << curfew.cli_result({"receipt", "show", session}).err;
        return file;
    }
    // The public key of that node, as its administrator hands it out.
    std::string public_key(const RunningCurfew& curfew, const std::string& name = "node.pub.pem") const {
        const std::string key = curfew.log().await("audit.key_opened").text("file");
        const std::string file = directory / name;
        EXPECT_TRUE(run({"openssl", "pkey", "-in", key, "-pubout", "-out", file}).status.success());
        return file;
    }
    static std::string content(const std::string& file) {
        std::ifstream stream{file};
        return {std::istreambuf_iterator<char>{stream}, {}};
    }
    static boost::json::value document(const std::string& file) {
        return boost::json::parse(content(file)).at("receipt");
    }
    // Without a server to ask.
    static CommandResult verify(const std::string& file, std::vector<std::string> more) {
        std::vector<std::string> command{CURFEW_TEST_COMMAND, "receipt", "verify", file};
        command.insert(command.end(), more.begin(), more.end());
        return run(std::move(command));
    }
    // As docs/receipts.md has it.
    CommandResult verify_by_openssl(const std::string& file, const std::string& key) const {
        const std::string script = "set -e; cd '" + directory.path().string() +
                                   "'; { printf 'curfew receipt v1\\n'; sed -n 2p '" + file +
                                   "' | tr -d '\\n'; } > signed; "
                                   "sed -n '3s/.*\"signature\":\"\\([^\"]*\\)\".*/\\1/p' '" +
                                   file +
                                   "' | base64 -d > signature; "
                                   "openssl pkeyutl -verify -pubin -inkey '" +
                                   key + "' -rawin -in signed -sigfile signature";
        return run({"sh", "-c", script});
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    TemporaryDirectory directory{"curfew-receipts"};
};

TEST_F(ReceiptOfASession, StatesHowItEndedAndIsVerifiedWithoutAServer) {
    RunningCurfew curfew{basic_config(cluster, AdminLogin::present)};
    const GivenGrant grant = curfew.grant("alice", std::to_string(2 * slowdown) + "s");
    LiveSession session = curfew.open_session("alice");
    session.client.send(wire::query("BEGIN; INSERT INTO marks VALUES ('receipt')"));
    session.client.read_until_ready();
    EXPECT_EQ(session.client.read_to_end().sqlstate(), "57P01");
    curfew.await_end(session.id);

    const std::string file = receipt(curfew, session.id);
    const std::string key = public_key(curfew);
    const CommandResult verified = verify(file, {"--key", key});
    EXPECT_EQ(verified.status.code, 0) << verified.err;
    EXPECT_THAT(verified.out,
                AllOf(HasSubstr(session.id + ": alice on prod-postgres"), HasSubstr("its grant expired"),
                      HasSubstr(grant.id), HasSubstr("its row left pg_stat_activity"),
                      HasSubstr("of the last transaction: rolled back"),
                      HasSubstr("Genuine: it is as it was signed")));
    const CommandResult by_openssl = verify_by_openssl(file, key);
    EXPECT_TRUE(by_openssl.status.success()) << by_openssl.out << by_openssl.err;

    const auto said = document(file);
    EXPECT_EQ(said.at("session").at("cause"), "grant_expired");
    EXPECT_EQ(said.at("backend").at("confirmation"), "activity");
    EXPECT_LT(said.at("client").at("overstay_ms").to_number<int>(), within(250ms).count());
    EXPECT_LT(said.at("backend").at("overstay_ms").to_number<int>(), within(1000ms).count());
    EXPECT_GT(said.at("client").at("bytes_received").to_number<int>(), 0);
    EXPECT_EQ(said.at("work").at("transaction_outcome"), "rolled_back");
    EXPECT_EQ(said.at("session").at("deadline"), said.at("grant").at("ends_at"));
}

TEST_F(ReceiptOfASession, IsFoundAlteredWhereOneWordIsAnother) {
    RunningCurfew curfew{basic_config(cluster, AdminLogin::present)};
    const GivenGrant grant = curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    curfew.revoke(grant.id);
    curfew.await_end(session.id);
    const std::string file = receipt(curfew, session.id);
    const std::string key = public_key(curfew);
    std::string changed = content(file);
    const std::string cause = "grant_revoked";
    ASSERT_NE(changed.find(cause), std::string::npos);
    changed.replace(changed.find(cause), cause.size(), "client_closed");
    const std::string forged = directory.write("forged.json", changed);
    const CommandResult found = verify(forged, {"--key", key});
    EXPECT_EQ(found.status.code, 10);
    EXPECT_THAT(found.out, AllOf(HasSubstr("ALTERED"), Not(HasSubstr("alice"))));
    EXPECT_FALSE(verify_by_openssl(forged, key).status.success());
}

TEST_F(ReceiptOfASession, IsTrustedByNobodyWhoseKeyItIsNotSignedWith) {
    RunningCurfew curfew{basic_config(cluster, AdminLogin::present)};
    const GivenGrant grant = curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    curfew.revoke(grant.id);
    curfew.await_end(session.id);
    const std::string file = receipt(curfew, session.id);
    const std::string other = directory / "other.pem";
    const std::string other_public = directory / "other.pub.pem";
    ASSERT_TRUE(run({"openssl", "genpkey", "-algorithm", "ed25519", "-out", other}).status.success());
    ASSERT_TRUE(run({"openssl", "pkey", "-in", other, "-pubout", "-out", other_public}).status.success());
    EXPECT_EQ(verify(file, {"--key", other_public}).status.code, 10);
    const CommandResult alone = verify(file, {});
    EXPECT_EQ(alone.status.code, 10);
    EXPECT_THAT(alone.out, HasSubstr("whose key that is, a receipt cannot say"));
    const std::string fingerprint = curfew.log().await("audit.key_opened").text("fingerprint");
    EXPECT_EQ(verify(file, {"--key", fingerprint}).status.code, 0);
    EXPECT_EQ(verify(file, {"--key", other_public, "--key", fingerprint}).status.code, 0);
}

TEST_F(ReceiptOfASession, IsIssuedByTheNextStartWhereItsNodeWasKilled) {
    RunningCurfew curfew{basic_config(cluster, AdminLogin::present)};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    session.client.send(wire::query("INSERT INTO marks VALUES ('killed'); SELECT pg_sleep(60)"));
    ASSERT_TRUE(cluster.await("count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = " +
                              session.backend));
    curfew.kill9();
    curfew.restart();
    const std::string file = receipt(curfew, session.id);
    EXPECT_EQ(verify(file, {"--key", public_key(curfew)}).status.code, 0);
    const auto said = document(file);
    EXPECT_EQ(said.at("session").at("cause"), "node_crashed");
    EXPECT_EQ(said.at("backend").at("confirmation"), "activity");
    EXPECT_TRUE(said.at("client").at("closed_at").is_null());
    EXPECT_FALSE(said.at("backend").at("gone_at").is_null());
}

TEST_F(ReceiptOfASession, IsThereAlsoWhereTheNodeEndsWithIt) {
    RunningCurfew curfew{basic_config(cluster, AdminLogin::present)};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    curfew.terminate();
    curfew.log().await("node.draining");
    curfew.terminate();  // in a hurry
    EXPECT_TRUE(curfew.process().wait().success());
    curfew.restart();
    const auto said = document(receipt(curfew, session.id));
    EXPECT_EQ(said.at("session").at("cause"), "node_stopping");
}

TEST_F(ReceiptOfASession, IsGivenOnce) {
    RunningCurfew curfew{basic_config(cluster, AdminLogin::present)};
    curfew.grant("alice");
    LiveSession session = curfew.open_session("alice");
    curfew.kill_session(session.id);
    const std::string before = content(receipt(curfew, session.id, "before.json"));
    curfew.terminate();
    EXPECT_TRUE(curfew.process().wait().success());
    curfew.restart();
    EXPECT_EQ(content(receipt(curfew, session.id, "after.json")), before);
}

// --- Nodes that share a store ------------------------------------------------------------------------------

class ReceiptOfAFleet : public ReceiptOfASession {
protected:
    ReceiptOfAFleet() { store().sql("CREATE DATABASE curfew"); }
    ~ReceiptOfAFleet() override { store().sql("DROP DATABASE curfew WITH (FORCE)"); }

    static PostgresCluster& store() {
        static PostgresCluster cluster;
        return cluster;
    }
    YAML::Node config(const std::string& node) const {
        YAML::Node config = basic_config(cluster, AdminLogin::present);
        config["node"] = node;
        config["store"]["postgresql"] = store().tcp_conninfo("postgres", "curfew");
        config["store"]["max_staleness"] = "4s";
        config["store"]["node_lease"] = "3s";
        config["audit"]["signing_key_file"] = (directory / (node + ".key")).string();
        return config;
    }
    static LiveSession open_session_soon(RunningCurfew& curfew) {
        for (const Instant give_up = Instant::clock::now() + patience;;) {
            try {
                return curfew.open_session("alice");
            } catch (const std::exception&) {
                if (Instant::clock::now() > give_up) throw;
            }
        }
    }
};

TEST_F(ReceiptOfAFleet, IsSignedByTheNodeThatHadTheSessionAndGivenByEach) {
    RunningCurfew a{config("gate-a")};
    RunningCurfew b{config("gate-b")};
    const GivenGrant grant = a.grant("alice");
    const LiveSession there = open_session_soon(b);
    a.revoke(grant.id);
    b.await_end(there.id);
    const std::string file = receipt(a, there.id);
    EXPECT_EQ(document(file).at("issued").at("by"), "gate-b");
    EXPECT_EQ(verify(file, {"--key", public_key(b, "b.pem")}).status.code, 0);
    EXPECT_EQ(verify(file, {"--key", public_key(a, "a.pem")}).status.code, 10);
    EXPECT_EQ(content(receipt(b, there.id, "from-b.json")), content(file));
}

TEST_F(ReceiptOfAFleet, IsIssuedByTheNodeThatEndedWhatACrashedOneLeft) {
    RunningCurfew a{config("gate-a")};
    RunningCurfew b{config("gate-b")};
    a.grant("alice");
    const LiveSession there = open_session_soon(b);
    b.kill9();
    a.log().await("session.reaped", {{"session", there.id}}, patience * 3);
    const std::string file = receipt(a, there.id);
    EXPECT_EQ(document(file).at("issued").at("by"), "gate-a");
    EXPECT_EQ(document(file).at("session").at("node"), "gate-b");
    EXPECT_EQ(verify(file, {"--key", public_key(a)}).status.code, 0);
}

}  // namespace
}  // namespace curfew::test

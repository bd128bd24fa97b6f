// While no store answers, named approvers sign a grant, and a node takes it: once, for one user and one
// resource, until its end and no longer, and it is entered afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/held_store.hpp"
#include "support/pg_connection.hpp"
#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class OfflineGrants : public testing::Test {
protected:
    static void SetUpTestSuite() {
        static bool done = false;  // by the suite that this one builds on
        if (done) return;
        done = true;
        PostgresCluster::shared().sql("CREATE ROLE alice LOGIN");
    }

    OfflineGrants() {
        for (const std::string approver : {"bob", "carol"})
            public_keys_[approver] = command({"offline", "keygen", key_of(approver)});
    }

    YAML::Node config(const std::string& max_staleness = "60s") {
        YAML::Node node = basic_config(PostgresCluster::shared(), AdminLogin::present);
        node["store"]["max_staleness"] = max_staleness;
        YAML::Node offline = node["offline_grants"];
        offline["installation"] = "test-installation";
        offline["directory"] = (files_ / "node").string();
        for (const auto& [user, key] : public_keys_) {
            YAML::Node approver;
            approver["user"] = user;
            approver["public_key"] = key;
            offline["approvers"].push_back(approver);
        }
        return node;
    }

    static std::string store_of(const RunningCurfew& curfew) { return curfew.directory() / "store.db"; }
    static bool is_ready(const RunningCurfew& curfew) {
        return http_get(curfew.metrics_port(), "/readyz").status == 200;
    }
    // Returns once the node knows.
    static std::unique_ptr<HeldStore> take_store_away(const RunningCurfew& curfew) {
        auto held = std::make_unique<HeldStore>(store_of(curfew));
        EXPECT_TRUE(eventually([&] { return !is_ready(curfew); }, patience * 2));
        return held;
    }

    std::string key_of(const std::string& approver) const { return files_ / (approver + ".key"); }
    // The curfew command, without any curfewd.
    static std::string command(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), CURFEW_PATH);
        const CommandResult result = run(std::move(arguments));
        if (!result.status.success()) throw std::runtime_error(result.err);
        return result.out.substr(0, result.out.find('\n'));
    }

    // A document for alice at this node, signed by these.
    std::string document(const RunningCurfew& curfew, const std::string& length,
                         const std::vector<std::string>& signers = {"bob", "carol"}) {
        const std::string file = files_ / ("grant-" + std::to_string(++documents_) + ".json");
        const CommandResult asked =
            curfew.cli_result({"offline", "request", the_resource, "--user", "alice", "--for", length,
                               "--reason", "orders are stuck", "--out", file});
        EXPECT_TRUE(asked.status.success()) << asked.err;
        for (const std::string& signer : signers)
            command({"approve", "--offline", file, "--key", key_of(signer), "--yes"});
        return file;
    }
    static std::string submit(const RunningCurfew& curfew, const std::string& file) {
        const auto taken = curfew.cli({"offline", "submit", file});
        return std::string{taken.at("grant").at("grant").as_string()};
    }
    static void expect_refused(const RunningCurfew& curfew, const std::string& file, const std::string& why) {
        const CommandResult result = curfew.cli_result({"offline", "submit", file});
        EXPECT_FALSE(result.status.success());
        EXPECT_THAT(result.err, HasSubstr(why));
    }
    static Ending attempt(const RunningCurfew& curfew) {
        WireClient client = curfew.client();
        client.send_startup({{"user", "alice"}, {"database", the_resource}});
        return client.read_to_end(patience * 2);
    }
    // The request that it was entered as.
    static boost::json::value entered_request(const RunningCurfew& curfew, const std::string& grant) {
        curfew.log().await("offline_grant.entered", {{"grant", grant}}, patience * 2);
        const auto requests = curfew.cli({"requests", "--all"});
        for (const auto& request : requests.at("items").as_array()) {
            if (request.at("grant") == boost::json::value(grant)) return request;
        }
        return nullptr;
    }

    PostgresCluster& cluster = PostgresCluster::shared();
    TemporaryDirectory files_{"offline"};

private:
    std::map<std::string, std::string> public_keys_;
    int documents_ = 0;
};

TEST_F(OfflineGrants, LetAPersonInWhileTheStoreIsAwayAndAreEnteredWhenItIsBack) {
    RunningCurfew curfew{config()};
    std::string grant;
    std::optional<LiveSession> session;
    {
        const auto held = take_store_away(curfew);
        EXPECT_EQ(attempt(curfew).sqlstate(), "28000") << "alice has no grant";
        grant = submit(curfew, document(curfew, "30m"));
        session.emplace(curfew.open_session("alice"));
        EXPECT_EQ(session->grant, grant);
        EXPECT_EQ(curfew.metric("curfew_offline_grants_total", {{"outcome", "taken"}}), 1);
        EXPECT_EQ(curfew.metric("curfew_offline_grants_not_entered"), 1);
        const LogEvent taken = curfew.log().await("offline_grant.taken");
        EXPECT_EQ(taken.text("user"), "alice");
        EXPECT_EQ(taken.text("signers"), "bob, carol");
    }
    const auto request = entered_request(curfew, grant);
    ASSERT_TRUE(request.is_object()) << "no request gave " << grant;
    EXPECT_EQ(request.at("status"), "APPROVED");
    EXPECT_EQ(request.at("decision"), "signed_offline");
    EXPECT_EQ(request.at("review_due"), true);
    EXPECT_EQ(request.at("reviews").as_array().size(), 2U);
    EXPECT_TRUE(eventually([&] { return is_ready(curfew); }));
    EXPECT_EQ(curfew.metric("curfew_offline_grants_not_entered"), 0);
    EXPECT_EQ(session->client.query("SELECT 'still here'"), "still here");
    curfew.revoke(grant);
    EXPECT_EQ(curfew.await_end(session->id).cause, "grant_revoked") << "it is a grant like any other now";
}

TEST_F(OfflineGrants, AreGoodOnceAlsoAfterACrash) {
    RunningCurfew curfew{config()};
    std::string file;
    {
        const auto held = take_store_away(curfew);
        file = document(curfew, "30m");
        submit(curfew, file);
        expect_refused(curfew, file, "was used already");
        curfew.kill9();
    }
    curfew.restart();
    const auto held = take_store_away(curfew);
    expect_refused(curfew, file, "was used already");
    EXPECT_EQ(curfew.metric("curfew_offline_grants_total", {{"outcome", "refused"}}), 1);
}

TEST_F(OfflineGrants, NeedEnoughApprovers) {
    RunningCurfew curfew{config()};
    const auto held = take_store_away(curfew);
    expect_refused(curfew, document(curfew, "30m", {"bob"}), "1 of 2 approvers signed it: bob");
    EXPECT_EQ(attempt(curfew).sqlstate(), "28000");
}

TEST_F(OfflineGrants, AreNotTakenWhileTheStoreAnswers) {
    RunningCurfew curfew{config()};
    const std::string file = document(curfew, "30m");
    expect_refused(curfew, file, "the store answers");
    const auto looked_at = curfew.cli({"offline", "submit", file, "--check"});
    EXPECT_TRUE(looked_at.at("grant").at("grant").is_null()) << "a drill uses nothing up";
    const auto held = take_store_away(curfew);
    submit(curfew, file);
}

TEST_F(OfflineGrants, EndTheirSessionsWithoutTheStore) {
    RunningCurfew curfew{config()};
    {
        const auto held = take_store_away(curfew);
        submit(curfew, document(curfew, std::to_string(3 * slowdown) + "s"));
        LiveSession session = curfew.open_session("alice");
        session.client.send(wire::query("SELECT pg_sleep(60)"));
        EXPECT_EQ(session.client.read_to_end().sqlstate(), "57P01");
        EXPECT_TRUE(cluster.await("count(*) = 0 FROM pg_stat_activity WHERE pid = " + session.backend));
        EXPECT_EQ(attempt(curfew).sqlstate(), "28000") << "and let nobody in any more";
        EXPECT_EQ(curfew.await_end(session.id).cause, "grant_expired");
    }
    EXPECT_TRUE(eventually([&] { return is_ready(curfew); }, patience * 2));
    EXPECT_TRUE(eventually([&] {
        const auto past = curfew.cli({"sessions", "--past"}).at("items").as_array();
        return past.size() == 1 && past[0].at("state") == "ended" && past[0].at("cause") == "grant_expired";
    })) << "what happened meanwhile is in the store";
}

TEST_F(OfflineGrants, OutliveTheStalenessThatEndsOthers) {
    RunningCurfew curfew{config("1s")};
    curfew.grant("alice");
    LiveSession before = curfew.open_session("alice");
    const auto held = take_store_away(curfew);
    EXPECT_EQ(curfew.await_end(before.id, patience * 2).cause, "store_lost");
    submit(curfew, document(curfew, "30m"));
    LiveSession session = curfew.open_session("alice");
    EXPECT_EQ(session.client.query("SELECT pg_sleep(1.5)"), "");
}

TEST_F(OfflineGrants, AreTakenAsFilesThatAreDropped) {
    RunningCurfew curfew{config()};
    const auto held = take_store_away(curfew);
    const auto incoming = files_ / "node" / "incoming";
    std::filesystem::copy_file(document(curfew, "30m"), incoming / "good.json");
    curfew.log().await("offline_grant.taken", {{"submitted_by", "file good.json"}});
    std::ofstream{incoming / "bad.json"} << "{}";
    curfew.log().await("offline_grant.refused", {{"submitted_by", "file bad.json"}});
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(incoming / "good.json.taken"); }));
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(incoming / "bad.json.refused"); }));
    EXPECT_NO_THROW(curfew.open_session("alice"));
}

TEST_F(OfflineGrants, AreTakenAsTokensThatArePasted) {
    RunningCurfew curfew{config()};
    const std::string token = command({"offline", "show", "--token", document(curfew, "30m")});
    const auto held = take_store_away(curfew);
    submit(curfew, token);
    EXPECT_NO_THROW(curfew.open_session("alice"));
}

TEST_F(OfflineGrants, ComeWithAPasswordWhereCurfewAsksForOne) {
    cluster.sql("CREATE ROLE app LOGIN");
    YAML::Node node = config();
    YAML::Node resource = node["resources"][the_resource];
    resource["login"] = "managed";
    resource["role"]["user"] = "app";
    RunningCurfew curfew{node};
    const auto held = take_store_away(curfew);
    const auto taken = curfew.cli({"offline", "submit", document(curfew, "30m")});
    const std::string password{taken.at("secret").as_string()};
    PgConnection connection{curfew.conninfo("alice") + " password=" + password};
    EXPECT_EQ(connection.value("SELECT session_user"), "app");
    EXPECT_THAT(refusal(curfew.conninfo("alice") + " password=guessed"), HasSubstr("authentication failed"));
}

TEST_F(OfflineGrants, CanBeRevokedWhileTheStoreIsAway) {
    RunningCurfew curfew{config()};
    std::string grant;
    {
        const auto held = take_store_away(curfew);
        grant = submit(curfew, document(curfew, "30m"));
        LiveSession session = curfew.open_session("alice");
        curfew.revoke(grant);
        EXPECT_EQ(session.client.read_to_end().sqlstate(), "57P01");
        EXPECT_EQ(curfew.await_end(session.id, patience * 2).cause, "grant_revoked");
        EXPECT_EQ(attempt(curfew).sqlstate(), "28000");
    }
    entered_request(curfew, grant);
    const auto grants = curfew.cli({"grants", "--all"}).at("items").as_array();
    ASSERT_EQ(grants.size(), 1U);
    EXPECT_EQ(grants[0].at("state"), "revoked");
}

TEST_F(OfflineGrants, LeaveNoBackendBehindWhenTheNodeDies) {
    RunningCurfew curfew{config()};
    std::optional<LiveSession> session;
    std::string grant;
    {
        const auto held = take_store_away(curfew);
        grant = submit(curfew, document(curfew, "30m"));
        session.emplace(curfew.open_session("alice"));
        session->client.send(wire::query("SELECT pg_sleep(60)"));
        EXPECT_TRUE(cluster.await("count(*) = 1 FROM pg_stat_activity WHERE state = 'active' AND pid = " +
                                  session->backend));
        curfew.kill9();
    }
    curfew.restart();
    EXPECT_TRUE(cluster.await("count(*) = 0 FROM pg_stat_activity WHERE pid = " + session->backend));
    const auto past = curfew.cli({"sessions", "--past"}).at("items").as_array();
    ASSERT_EQ(past.size(), 1U);
    EXPECT_EQ(past[0].at("cause"), "node_crashed");
    EXPECT_EQ(past[0].at("grant").as_string(), grant);
}

// --- With the store that nodes share

class OfflineGrantsInAFleet : public OfflineGrants {
protected:
    OfflineGrantsInAFleet() {
        static int count = 0;
        database_ = "curfew_" + std::to_string(++count);
        store_cluster().sql("CREATE DATABASE " + database_);
    }
    ~OfflineGrantsInAFleet() override { store_cluster().sql("DROP DATABASE " + database_ + " WITH (FORCE)"); }

    static PostgresCluster& store_cluster() {
        static PostgresCluster cluster;
        return cluster;
    }
    YAML::Node config_of(const std::string& node) {
        YAML::Node config = OfflineGrants::config();
        config["node"] = node;
        config["store"]["postgresql"] = store_cluster().tcp_conninfo("postgres", database_);
        config["offline_grants"]["directory"] = (files_ / node).string();
        return config;
    }
    // Nobody gets in to the store, and nobody stays.
    void cut_store() {
        store_cluster().sql("ALTER DATABASE " + database_ + " WITH ALLOW_CONNECTIONS false");
        store_cluster().sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                            database_ + "'");
    }
    void heal_store() { store_cluster().sql("ALTER DATABASE " + database_ + " WITH ALLOW_CONNECTIONS true"); }
    static void await_away(const RunningCurfew& curfew) {
        ASSERT_TRUE(eventually([&] { return !is_ready(curfew); }, patience * 2));
    }

private:
    std::string database_;
};

TEST_F(OfflineGrantsInAFleet, LetAPersonInAtTheNodeThatTheyNameAndAreKnownToAllAfterwards) {
    RunningCurfew a{config_of("gate-a")};
    RunningCurfew b{config_of("gate-b")};
    cut_store();
    await_away(a);
    await_away(b);
    const std::string file = document(a, "30m");
    expect_refused(b, file, "it is for the node 'gate-a', and this one is 'gate-b'");
    const std::string grant = submit(a, file);
    LiveSession session = a.open_session("alice");
    EXPECT_EQ(session.grant, grant);
    heal_store();
    const auto request = entered_request(a, grant);
    ASSERT_TRUE(request.is_object()) << "no request gave " << grant;
    EXPECT_EQ(request.at("review_due"), true);
    EXPECT_EQ(session.client.query("SELECT 'still here'"), "still here");
    EXPECT_TRUE(eventually([&] {
        const auto past = b.cli({"sessions", "--past"});
        const auto& items = past.at("items").as_array();
        return items.size() == 1 && items[0].at("node") == "gate-a" && items[0].at("state") == "live";
    })) << "what was begun without the store is in it";
    b.revoke(grant);
    EXPECT_EQ(session.client.read_to_end().sqlstate(), "57P01") << "any node can end it now";
}

}  // namespace
}  // namespace curfew::test

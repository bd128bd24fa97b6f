// Every part of a fleet is killed (SIGKILL) in turn while people work, ask, approve and take back. Nothing
// that is promised may break; somebody who only looks from outside says whether it did.
//
// CURFEW_CHAOS_SECONDS: for how long (45). What happened is printed.
#include <gtest/gtest.h>

#include <signal.h>
#include <boost/json/value_to.hpp>
#include <cstdlib>
#include <iostream>

#include "chaos_load.hpp"
#include "support/api_client.hpp"
#include "support/free_port.hpp"
#include "support/observer.hpp"
#include "support/running_curfew.hpp"

namespace curfew::test {
namespace {

using namespace std::chrono_literals;

constexpr auto max_staleness = 4s;
constexpr int askers = 10;
constexpr int clients_each = 3;
constexpr const char* reviewer = "rita";

std::chrono::seconds length_of_chaos() {
    const char* seconds = std::getenv("CURFEW_CHAOS_SECONDS");  // NOLINT(concurrency-mt-unsafe)
    return std::chrono::seconds{seconds == nullptr ? 45 : std::stoi(seconds)};
}

class Chaos : public testing::Test {
protected:
    Chaos() {
        store.sql("CREATE DATABASE curfew");
        for (int i = 0; i < askers; ++i)
            people.askers.push_back("asker" + std::to_string(i));
        people.unheard = {"asker-unheard1", "asker-unheard2"};
        people.reviewer = reviewer;
        for (const auto* names : {&people.askers, &people.unheard}) {
            for (const std::string& name : *names)
                resource.sql("CREATE ROLE \"" + name + "\" LOGIN");
        }
        for (const char* name : {"gate-a", "gate-b"}) {
            NodeAddress address{name, free_port(), free_port()};
            nodes.emplace(name, std::make_unique<RunningCurfew>(config(address)));
            addresses.push_back(std::move(address));
        }
        for (const auto* names : {&people.askers, &people.unheard}) {
            for (const std::string& name : *names)
                sign_in(name);
        }
        sign_in(reviewer);
    }

    YAML::Node config(const NodeAddress& address) const {
        YAML::Node config = basic_config(resource, AdminLogin::present);
        config["node"] = address.name;
        config["listeners"][0]["address"] = "127.0.0.1:" + std::to_string(address.port);
        config["api"]["address"] = "127.0.0.1:" + std::to_string(address.api_port);
        config["store"]["postgresql"] = store.tcp_conninfo("postgres", "curfew");
        config["store"]["max_staleness"] = std::to_string(max_staleness.count()) + "s";
        config["store"]["node_lease"] = "6s";
        config["groups"]["reviewers"].push_back(reviewer);
        config["users"][reviewer] = YAML::Node{YAML::NodeType::Map};
        for (const auto* names : {&people.askers, &people.unheard}) {
            for (const std::string& name : *names)
                config["users"][name] = YAML::Node{YAML::NodeType::Map};
        }
        YAML::Node rule;
        rule["resources"].push_back(the_resource);
        rule["approval_groups"].push_back("reviewers");
        rule["max_duration"] = "1h";
        config["rules"]["reviewed"] = rule;
        return config;
    }

    void sign_in(const std::string& name) {
        boost::json::object sign_in;
        sign_in["code"] = nodes.at("gate-a")->cli({"admin", "link", name}).at("code");
        sign_in["password"] = "correct horse battery";
        sign_in["as"] = "token";
        const ApiAnswer answer = api_post(addresses[0].api_port, "/sign-in/one-time", {}, std::move(sign_in));
        if (!answer.ok()) throw std::runtime_error(name + " cannot sign in");
        people.tokens[name] = boost::json::value_to<std::string>(answer.body.at("token"));
    }

    // --- What is killed, each until all goes on as before
    void kill_node(const std::string& name) {
        RunningCurfew& node = *nodes.at(name);
        const WallTime from = wall_by_boot_clock();
        node.kill9();
        node.restart();
        history.node_away[name].push_back({from, wall_by_boot_clock()});
    }
    void kill_store() {
        const WallTime from = wall_by_boot_clock();
        store.kill9();
        store.start_again();
        await_ready();
        history.store_away.push_back({from, wall_by_boot_clock()});
    }
    // A backend alone: PostgreSQL ends all others with it, and recovers.
    void kill_backend_of(PostgresCluster& cluster, const std::string& which) {
        const WallTime from = wall_by_boot_clock();
        pid_t pid = 0;
        ASSERT_TRUE(eventually([&] {
            const std::string found =
                cluster.sql("SELECT pid FROM pg_stat_activity WHERE " + which + " LIMIT 1");
            if (!found.empty()) pid = std::stoi(found);
            return !found.empty();
        })) << which;
        PgConnection witness{cluster.conninfo()};
        ::kill(pid, SIGKILL);
        ASSERT_TRUE(eventually([&] { return !answers(witness); })) << "it lost a backend and did not notice";
        cluster.forget_connections();
        ASSERT_TRUE(eventually([&] { return answers(cluster); }));
        await_ready();
        if (&cluster == &store) history.store_away.push_back({from, wall_by_boot_clock()});
    }
    // Every node and the store at the same time: revocations wait until all is up again.
    void kill_control_plane() {
        const WallTime from = wall_by_boot_clock();
        for (const auto& [name, node] : nodes)
            node->process().signal(SIGKILL);
        store.kill9();
        store.start_again();
        for (const auto& [name, node] : nodes) {
            node->restart();
            history.node_away[name].push_back({from, wall_by_boot_clock()});
        }
        history.store_away.push_back({from, wall_by_boot_clock()});
    }
    void kill_resource() {
        resource.kill9();
        resource.start_again();
        await_ready();
    }
    // psql, in the middle of a statement that goes on without it.
    void kill_client() {
        const std::string user = people.askers.front();
        for (const Instant give_up = now() + patience;;) {
            const NodeAddress& at = addresses[kills % addresses.size()];
            Process psql{{PostgresCluster::program("psql"), "-X",
                          nodes.at(at.name)->conninfo(user) + " application_name=victim", "-c",
                          "SELECT pg_sleep(600)"}};
            if (resource.await(
                    "count(*) > 0 FROM pg_stat_activity WHERE application_name = 'victim' AND state "
                    "= 'active'",
                    500ms)) {
                psql.signal(SIGKILL);
                psql.wait();
                break;
            }
            ASSERT_LT(now(), give_up);
        }
        EXPECT_TRUE(resource.await("count(*) = 0 FROM pg_stat_activity WHERE application_name = 'victim'"))
            << "its grant lasts 4 s at most";
    }
    static bool answers(PgConnection& connection) {
        try {
            return connection.value("SELECT 1") == "1";
        } catch (const PgError&) {
            return false;
        }
    }
    static bool answers(PostgresCluster& cluster) {
        try {
            PgConnection connection{cluster.conninfo()};
            return answers(connection);
        } catch (const PgError&) {
            return false;
        }
    }
    void await_ready() {
        for (const auto& [name, node] : nodes) {
            EXPECT_TRUE(eventually(
                [&, &node = *node] { return http_get(node.metrics_port(), "/readyz").status == 200; },
                patience * 2))
                << name;
        }
    }
    void kill_something() {
        switch (kills++ % 8) {
            case 0:
                return kill_node("gate-a");
            case 1:
                return kill_store();
            case 2:
                return kill_resource();
            case 3:
                return kill_client();
            case 4:
                return kill_node("gate-b");
            case 5:
                return kill_backend_of(resource, "application_name LIKE 'g-%' AND state = 'active'");
            case 6:
                return kill_backend_of(store, "application_name LIKE 'curfewd%'");
            default:
                return kill_control_plane();
        }
    }

    // --- What became of it
    void read_store() {
        PgConnection connection{store.conninfo("postgres", "curfew")};
        const PgResult rows = connection.exec(
            "SELECT id, subject, coalesce(request_id, ''), starts_at_ms, ends_at_ms, revoked_at_ms "
            "FROM curfew.grants");
        const auto time = [&rows](int row, int column) {
            return WallTime{std::chrono::milliseconds{std::stoll(rows.value(row, column))}};
        };
        for (int row = 0; row < rows.rows(); ++row) {
            GrantOnRecord grant{rows.value(row, 0), rows.value(row, 1), rows.value(row, 2),
                                time(row, 3),       time(row, 4),       {}};
            if (!rows.value(row, 5).empty()) grant.revoked = time(row, 5);
            history.grants.emplace(grant.id, grant);
        }
    }
    long count_in_store(const std::string& query) {
        return store.number("SELECT count(*) FROM curfew." + query, "curfew");
    }

    PostgresCluster store{flushing_options()};
    PostgresCluster resource{flushing_options()};
    ChaosLoad::People people;
    std::vector<NodeAddress> addresses;
    std::map<std::string, std::unique_ptr<RunningCurfew>> nodes;
    History history;
    unsigned kills = 0;
};

TEST_F(Chaos, BreaksNoPromise) {
    Observer observer{resource, "asker%"};
    ChaosLoad load{addresses, people, clients_each};
    for (const Instant end = now() + length_of_chaos(); now() < end && !HasFailure();) {
        kill_something();
        // Everybody works on, under grants given since.
        const long before = resource.number("SELECT coalesce(max(number), 0) FROM commits");
        EXPECT_TRUE(resource.await("max(number) > " + std::to_string(before + 60) + " FROM commits"))
            << "after kill number " << kills;
    }
    await_ready();
    Ledger ledger = load.finish();
    EXPECT_TRUE(resource.await("count(*) = 0 FROM pg_stat_activity WHERE usename LIKE 'asker%'", 10s));

    read_store();
    history.max_staleness = max_staleness;
    history.approved = ledger.approvals_tried;
    history.bytes = ledger.last_bytes;
    history.commits = observer.commits();
    history.backends = observer.backends();
    ASSERT_LT(std::chrono::abs(wall_clock_was_set_by()), 5ms)
        << "somebody set the clock; nothing can be said";
    for (const std::string& broken : broken_promises(history))
        ADD_FAILURE() << broken;

    for (const std::string& request : ledger.requests)
        EXPECT_EQ(count_in_store("requests WHERE id = '" + request + "'"), 1) << "a request was lost";
    for (const auto& [request, by] : ledger.approvals) {
        EXPECT_EQ(
            count_in_store("requests JOIN curfew.reviews ON request_id = id WHERE id = '" + request +
                           "' AND reviewer = '" + by +
                           "' AND verdict = 'approve' AND status IN ('APPROVED', 'REVOKED', 'EXECUTED')"),
            1)
            << "the approval of " << request << " was lost";
    }
    for (const std::string& request : ledger.revocations) {
        EXPECT_EQ(count_in_store(
                      "requests JOIN curfew.grants g ON g.request_id = requests.id WHERE requests.id = '" +
                      request + "' AND status = 'REVOKED' AND revoked_at_ms IS NOT NULL"),
                  1)
            << "the revocation of " << request << " was lost";
    }
    EXPECT_TRUE(eventually([&] { return count_in_store("sessions WHERE state <> 'ended'") == 0; }))
        << "the end of a session was never recorded";

    std::cout << kills << " kills, " << history.grants.size() << " grants, " << ledger.requests.size()
              << " requests, " << ledger.approvals.size() << " approvals and " << ledger.revocations.size()
              << " revocations acknowledged, " << ledger.unacknowledged << " not; "
              << ledger.last_bytes.size() << " sessions, " << history.commits.size()
              << " commits; latest byte " << latest(history, history.bytes).count() << " ms, commit "
              << latest(history, history.commits).count() << " ms, backend "
              << latest(history, history.backends).count() << " ms after its end\n";
    EXPECT_GT(history.commits.size(), 100U);
    EXPECT_GT(ledger.revocations.size(), 3U);
}

}  // namespace
}  // namespace curfew::test

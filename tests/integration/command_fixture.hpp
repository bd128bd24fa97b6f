// Work by command: alice asks by what she sends, bob decides, and PostgreSQL sees nothing in between.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/pg_connection.hpp"
#include "support/postgres_cluster.hpp"
#include "support/running_curfew.hpp"

namespace curfew::test {

// A curfewd of which alice may ask for commands on `prod-postgres`, and bob approves them, by its API. There,
// public.orders may be read, and public.total() called, without asking. The same server is `scripts` as well,
// where Curfew logs in by itself, and scripts can be run.
class CommandOffice {
public:
    // `more_of_the_rule`: YAML.
    explicit CommandOffice(PostgresCluster& postgres, const std::string& review_timeout = "1h",
                           const std::string& more_of_the_rule = "");

    RunningCurfew& curfew() noexcept { return curfew_; }
    // Of alice, in the database `shop`.
    std::string conninfo() const { return curfew_.conninfo("alice", database); }
    // The same on `scripts`, by a password of hers for this.
    std::string managed_conninfo();
    std::uint16_t port() const { return curfew_.port(); }
    const std::string& url() const noexcept { return url_; }
    YAML::Node config() const { return YAML::Clone(config_); }

    // The next request that nobody has been told of here, past or to come: its identifier.
    std::string next_request(std::chrono::milliseconds timeout = patience);
    // Asks in alice's name for this to be run on `scripts`: the request. `length`: what it may last.
    std::string ask_to_run(const std::string& sql, const std::string& length = "1h");
    // How many have come that next_request() has not told of.
    std::size_t requests() const;

    // A request as bob sees it, or whoever has asked here.
    boost::json::object show(const std::string& request, const std::string& who = "bob") const;
    void approve(const std::string& request) const;
    void reject(const std::string& request, const std::string& comment) const;
    void revoke(const std::string& request) const;

    static constexpr const char* database = "shop";

private:
    void sign_in(const std::string& name);
    boost::json::value post(const std::string& who, const std::string& path,
                            const boost::json::object& body) const;

    std::uint16_t api_port_;
    YAML::Node config_;
    RunningCurfew curfew_;
    std::string url_;
    std::map<std::string, std::string> tokens_;  // by who has signed in
    std::size_t told_ = 0;
};

class ByCommand : public testing::Test {
protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite();
    // Empty tables.
    void SetUp() override;

    CommandOffice& office() { return *office_; }
    RunningCurfew& curfew() { return office_->curfew(); }
    PgConnection connect(const std::string& more = "") {
        return PgConnection{office_->conninfo() + " " + more};
    }

    // Sends it, and returns when it is asked for: the request.
    std::string ask(PgConnection& session, const std::string& sql);
    // Runs it, with bob's approval.
    PgResult run_approved(PgConnection& session, const std::string& sql);
    // The next result, or an empty one where there is none before the end of an answer.
    static PgResult next_result(PgConnection& session);
    // The last result of an answer, or what PostgreSQL or Curfew reported in it.
    static PgResult answer(PgConnection& session);
    // It is over, and nobody had to be asked.
    void expect_free(PgConnection& session, const std::string& sql);

    // `EXECUTED, command_run`
    std::string status(const std::string& request);
    // Once it has one: a request may be so in the moment after its requester knows it.
    void expect_status(const std::string& request, const std::string& expected);
    // The text of each statement of a request.
    std::vector<std::string> shown(const std::string& request);
    // What came of it, once that is kept.
    boost::json::object result_of(const std::string& request);

    long orders(const std::string& where = "true");
    // How the only backend of alice's stands, and what it was given last.
    std::string backend();

    static constexpr const char* insert = "INSERT INTO orders VALUES (7, 'seven')";
    static constexpr const char* insert_values = "INSERT INTO orders VALUES ($1, $2)";

    PostgresCluster& postgres = PostgresCluster::shared();

private:
    static inline std::unique_ptr<CommandOffice> office_;
};

}  // namespace curfew::test

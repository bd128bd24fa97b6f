#include "command_fixture.hpp"

#include <poll.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <stdexcept>

#include "support/api_client.hpp"
#include "support/free_port.hpp"
#include "support/timing.hpp"

namespace curfew::test {

namespace json = boost::json;

namespace {

const Fields pending{{"status", "PENDING"}};
constexpr const char* of_requests = "request.changed";

YAML::Node config_of_office(const PostgresCluster& postgres, std::uint16_t api_port,
                            const std::string& review_timeout, const std::string& more_of_the_rule) {
    YAML::Node config = basic_config(postgres, AdminLogin::present);
    config["listeners"][0]["resource"] = the_resource;
    YAML::Node of_scripts;
    of_scripts["name"] = "scripts";
    of_scripts["address"] = "127.0.0.1:0";
    of_scripts["resource"] = "scripts";
    config["listeners"].push_back(of_scripts);
    config["api"]["address"] = "127.0.0.1:" + std::to_string(api_port);
    config["requests"]["review_timeout"] = review_timeout;
    YAML::Node scripts = YAML::Clone(config["resources"][the_resource]);
    scripts["login"] = "managed";
    scripts["role"]["user"] = "alice";
    config["resources"]["scripts"] = scripts;
    YAML::Node rule = YAML::Load(std::string{R"(
resources: [prod-postgres, scripts]
types: [command]
approval_groups: [dba]
allowed_statements: { select: [public.orders, orders], functions: [public.total] }
)"} + more_of_the_rule);
    config["rules"]["by-command"] = rule;
    return config;
}

std::string text_of(const json::object& object, const char* member) {
    return json::value_to<std::string>(object.at(member));
}

// Returns when libpq has all of a result, or throws.
void await_result(PGconn* connection) {
    const Instant deadline = now() + patience;
    while (PQisBusy(connection) != 0) {
        pollfd readable{PQsocket(connection), POLLIN, 0};
        if (::poll(&readable, 1, poll_timeout(deadline)) <= 0) throw std::runtime_error("no answer in time");
        if (PQconsumeInput(connection) != 1) return;  // the result says why
    }
}

}  // namespace

CommandOffice::CommandOffice(PostgresCluster& postgres, const std::string& review_timeout,
                             const std::string& more_of_the_rule)
    : api_port_{free_port()},
      config_{config_of_office(postgres, api_port_, review_timeout, more_of_the_rule)},
      curfew_{config_},
      url_{"http://127.0.0.1:" + std::to_string(api_port_)} {
    sign_in("bob");
}

void CommandOffice::sign_in(const std::string& name) {
    json::object sign_in;
    sign_in["code"] = curfew_.cli({"admin", "link", name}).at("code");
    sign_in["password"] = "correct horse battery";
    sign_in["as"] = "token";
    // A password is hashed by a thread that stands back behind all others.
    const ApiAnswer answer = api_post(api_port_, "/sign-in/one-time", {}, std::move(sign_in), patience * 3);
    if (!answer.ok()) throw std::runtime_error(name + " cannot sign in: " + json::serialize(answer.body));
    tokens_[name] = json::value_to<std::string>(answer.body.at("token"));
}

json::value CommandOffice::post(const std::string& who, const std::string& path,
                                const json::object& body) const {
    const ApiAnswer answer = api_post(api_port_, path, tokens_.at(who), json::value(body));
    if (!answer.ok()) throw std::runtime_error(path + ": " + json::serialize(answer.body));
    return answer.body;
}

std::string CommandOffice::managed_conninfo() {
    if (!tokens_.contains("alice")) sign_in("alice");
    const json::value access = post("alice", "/resources/scripts/command-access", {});
    return curfew_.conninfo("alice", database, "scripts") +
           " password=" + json::value_to<std::string>(access.at("credential").at("password"));
}

std::string CommandOffice::ask_to_run(const std::string& sql, const std::string& length) {
    if (!tokens_.contains("alice")) sign_in("alice");
    const json::object script{{"database", database}, {"sql", sql}};
    const json::value made =
        post("alice", "/requests",
             {{"resource", "scripts"}, {"type", "command"}, {"duration", length}, {"command", script}});
    ++told_;
    return json::value_to<std::string>(made.at("id"));
}

std::string CommandOffice::next_request(std::chrono::milliseconds timeout) {
    return curfew_.log().await_all(of_requests, ++told_, pending, timeout).back().text("request");
}

std::size_t CommandOffice::requests() const {
    return curfew_.log().events(of_requests, pending).size() - told_;
}

json::object CommandOffice::show(const std::string& request, const std::string& who) const {
    const ApiAnswer answer = api_get(api_port_, "/requests/" + request, tokens_.at(who));
    if (!answer.ok()) throw std::runtime_error(request + ": " + json::serialize(answer.body));
    return answer.body.as_object();
}

void CommandOffice::approve(const std::string& request) const {
    post("bob", "/requests/" + request + "/reviews", {{"verdict", "approve"}});
}

void CommandOffice::reject(const std::string& request, const std::string& comment) const {
    post("bob", "/requests/" + request + "/reviews", {{"verdict", "reject"}, {"comment", comment}});
}

void CommandOffice::revoke(const std::string& request) const {
    post("bob", "/requests/" + request + "/revoke", {});
}

void ByCommand::SetUpTestSuite() {
    PostgresCluster& postgres = PostgresCluster::shared();
    if (postgres.number("SELECT count(*) FROM pg_database WHERE datname = 'shop'") == 0) {
        postgres.sql("CREATE ROLE alice LOGIN");
        postgres.sql("CREATE DATABASE shop");
        postgres.sql(
            "CREATE TABLE orders (id int PRIMARY KEY, note text); CREATE TABLE people (name text);"
            "CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM orders';"
            "CREATE FUNCTION order_now(id int) RETURNS int LANGUAGE sql AS "
            "'INSERT INTO orders VALUES (id, ''by function'') RETURNING id';"
            "GRANT ALL ON orders, people TO alice; GRANT CREATE ON SCHEMA public TO alice",
            CommandOffice::database);
    }
    office_ = std::make_unique<CommandOffice>(postgres);
}

void ByCommand::TearDownTestSuite() {
    office_.reset();
}

void ByCommand::SetUp() {
    postgres.sql("TRUNCATE orders, people", CommandOffice::database);
    // What the test before has left is none of this one's.
    while (office().requests() > 0)
        office().next_request();
}

std::string ByCommand::ask(PgConnection& session, const std::string& sql) {
    if (PQsendQuery(session.get(), sql.c_str()) != 1) throw std::runtime_error(PQerrorMessage(session.get()));
    return office().next_request();
}

PgResult ByCommand::run_approved(PgConnection& session, const std::string& sql) {
    office().approve(ask(session, sql));
    return answer(session);
}

PgResult ByCommand::next_result(PgConnection& session) {
    await_result(session.get());
    return PgResult{PQgetResult(session.get())};
}

PgResult ByCommand::answer(PgConnection& session) {
    PgResult last{nullptr};
    for (PgResult next = next_result(session); next.get() != nullptr; next = next_result(session)) {
        // Behind a FATAL comes that the connection is lost.
        if (!last.sqlstate().empty()) continue;
        last = std::move(next);
        if (last.status() == PGRES_COPY_IN || last.status() == PGRES_COPY_OUT) break;
    }
    return last;
}

void ByCommand::expect_free(PgConnection& session, const std::string& sql) {
    ASSERT_EQ(PQsendQuery(session.get(), sql.c_str()), 1) << sql;
    const PgResult result = answer(session);
    EXPECT_EQ(result.sqlstate(), "") << sql << ": " << result.error();
    EXPECT_EQ(office().requests(), 0U) << sql;
}

std::string ByCommand::status(const std::string& request) {
    const auto now = office().show(request);
    return text_of(now, "status") + ", " + text_of(now, "decision");
}

void ByCommand::expect_status(const std::string& request, const std::string& expected) {
    EXPECT_TRUE(eventually([&] { return status(request) == expected; }))
        << request << " is " << status(request) << ", and not " << expected;
}

std::vector<std::string> ByCommand::shown(const std::string& request) {
    std::vector<std::string> texts;
    const json::value command = office().show(request).at("command");
    for (const auto& statement : command.at("statements").as_array())
        texts.push_back(json::value_to<std::string>(statement.at("sql")));
    return texts;
}

json::object ByCommand::result_of(const std::string& request) {
    json::value result;
    if (!eventually([&] {
            result = office().show(request).at("command_result");
            return result.is_object();
        }))
        throw std::runtime_error("no result is kept of " + request);
    return result.as_object();
}

long ByCommand::orders(const std::string& where) {
    return postgres.number("SELECT count(*) FROM orders WHERE " + where, CommandOffice::database);
}

std::string ByCommand::backend() {
    return postgres.sql("SELECT state || ': ' || query FROM pg_stat_activity WHERE usename = 'alice'");
}

}  // namespace curfew::test

#include "cli_office.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <iostream>
#include <memory>
#include <stdexcept>

#include "support/free_port.hpp"

namespace curfew::test {
namespace {

namespace json = boost::json;

constexpr std::size_t id_length = 10;  // r-7k3mq9xd

std::string text(const json::value& object, const char* name) {
    return json::value_to<std::string>(object.at(name));
}

std::string with_end(std::string_view line) {
    return std::string{line} + '\n';
}

// Begun before the first test and ended after the last, whatever comes of them.
class OfficeHours : public testing::Environment {
public:
    static Office& office() { return *instance->office_; }
    OfficeHours() { instance = this; }
    void SetUp() override { office_ = std::make_unique<Office>(); }
    void TearDown() override { office_.reset(); }

private:
    static inline OfficeHours* instance = nullptr;
    std::unique_ptr<Office> office_;
};

const auto* const office_hours = testing::AddGlobalTestEnvironment(new OfficeHours);

}  // namespace

std::string id_in(const std::string& text, const std::string& prefix) {
    const auto found = text.find(prefix);
    if (found == std::string::npos) throw std::runtime_error("there is no " + prefix + "… in: " + text);
    return text.substr(found, id_length);
}

YAML::Node Office::config() {
    YAML::Node node = YAML::Load(R"(
listeners: [{ name: main, address: "127.0.0.1:0" }, { name: vault, address: "127.0.0.1:0", resource: vault }]
resources: { vault: { login: managed, role: { user: app }, host: 127.0.0.1, tls: { sslmode: disable } } }
how_to_ask: "curfew connect RESOURCE"
)");
    // Not 0: links name the address that is configured.
    node["api"]["address"] = "127.0.0.1:" + std::to_string(free_port());
    node["resources"]["vault"]["port"] = postgres_.port();
    const auto server = postgres_.ca().issue_server();
    YAML::Node tls = node["listeners"][1]["tls"];
    tls["mode"] = "require";
    tls["certificate"] = server.certificate.string();
    tls["key"] = server.key.string();
    return node;
}

Office::Office()
    : postgres_{with_hba({"local all,replication all trust", "host all alice 127.0.0.1/32 scram-sha-256",
                          "host all all 127.0.0.1/32 trust"})},
      curfew_{config()} {
    postgres_.sql("CREATE ROLE app LOGIN; CREATE ROLE alice LOGIN PASSWORD 'wonderland'");
    postgres_.sql("CREATE DATABASE orders");
    const auto password = with_end(Person::password);
    const auto first = curfew_.log().await("administrator.link").text("url");
    url_ = first.substr(0, first.find('/', first.find("://") + 3));
    ada.does({"login", "--one-time", first, "--user", "ada"}, password);
    ada.does({"admin", "create", "user", "alice"});
    ada.does({"admin", "create", "user", "bob", "--display-name", "Bob the DBA"});
    ada.does({"admin", "create", "group", "dba", "--members", "bob"});
    ada.does({"admin", "create", "group", "oncall", "--members", "alice"});
    bob.does({"login", "--one-time", ada.does({"admin", "link", "bob"})}, password);
    const auto link = ada.asks({"admin", "link", "alice"});
    alice.does({"login", "--one-time", text(link, "url")}, password);
    alice.does({"logout"});
    alice.does({"login", url_, "--password", "--user", "alice"}, password);
}

Office& Office::shared() {
    return OfficeHours::office();
}

void AtTheOffice::TearDown() {
    if (HasFailure()) std::cerr << "curfewd's log:\n" << office.curfew().log().text();
}

std::string AtTheOffice::new_resource(const std::vector<std::string>& settings) {
    static int count = 0;
    const auto name = "db" + std::to_string(++count);
    std::vector<std::string> command{
        "admin",       "create",    "resource", name,     "--host",
        "127.0.0.1",   "--sslmode", "disable",  "--port", std::to_string(office.postgres().port()),
        "--reviewers", "dba"};
    command.insert(command.end(), settings.begin(), settings.end());
    ada.does(command);
    return name;
}

std::string AtTheOffice::waiting(const std::string& resource) const {
    const auto answer = bob.asks({"requests", "--waiting", "--resource", resource});
    const auto& items = answer.at("items").as_array();
    if (items.size() != 1) throw std::runtime_error("one request should wait: " + json::serialize(answer));
    return text(items[0], "id");
}

std::string AtTheOffice::get_access(const std::string& resource, const std::string& length) const {
    const auto request = text(alice.asks({"request", resource, "--for", length}), "id");
    bob.does({"approve", request});
    return request;
}

std::string AtTheOffice::grant_of(const std::string& request) const {
    return text(alice.asks({"show", request}), "grant");
}

CommandResult AtTheOffice::psql(const std::vector<std::string>& arguments,
                                std::map<std::string, std::string> environment) {
    std::vector<std::string> command{PostgresCluster::program("psql"), "-XAtw"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    Process::Options options;
    options.environment = std::move(environment);
    return run(std::move(command), std::move(options));
}

}  // namespace curfew::test

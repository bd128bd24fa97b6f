#include "store/postgres/target.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

#include "base/text.hpp"

namespace curfew::store {
namespace {

using Values = std::map<std::string, std::string>;

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (;;) {
        const std::size_t comma = list.find(',', begin);
        parts.push_back(list.substr(begin, comma - begin));
        if (comma == std::string::npos) return parts;
        begin = comma + 1;
    }
}

Error cannot_be_read(std::string_view why) {
    return {ErrorCode::invalid, "The store's connection string cannot be read: " + printable(why, 200)};
}

using Options = std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)>;

Values values_of(const Options& options) {
    Values values;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) values[option->keyword] = option->val;
    }
    return values;
}

// Only libpq knows where the file of services is and what it means, and it reads that only on its way to a
// connection. So it is sent on that way with a value which it refuses before it reaches for the network; what
// it has read by then it tells.
Result<Values> read_with_service(const std::string& connection_string) {
    constexpr const char* stop_here = "to-read-the-service";
    const std::array keywords{"dbname", "target_session_attrs", static_cast<const char*>(nullptr)};
    const std::array texts{connection_string.c_str(), stop_here, static_cast<const char*>(nullptr)};
    const std::unique_ptr<PGconn, void (*)(PGconn*)> stopped{
        PQconnectStartParams(keywords.data(), texts.data(), 1), PQfinish};
    if (!stopped) return cannot_be_read("there is no memory for it");
    const std::string_view why = PQerrorMessage(stopped.get());
    if (why.find(stop_here) == std::string_view::npos) return cannot_be_read(why);
    const Options options{PQconninfo(stopped.get()), PQconninfoFree};
    if (!options) return cannot_be_read("there is no memory for it");
    Values values = values_of(options);
    values.erase("service");
    values.erase("target_session_attrs");
    // That of the environment is libpq's to use as well, without being written anywhere.
    const char* given = std::getenv("PGPASSWORD");  // NOLINT(concurrency-mt-unsafe): nothing here sets it
    const auto password = values.find("password");
    if (given != nullptr && password != values.end() && password->second == given) values.erase(password);
    return values;
}

Result<Values> read_values(const std::string& connection_string) {
    char* problem = nullptr;
    const Options options{PQconninfoParse(connection_string.c_str(), &problem), PQconninfoFree};
    const std::unique_ptr<char, void (*)(void*)> words{problem, PQfreemem};
    if (!options) return cannot_be_read(words ? words.get() : "there is no memory for it");
    Values values = values_of(options);
    if (values.contains("service")) return read_with_service(connection_string);
    return values;
}

// The value for one server of a list that has one for each, or one for all.
std::string of_server(const std::vector<std::string>& list, std::size_t server) {
    return list.size() == 1 ? list.front() : list[server];
}

pq::Parameters common_parameters(const Values& values, std::string_view application) {
    pq::Parameters parameters;
    // A server that vanished without a word is noticed soon, also while nothing is asked. Its machine
    // acknowledges what it receives however busy it is; where that does not come for a second, the way is
    // cut, and a new connection will be through sooner than TCP's own attempts, whose pauses double. (With
    // that, Linux asks once and does not count.)
    for (const auto& [keyword, value] : {std::pair{"keepalives_idle", "5"},
                                         {"keepalives_interval", "1"},
                                         {"tcp_user_timeout", "1000"},
                                         {"client_encoding", "UTF8"}})
        parameters.emplace_back(keyword, value);
    for (const auto& [keyword, value] : values) {
        if (keyword != "host" && keyword != "hostaddr" && keyword != "port")
            parameters.emplace_back(keyword, value);
    }
    // What must be so. A transaction that its node does not go on with holds all others up, so the server
    // ends it, sooner than they give up. It also looks whether the node is still there: a connection that was
    // cut is not missed by it else, and one that is replaced with each cut would use up its max_connections.
    const auto found = values.find("options");
    parameters.emplace_back("options", (found == values.end() ? "" : found->second + " ") +
                                           "-c search_path=curfew,pg_catalog -c statement_timeout=5s "
                                           "-c lock_timeout=4s -c idle_in_transaction_session_timeout=2s "
                                           "-c tcp_user_timeout=2000 "
                                           "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 "
                                           "-c tcp_keepalives_count=3 "
                                           "-c datestyle=ISO -c timezone=UTC");
    parameters.emplace_back("target_session_attrs", "read-write");
    parameters.emplace_back("application_name", std::string{application});
    parameters.emplace_back("gssencmode", "disable");  // its negotiation blocks
    return parameters;
}

}  // namespace

std::string PostgresTarget::name() const {
    std::string text = database + " on ";
    for (std::size_t i = 0; i < servers.size(); ++i)
        text += (i == 0 ? "" : ", ") + servers[i].name;
    return text;
}

Result<PostgresTarget> read_postgres_target(const std::string& connection_string,
                                            std::optional<Secret> password, std::string_view application) {
    auto values = read_values(connection_string);
    if (!values) return values.error();
    if (values->contains("password")) {
        return Error{
            ErrorCode::invalid,
            "The store's connection string, or the service that it names, holds a password; put it into a "
            "file that only curfewd can read, and name that in store.password"};
    }
    const auto list = [&values](const char* keyword) {
        const auto found = values->find(keyword);
        return split(found == values->end() ? std::string{} : found->second);
    };
    const auto hosts = list("host");
    const auto addresses = list("hostaddr");
    const auto ports = list("port");
    const std::size_t count = std::max(hosts.size(), addresses.size());
    for (const std::size_t size : {hosts.size(), addresses.size(), ports.size()}) {
        if (size != 1 && size != count) {
            return Error{ErrorCode::invalid,
                         "The store's connection string names not as many ports or addresses as hosts"};
        }
    }

    PostgresTarget target;
    target.password = std::move(password);
    const auto database = values->find("dbname");
    target.database = database == values->end() ? "curfew" : database->second;
    const pq::Parameters common = common_parameters(*values, application);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string host = of_server(hosts, i);
        const std::string address = of_server(addresses, i);
        const std::string port = of_server(ports, i).empty() ? "5432" : of_server(ports, i);
        PostgresServer server{(host.empty() ? address : host) + ":" + port, common};
        server.parameters.emplace_back("dbname", target.database);
        if (!host.empty()) server.parameters.emplace_back("host", host);
        if (!address.empty()) server.parameters.emplace_back("hostaddr", address);
        server.parameters.emplace_back("port", port);
        target.servers.push_back(std::move(server));
    }
    return target;
}

}  // namespace curfew::store

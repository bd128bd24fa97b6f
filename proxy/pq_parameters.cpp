#include "proxy/pq_parameters.hpp"

#include <filesystem>

namespace curfew::proxy {
namespace {

// A file that cannot exist, for want of a way to name none: by an empty name libpq means its default, a file
// in the home directory.
constexpr const char* no_file = "/dev/null/none";
// An empty value overrules the environment in a connection string alone.
constexpr const char* no_password = "password=''";

// libpq takes the directory and the port of the socket `<directory>/.s.PGSQL.<port>`.
void add_unix_socket(pq::Parameters& parameters, const std::filesystem::path& socket) {
    parameters.emplace_back("host", socket.parent_path().string());
    const std::string suffix = socket.extension().string();
    if (!suffix.empty()) parameters.emplace_back("port", suffix.substr(1));
}

void add_tcp(pq::Parameters& parameters, const config::Resource& resource, const std::string& address) {
    parameters.emplace_back("host", resource.upstream.host);  // what verify-full compares
    parameters.emplace_back("hostaddr", address);
    parameters.emplace_back("port", std::to_string(resource.upstream.port));
    parameters.emplace_back("sslmode", config::to_string(resource.tls.mode));
    parameters.emplace_back("sslrootcert", resource.tls.root_certificate_file.value_or(no_file));
    parameters.emplace_back("sslcert", resource.tls.certificate_file.value_or(no_file));
    parameters.emplace_back("sslkey", resource.tls.key_file.value_or(no_file));
    parameters.emplace_back("sslcrl", no_file);
    // A server that vanished without a word is noticed within a quarter of a minute, also while nothing is
    // asked; within a second where something is: its machine acknowledges what it receives however busy it
    // is. (With a user timeout Linux asks once and does not count.)
    parameters.emplace_back("keepalives", "1");
    parameters.emplace_back("keepalives_idle", "10");
    parameters.emplace_back("keepalives_interval", "5");
    parameters.emplace_back("tcp_user_timeout", "1000");
}

}  // namespace

pq::Parameters admin_parameters(const config::Resource& resource, const std::string& address) {
    return admin_parameters(resource, address, resource.admin_login->database);
}

pq::Parameters admin_parameters(const config::Resource& resource, const std::string& address,
                                const std::string& database) {
    pq::Parameters parameters;
    parameters.emplace_back("dbname", no_password);
    parameters.emplace_back("passfile", resource.admin_login->password_file.value_or(no_file));
    if (resource.upstream.is_unix()) {
        add_unix_socket(parameters, resource.upstream.host);
    } else {
        add_tcp(parameters, resource, address);
    }
    parameters.emplace_back("user", resource.admin_login->user);
    parameters.emplace_back("dbname", database);
    parameters.emplace_back("application_name", "curfewd");
    parameters.emplace_back("client_encoding", "UTF8");
    // Nothing of a user's making may stand in for what we call (all names are schema-qualified besides).
    parameters.emplace_back("options", "-c search_path=pg_catalog");
    parameters.emplace_back("gssencmode", "disable");  // its negotiation blocks
    return parameters;
}

}  // namespace curfew::proxy

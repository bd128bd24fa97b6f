#include "proxy/pq_parameters.hpp"

#include <filesystem>
#include <string_view>

namespace curfew::proxy {
namespace {

// libpq takes the directory and the port of the socket `<directory>/.s.PGSQL.<port>`.
void add_unix_socket(PqParameters& parameters, const std::filesystem::path& socket) {
    parameters.emplace_back("host", socket.parent_path().string());
    const std::string suffix = socket.extension().string();
    if (!suffix.empty()) parameters.emplace_back("port", suffix.substr(1));
}

void add_tcp(PqParameters& parameters, const config::Resource& resource, const std::string& address) {
    parameters.emplace_back("host", resource.upstream.host);  // what verify-full compares
    parameters.emplace_back("hostaddr", address);
    parameters.emplace_back("port", std::to_string(resource.upstream.port));
    parameters.emplace_back("sslmode", config::to_string(resource.tls.mode));
    const auto add_file = [&](const char* keyword, const std::optional<std::string>& file) {
        if (file) parameters.emplace_back(keyword, *file);
    };
    add_file("sslrootcert", resource.tls.root_certificate_file);
    add_file("sslcert", resource.tls.certificate_file);
    add_file("sslkey", resource.tls.key_file);
    // A server that vanished without a word is noticed within half a minute, also while nothing is asked.
    parameters.emplace_back("keepalives", "1");
    parameters.emplace_back("keepalives_idle", "10");
    parameters.emplace_back("keepalives_interval", "5");
    parameters.emplace_back("keepalives_count", "3");
    parameters.emplace_back("tcp_user_timeout", "15000");
}

}  // namespace

PqParameters admin_parameters(const config::Resource& resource, const std::string& address) {
    PqParameters parameters;
    if (resource.upstream.is_unix()) {
        add_unix_socket(parameters, resource.upstream.host);
    } else {
        add_tcp(parameters, resource, address);
    }
    parameters.emplace_back("user", resource.admin_login->user);
    parameters.emplace_back("dbname", resource.admin_login->database);
    parameters.emplace_back("application_name", "curfewd");
    parameters.emplace_back("client_encoding", "UTF8");
    // Nothing of a user's making may stand in for what we call (all names are schema-qualified besides).
    parameters.emplace_back("options", "-c search_path=pg_catalog");
    parameters.emplace_back("gssencmode", "disable");  // its negotiation blocks
    return parameters;
}

}  // namespace curfew::proxy

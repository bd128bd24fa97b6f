#include "proxy/pq_parameters.hpp"

#include <libpq-fe.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string_view>

namespace curfew::proxy {
namespace {

// A file that cannot exist, for want of a way to name none: by an empty name libpq means its default, a file
// in the home directory.
constexpr const char* no_file = "/dev/null/none";
// An empty value overrules the environment in a connection string alone.
constexpr const char* no_password = "password=''";

// What libpq reads from the environment beside the options that PQconndefaults lists.
constexpr const char* unlisted_variables[] = {"PGSERVICE",   "PGSERVICEFILE", "PGSYSCONFDIR", "PGREQUIRESSL",
                                              "PGDATESTYLE", "PGTZ",          "PGGEQO",       "PGLOCALEDIR"};

bool is_for_a_password(std::string_view variable) {
    return variable == "PGPASSWORD" || variable == "PGPASSFILE";
}

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
    parameters.emplace_back("sslrootcert", resource.tls.root_certificate_file.value_or(no_file));
    parameters.emplace_back("sslcert", resource.tls.certificate_file.value_or(no_file));
    parameters.emplace_back("sslkey", resource.tls.key_file.value_or(no_file));
    parameters.emplace_back("sslcrl", no_file);
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
    parameters.emplace_back("dbname", no_password);
    parameters.emplace_back("passfile", resource.admin_login->password_file.value_or(no_file));
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

void ignore_environment_of_libpq() {
    // First the service: it would be looked for while the options are listed.
    for (const char* variable : unlisted_variables)
        ::unsetenv(variable);  // NOLINT(concurrency-mt-unsafe): there is no other thread
    const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options{PQconndefaults(),
                                                                                 PQconninfoFree};
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr;
         ++option) {
        if (option->envvar != nullptr && !is_for_a_password(option->envvar))
            ::unsetenv(option->envvar);  // NOLINT(concurrency-mt-unsafe): as above
    }
}

}  // namespace curfew::proxy

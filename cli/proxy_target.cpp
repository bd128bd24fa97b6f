#include "cli/proxy_target.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "cli/environment.hpp"
#include "cli/service_file.hpp"

namespace curfew::cli {
namespace {

constexpr std::array<std::pair<std::string_view, ProxyTls>, 6> modes{
    {{"disable", ProxyTls::disable},
     {"allow", ProxyTls::prefer},
     {"prefer", ProxyTls::prefer},
     {"require", ProxyTls::require},
     {"verify-ca", ProxyTls::verify_ca},
     {"verify-full", ProxyTls::verify_full}}};

std::optional<ProxyTls> mode_of(std::string_view name) {
    for (const auto& mode : modes) {
        if (mode.first == name) return mode.second;
    }
    return std::nullopt;
}

std::string first_of(std::string setting, const char* variable, std::string otherwise) {
    if (!setting.empty()) return setting;
    auto value = environment(variable);
    return value.empty() ? std::move(otherwise) : value;
}

std::string usual_root_certificate() {
    const auto home = environment("HOME");
    const auto path = home + "/.postgresql/root.crt";
    std::error_code ignored;
    return !home.empty() && std::filesystem::exists(path, ignored) ? path : "";
}

}  // namespace

Outcome<ProxyTarget> proxy_target(const std::string& service_file, const std::string& resource) {
    auto settings = service_settings(service_file);
    ProxyTarget target;
    target.host = settings["host"];
    target.port = settings["port"];
    target.user = settings["user"];
    target.database = settings["dbname"];
    target.resource = resource;
    if (target.host.empty() || target.port.empty() || target.database.empty()) {
        return Failure{ExitCode::failed, "curfewd does not say where its proxy is"};
    }
    const auto mode = first_of(settings["sslmode"], "PGSSLMODE", "prefer");
    const auto tls = mode_of(mode);
    if (!tls) return Failure{ExitCode::usage, fmt::format("'{}' is no sslmode", printable(mode))};
    target.tls = *tls;
    target.root_certificate = first_of(settings["sslrootcert"], "PGSSLROOTCERT", usual_root_certificate());
    // As libpq has it: who names whom to trust means it.
    if (target.tls == ProxyTls::require && !target.root_certificate.empty()) target.tls = ProxyTls::verify_ca;
    const bool verifies = target.tls == ProxyTls::verify_ca || target.tls == ProxyTls::verify_full;
    if (verifies && target.root_certificate.empty()) {
        return Failure{ExitCode::usage, fmt::format("sslmode {} needs a root certificate: put it into "
                                                    "~/.postgresql/root.crt, or name it in PGSSLROOTCERT",
                                                    mode)};
    }
    return target;
}

std::string database_for(const ProxyTarget& target, const postgres::StartupMessage& startup) {
    const auto& asked = startup.database;
    if (asked.empty() || asked == startup.user || asked == target.database) return target.database;
    const auto prefix = target.resource + "/";
    const bool by_name = target.database == target.resource || target.database.starts_with(prefix);
    // Where the proxy's listener is for this resource alone, names are those of PostgreSQL.
    if (!by_name || asked == target.resource || asked.starts_with(prefix)) return asked;
    return prefix + asked;
}

}  // namespace curfew::cli

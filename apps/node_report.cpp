#include "apps/node_report.hpp"

#include <string>

#include "apps/process_setup.hpp"
#include "apps/version.hpp"

namespace curfew::apps {
namespace {

// Where others reach what listens there.
std::string address_elsewhere(config::Endpoint endpoint) {
    if (endpoint.host == "0.0.0.0" || endpoint.host == "::") endpoint.host = node_name();
    return config::to_string(endpoint);
}

void add_address(store::NodeReport& report, const config::Endpoint& address) {
    report.address += (report.address.empty() ? "" : ", ") + address_elsewhere(address);
}

}  // namespace

store::NodeReport report_of(const config::Config& config, const std::optional<proxy::NodeStatus>& status) {
    store::NodeReport report;
    report.version = version;
    if (status) {
        for (const auto& listener : status->listeners)
            add_address(report, listener.address);
        report.resources = status->resources;
        report.sessions = status->sessions;
    } else {
        for (const auto& listener : config.listeners)
            add_address(report, listener.address);
        for (const auto& [name, resource] : config.resources)
            report.resources.push_back(name);
    }
    return report;
}

}  // namespace curfew::apps

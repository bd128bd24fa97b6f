// The names of all metrics, as /metrics has them once everything has happened.
#pragma once

#include <regex>
#include <set>
#include <string>

#include "metrics/metrics.hpp"

namespace curfew::metrics {

inline std::set<std::string> names_in(const std::string& text, const std::regex& pattern) {
    std::set<std::string> names;
    for (std::sregex_iterator match{text.begin(), text.end(), pattern}, end; match != end; ++match)
        names.insert((*match)[1]);
    return names;
}

// `type`: a regular expression for Prometheus' type of a metric.
inline std::set<std::string> every_metric(const std::string& type = "[a-z]+") {
    Metrics metrics{"1.2.3", "abc1234"};
    metrics.resource("prod").admin_connection_up(true);
    metrics.connection_accepted("main");
    metrics.connection_dropped("protocol_error");
    metrics.notifications_waiting("mail", {});
    metrics.audit_events_waiting("syslog", {});
    metrics.store_operation_took("add_grant", Duration{1});
    return names_in(metrics.expose({}), std::regex{"# TYPE ([a-z_]+) " + type + "\n"});
}

}  // namespace curfew::metrics

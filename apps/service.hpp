// One node and everything around it: store, metrics, administrative API, signals, service manager.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.hpp"
#include "config/config.hpp"
#include "config/load.hpp"
#include "proxy/node.hpp"
#include "workflow/registry.hpp"

namespace curfew::apps {

struct ServiceOptions {
    config::Declared declared;
    workflow::Registry::ReadDeclared read_declared;  // for reload; absent: there is nothing to reload
    proxy::NodeOptions node;                         // all but `reload`
    // Awaited once everything is open and before the node is called ready. `metrics` is where they are really
    // served; its host is empty if they are not. An error stops the service, as one at its start does.
    std::function<proxy::Awaitable<Result<void>>(proxy::Node& node, config::Endpoint metrics)> before_ready;
};

// Runs until SIGTERM or SIGINT, on this thread and those of the node; then drains, a second one in a hurry.
// SIGHUP reloads where there is something to reload, and stops elsewhere. The error says why the service
// could not start; then nothing of it is left. Logging is to be configured beforehand. One at a time.
Result<void> run_service(ServiceOptions options);

// Tells the log, if programs read it, that curfewd is not running and why. People are told by a sentence.
void log_failure(const config::LogSettings& settings, std::string_view why);

}  // namespace curfew::apps

// The notifiers of the configuration, at work while the service is.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "metrics/metrics.hpp"
#include "notify/dispatcher.hpp"
#include "store/store.hpp"
#include "workflow/rulebook.hpp"

namespace curfew::apps {

// Made, changed and destroyed on the control thread. What it is given outlives it. Its destruction breaks off
// what is being sent, and returns when nothing is under way any more.
class Notifications {
public:
    Notifications(const Clock& clock, store::Store& store, metrics::Metrics& metrics, std::string node);

    // People are told by this rulebook from now on, and by the notifiers of its configuration.
    void use(const workflow::RulebookPtr& rulebook);

private:
    std::shared_ptr<notify::Notifier> make(const config::Notifier& settings);
    std::shared_ptr<const notify::Surroundings> surroundings() const;

    const Clock& clock_;
    store::Store& store_;
    metrics::Metrics& metrics_;
    const std::string node_;
    mutable std::mutex mutex_;
    std::shared_ptr<const notify::Surroundings> surroundings_;
    // Once there has been a notifier.
    std::optional<notify::Dispatcher> dispatcher_;
};

}  // namespace curfew::apps

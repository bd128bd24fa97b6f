// A notifier of each type that the configuration knows.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "config/notifiers.hpp"
#include "http/worker_pool.hpp"
#include "notify/notifier.hpp"

namespace curfew::notify {

// What notifiers work with; outlives them.
struct NotifierTools {
    http::WorkerPool& pool;
    const Clock& clock;
};

// nullptr: this type is made elsewhere.
std::shared_ptr<Notifier> make_notifier(const config::Notifier& settings, const NotifierTools& tools);

}  // namespace curfew::notify

// What changed of requests, read from the store once for all who watch.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <vector>

#include "api/http_types.hpp"
#include "api/live_sessions.hpp"
#include "api/remote_workflow.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "proxy/async_mutex.hpp"
#include "store/store.hpp"
#include "workflow/rulebook.hpp"

namespace curfew::api {

// The requests that changed behind one place in the store's events.
struct RequestChanges {
    struct Change {
        store::EventNumber number = 0;
        policy::Request request;  // as it stood when it was read, that event or later
    };

    store::EventNumber after = 0;    // exclusive
    store::EventNumber upto = 0;     // inclusive: where to go on
    std::vector<Change> changes;     // in their order, each request once, at its last
    workflow::RulebookPtr rulebook;  // that held then: it says who may know
    BootInstant read_at;
};

// However many watch, what is read is shared for the least interval. Belongs to one thread; what it is given
// must outlive it.
class RequestFeed {
public:
    RequestFeed(const boost::asio::any_io_executor& executor, store::Store& store, RemoteWorkflow& workflow,
                const Clock& clock, Duration least_interval)
        : store_{store},
          workflow_{workflow},
          clock_{clock},
          least_interval_{least_interval},
          asking_{executor} {}

    // May be all that there is, or the first part of it.
    Awaitable<Result<std::shared_ptr<const RequestChanges>>> since(store::EventNumber after);
    // Where things stand now.
    Awaitable<Result<store::EventNumber>> last();

private:
    Awaitable<Result<std::shared_ptr<const RequestChanges>>> read(store::EventNumber after);

    store::Store& store_;
    RemoteWorkflow& workflow_;
    const Clock& clock_;
    const Duration least_interval_;
    proxy::AsyncMutex asking_;
    std::shared_ptr<const RequestChanges> latest_;
};

}  // namespace curfew::api

// Workers without a node around them.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "metrics/metrics.hpp"
#include "proxy/listeners.hpp"
#include "proxy/node_context.hpp"
#include "proxy/run_on.hpp"
#include "proxy/worker.hpp"
#include "support/unasked_store.hpp"
#include "unit/proxy_streams/loop.hpp"

namespace curfew::test {

// The test's own thread is the control thread.
class RunningWorkers {
public:
    explicit RunningWorkers(unsigned count);
    // Ends what there still is; every client must be gone, or on its way out.
    ~RunningWorkers();

    // This configuration is in force from now on, and nobody has any other grant.
    void use(config::Config config, std::vector<policy::LiveGrant> grants = {});
    // Runs `work(worker)` on each worker's thread.
    template <class Work>
    void on_each(Work work) {
        for (const auto& worker : node.workers) {
            auto task = loop.start(proxy::run_on(worker->executor(), call(work, *worker)));
            loop.finish(task);
        }
    }
    std::size_t session_count();
    // False if there are still sessions after `patience`.
    bool await_no_session();

    Loop loop;
    SystemClock clock;
    UnaskedStore store;
    metrics::Metrics metrics{"test", "test"};
    proxy::Recorder recorder{loop.executor(), store};
    proxy::NodeContext node{clock, store, metrics, recorder, "node-a", Secret{"a secret"}, [] {}, {}, {}};

private:
    template <class Work>
    static proxy::Awaitable<void> call(Work& work, proxy::Worker& worker) {
        work(worker);
        co_return;
    }

    proxy::ResourceSet resources_{loop.executor(), clock, metrics};
};

}  // namespace curfew::test

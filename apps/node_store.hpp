// The store that a node keeps everything in: opening it, and what a node does while it is away.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/config.hpp"
#include "metrics/metrics.hpp"
#include "proxy/closed_door.hpp"
#include "proxy/event.hpp"
#include "proxy/node.hpp"
#include "store/store.hpp"

namespace curfew::apps {

using StorePointer = std::shared_ptr<store::Store>;

// Blocks the caller for seconds at most. The error says what to do; see may_pass(). `clock` and `metrics`
// outlive the store.
Result<StorePointer> open_store(const config::Store& settings, const std::string& node, const Clock& clock,
                                metrics::Metrics& metrics);
// Whether a store that could not be opened may answer later without anybody having changed a thing here.
bool may_pass(const config::Store& settings, const Error& why);

// A start without the store: listens and refuses, and asks for the store again and again. Belongs to the
// control thread.
class StoreWait {
public:
    // `open` is called on a thread of its own. `told`: each time that there is another reason, in words.
    StoreWait(boost::asio::any_io_executor control, const Clock& clock, metrics::Metrics& metrics,
              const config::Config& config, std::function<Result<StorePointer>()> open,
              std::function<void(const std::string& problem)> told);

    // Listens, `why`: what the first attempt said. The error says what cannot be listened on.
    Result<void> begin(const Error& why, const std::vector<proxy::InheritedSocket>& inherited);
    // Returns with the store once it answers, with nothing after stop(), or with what may not pass.
    proxy::Awaitable<Result<StorePointer>> run();
    void stop();
    // The node is about to listen itself.
    void stop_listening() { door_.close(); }
    // Returns once no client is in conversation any more.
    proxy::Awaitable<void> leave();

    // Why the store is not there yet, for people.
    const std::string& problem() const noexcept { return problem_; }

private:
    proxy::Awaitable<Result<StorePointer>> open_elsewhere();
    void note(const Error& why);

    const Clock& clock_;
    metrics::Metrics& metrics_;
    const std::function<Result<StorePointer>()> open_;
    const std::function<void(const std::string&)> told_;
    proxy::ClosedDoor door_;
    proxy::Event awake_;
    std::string problem_;
    bool stopping_ = false;
    boost::asio::thread_pool thread_{1};
};

}  // namespace curfew::apps

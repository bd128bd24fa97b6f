// The events of the audit trail on their way to those who are sent them, on a thread that nobody else waits
// for.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "audit/forwarder.hpp"
#include "config/audit.hpp"

namespace curfew::audit {

// The receivers of the configuration.
std::vector<std::shared_ptr<EventReceiver>> receivers_of(const config::Audit& settings, const Clock& clock,
                                                         const std::string& node);

class Forwarding {
public:
    // What it is given outlives it. `receivers`: no two of the same name.
    Forwarding(const Clock& clock, store::Store& store, metrics::Metrics& metrics, std::string node,
               std::vector<std::shared_ptr<EventReceiver>> receivers);
    // As stop().
    ~Forwarding();
    Forwarding(const Forwarding&) = delete;
    Forwarding& operator=(const Forwarding&) = delete;

    // Breaks off what is being sent; the next node to start sends it. Returns when nothing is under way any
    // more.
    void stop();

private:
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    std::unique_ptr<http::WorkerPool> pool_;
    const ForwarderParts parts_;
    std::vector<std::shared_ptr<Forwarder>> forwarders_;  // the thread's
    std::atomic<bool> waking_ = false;                    // somebody has posted it already
    store::EventStore::WatchNumber watch_ = 0;
    std::thread thread_;
};

}  // namespace curfew::audit

#include "audit/forwarding.hpp"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "audit/syslog_receiver.hpp"
#include "audit/webhook_receiver.hpp"

namespace curfew::audit {
namespace {

std::unique_ptr<http::WorkerPool> new_pool(std::size_t receivers) {
    http::WorkerPool::Options options;
    options.name = "curfew-forward";
    options.threads = static_cast<unsigned>(receivers);
    options.most_waiting = receivers;
    options.too_busy = "too many events are being sent at once";
    return std::make_unique<http::WorkerPool>(std::move(options));
}

}  // namespace

std::vector<std::shared_ptr<EventReceiver>> receivers_of(const config::Audit& settings, const Clock& clock,
                                                         const std::string& node) {
    std::vector<std::shared_ptr<EventReceiver>> receivers;
    if (settings.syslog) receivers.push_back(std::make_shared<SyslogEventReceiver>(*settings.syslog, node));
    if (settings.webhook)
        receivers.push_back(std::make_shared<WebhookEventReceiver>(*settings.webhook, clock, node));
    return receivers;
}

Forwarding::Forwarding(const Clock& clock, store::Store& store, metrics::Metrics& metrics, std::string node,
                       std::vector<std::shared_ptr<EventReceiver>> receivers)
    : guard_{context_.get_executor()},
      pool_{new_pool(receivers.size())},
      parts_{clock, store, metrics, std::move(node), *pool_} {
    for (auto& receiver : receivers) {
        forwarders_.push_back(
            std::make_shared<Forwarder>(context_.get_executor(), parts_, std::move(receiver)));
        forwarders_.back()->start();
    }
    // On the store's thread.
    watch_ = store.watch_events([this](store::EventNumber) {
        if (waking_.exchange(true)) return;
        boost::asio::post(context_, [this] {
            waking_ = false;
            for (const auto& forwarder : forwarders_)
                forwarder->wake();
        });
    });
    thread_ = std::thread{[this] {
        (void)::pthread_setname_np(::pthread_self(), "curfew-audit");
        context_.run();
    }};
}

Forwarding::~Forwarding() {
    stop();
}

void Forwarding::stop() {
    if (!thread_.joinable()) return;
    parts_.store.stop_watching(watch_);
    boost::asio::post(context_, [this] {
        for (const auto& forwarder : forwarders_)
            forwarder->stop();
        forwarders_.clear();
    });
    guard_.reset();
    thread_.join();
    pool_.reset();
}

}  // namespace curfew::audit

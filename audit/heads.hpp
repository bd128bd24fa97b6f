// Heads of the audit trail, signed and written down: so that whoever changes the trail later can be told by
// it.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "audit/proof/head.hpp"
#include "audit/signing_key.hpp"
#include "base/clock.hpp"
#include "config/audit.hpp"
#include "metrics/metrics.hpp"
#include "notify/alarm.hpp"
#include "store/store.hpp"

namespace curfew::audit {

// What a node signs heads with. All outlives the calls.
struct HeadSigner {
    store::Store& store;
    const SigningKey& key;
    const Clock& clock;
    std::string node;
};

struct NewHead {
    Head head;
    std::string line;  // signed, without a line feed
};
// How far the trail has come, now. The signer must outlive the call.
boost::asio::awaitable<Result<NewHead>> sign_head(const HeadSigner& signer);

// Belongs to the executor's thread. Every node of a fleet has one, and writes down what it sees.
class HeadLog {
public:
    // `metrics` outlives it.
    HeadLog(boost::asio::any_io_executor executor, HeadSigner signer, config::AuditHeads settings,
            metrics::Metrics& metrics);
    ~HeadLog();
    HeadLog(const HeadLog&) = delete;
    HeadLog& operator=(const HeadLog&) = delete;

    // Writes a head at once, then each interval in which there were events. Until stop(). Once only.
    boost::asio::awaitable<void> run();
    void stop();
    // Writes one now if there were events since the last; for the end, once run() has returned.
    boost::asio::awaitable<void> write_if_moved();

private:
    Result<void> write_down(const NewHead& head) const;
    void told_of_events();

    boost::asio::any_io_executor executor_;
    const HeadSigner signer_;
    const config::AuditHeads settings_;
    metrics::Metrics& metrics_;
    notify::Alarm news_;
    notify::Alarm interval_;
    std::atomic<bool> has_news_ = false;  // which somebody has posted already
    store::EventStore::WatchNumber watch_ = 0;
    std::optional<store::ChainHead> written_;
    bool stopping_ = false;
};

}  // namespace curfew::audit

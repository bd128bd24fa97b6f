// Where receipts are issued: soon after the end of a session is on record, or later, when the store is back.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "audit/receipt.hpp"
#include "audit/signing_key.hpp"
#include "base/clock.hpp"
#include "notify/alarm.hpp"
#include "store/store.hpp"

namespace curfew::audit {

// Belongs to the executor's thread; the store does the work. Every node of a fleet has one: it sees to the
// sessions whose end this node recorded, and to those that another one has left without for a minute.
class ReceiptDesk {
public:
    // `store` and `key` outlive it; the executor runs until run() has returned.
    ReceiptDesk(boost::asio::any_io_executor executor, store::Store& store, const SigningKey& key,
                ReceiptIssuer issuer);
    ~ReceiptDesk();
    ReceiptDesk(const ReceiptDesk&) = delete;
    ReceiptDesk& operator=(const ReceiptDesk&) = delete;

    // Runs until stop(). Once only.
    boost::asio::awaitable<void> run();
    // Ends run(), once those are issued that can be in a few seconds. The next start issues the rest.
    void stop();

private:
    boost::asio::awaitable<Result<std::size_t>> issue_some();
    boost::asio::awaitable<bool> issue_all();
    void look_again();

    boost::asio::any_io_executor executor_;
    store::Store& store_;
    const SigningKey& key_;
    const ReceiptIssuer issuer_;
    notify::Alarm news_;
    notify::Alarm stopped_;
    std::atomic<bool> waking_ = false;  // somebody has posted it already
    store::EventStore::WatchNumber watch_ = 0;
    bool stopping_ = false;
    bool failing_ = false;  // which has been logged
};

}  // namespace curfew::audit

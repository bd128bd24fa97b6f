#include "audit/receipt_desk.hpp"

#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace curfew::audit {
namespace {

using namespace std::chrono_literals;

// In one transaction, which holds up others that write.
constexpr std::size_t issued_at_a_time = 16;
// Sessions end together, and their receipts are in nobody's way if they come a little later.
constexpr Duration receipts_wait = 200ms;
// What other nodes did not see to, and what failed.
constexpr Duration look_again_after = 30s;
constexpr Duration others_have = 1min;
constexpr Duration last_receipts = 3s;

}  // namespace

ReceiptDesk::ReceiptDesk(boost::asio::any_io_executor executor, store::Store& store, const SigningKey& key,
                         ReceiptIssuer issuer)
    : executor_{std::move(executor)},
      store_{store},
      key_{key},
      issuer_{std::move(issuer)},
      news_{executor_},
      stopped_{executor_} {
    // On the store's thread.
    watch_ = store_.watch_events([this](store::EventNumber) {
        if (!waking_.exchange(true)) boost::asio::post(executor_, [this] { look_again(); });
    });
}

ReceiptDesk::~ReceiptDesk() {
    store_.stop_watching(watch_);
}

void ReceiptDesk::look_again() {
    waking_ = false;
    news_.ring();
}

void ReceiptDesk::stop() {
    stopping_ = true;
    news_.ring();
    stopped_.ring();
}

boost::asio::awaitable<void> ReceiptDesk::run() {
    while (!stopping_) {
        auto issuing = issue_all();
        co_await std::move(issuing);
        if (!stopping_) co_await news_.wait_for(look_again_after);
        if (!stopping_) co_await stopped_.wait_for(receipts_wait);
    }
    auto issuing = issue_all();
    co_await std::move(issuing);
    // What was posted refers to this.
    store_.stop_watching(std::exchange(watch_, 0));
    co_await boost::asio::post(executor_, boost::asio::use_awaitable);
}

// False: some are left, for whatever reason.
boost::asio::awaitable<bool> ReceiptDesk::issue_all() {
    const auto give_up_at = std::chrono::steady_clock::now() + last_receipts;
    for (;;) {
        auto issuing = issue_some();
        const Result<std::size_t> issued = co_await std::move(issuing);
        if (!issued) {
            if (!std::exchange(failing_, true))
                log::warning("receipts.not_issued", {{"error", issued.error().message}});
            co_return false;
        }
        failing_ = false;
        if (*issued == 0) co_return true;
        if (stopping_ && std::chrono::steady_clock::now() >= give_up_at) co_return false;
    }
}

// How many were seen to, by this node or by another one meanwhile.
boost::asio::awaitable<Result<std::size_t>> ReceiptDesk::issue_some() {
    auto asking = store_.sessions_without_receipt(issuer_.node, others_have, issued_at_a_time);
    Result<std::vector<SessionId>> sessions = co_await std::move(asking);
    if (!sessions) co_return sessions.error();
    if (sessions->empty()) co_return std::size_t{0};
    const std::size_t wanted = sessions->size();
    // The store answers before this coroutine goes on, so the key outlives what is done with it.
    store::WriteReceipt write = [this](const store::EndedSessionFile& file) {
        return sign_receipt(file, issuer_, key_);
    };
    auto issuing = store_.issue_receipts(std::move(*sessions), std::move(write));
    const Result<std::size_t> issued = co_await std::move(issuing);
    if (!issued) co_return issued.error();
    log::debug("receipts.issued", {{"receipts", *issued}});
    co_return wanted;
}

}  // namespace curfew::audit

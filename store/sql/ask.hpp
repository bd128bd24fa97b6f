// Asking the store's thread to do something, and awaiting what comes of it.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.hpp"
#include "store/awaitable.hpp"
#include "store/sql/commit_queue.hpp"

namespace curfew::store {

namespace detail {

namespace asio = boost::asio;

// `work` gives a Result<T>; the asker, `handler`, is called with it on its own executor.
template <class T, class Work, class Handler>
class AskedOperation final : public Operation {
public:
    AskedOperation(std::string_view name, Access access, Work work, Handler handler)
        : Operation{name, access},
          work_{std::move(work)},
          guard_{asio::make_work_guard(handler)},
          handler_{std::move(handler)} {}

    bool perform(Connection& connection, const StoreTime& now) override {
        outcome_.emplace(std::as_const(work_)(connection, now));
        return outcome_->has_value();
    }
    void fail(const Error& error) override { outcome_.emplace(error); }
    void answer() override {
        auto call = [handler = std::move(handler_), outcome = std::move(*outcome_)]() mutable {
            std::move(handler)(std::move(outcome));
        };
        asio::post(guard_.get_executor(), std::move(call));
        guard_.reset();
    }

private:
    Work work_;
    // The asker's executor has work until it is answered.
    asio::executor_work_guard<asio::associated_executor_t<Handler>> guard_;
    Handler handler_;
    std::optional<Result<T>> outcome_;
};

template <class T, class Work>
Awaitable<Result<T>> ask(CommitQueue& queue, std::string_view name, Access access, Work work) {
    auto start = [&queue, name, access, task = std::move(work)](auto handler) mutable {
        using Asked = AskedOperation<T, Work, decltype(handler)>;
        queue.add(std::make_unique<Asked>(name, access, std::move(task), std::move(handler)));
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result<T>)>(
        std::move(start), asio::use_awaitable);
}

template <class Work>
using Given = typename std::invoke_result_t<const Work&, Connection&, const StoreTime&>::value_type;

}  // namespace detail

// Awaits the Result that `work(connection, now)` gives, done on the store's thread. Cancellation does not
// reach it. `name` must be a literal.
template <class Work>
auto ask_to_read(CommitQueue& queue, std::string_view name, Work work) {
    return detail::ask<detail::Given<Work>>(queue, name, Access::read, std::move(work));
}
template <class Work>
auto ask_to_write(CommitQueue& queue, std::string_view name, Work work) {
    return detail::ask<detail::Given<Work>>(queue, name, Access::write, std::move(work));
}

}  // namespace curfew::store

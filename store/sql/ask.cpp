#include "store/sql/ask.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

namespace curfew::store::detail {

namespace {

namespace asio = boost::asio;

// `handler` resumes the asker on its own executor, and owns the asker, and so the question, until it does.
template <class Handler>
class AskedOperation final : public Operation {
public:
    AskedOperation(std::string_view name, Access access, Question& question, Handler handler)
        : Operation{name, access},
          question_{question},
          guard_{asio::make_work_guard(handler)},
          handler_{std::move(handler)} {}

    bool perform(Connection& connection, const StoreTime& now) override {
        return question_.perform(connection, now);
    }
    void fail(const Error& error) override { question_.fail(error); }
    void answer() override {
        asio::post(guard_.get_executor(),
                   [handler = std::move(handler_)]() mutable { std::move(handler)(); });
        guard_.reset();
    }

private:
    Question& question_;
    // The asker's executor has work until it is answered.
    asio::executor_work_guard<asio::associated_executor_t<Handler>> guard_;
    Handler handler_;
};

}  // namespace

Awaitable<void> ask(CommitQueue& queue, std::string_view name, Access access, Question& question) {
    auto start = [&queue, name, access, &question](auto handler) {
        using Asked = AskedOperation<decltype(handler)>;
        queue.add(std::make_unique<Asked>(name, access, question, std::move(handler)));
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(start),
                                                                         asio::use_awaitable);
}

}  // namespace curfew::store::detail

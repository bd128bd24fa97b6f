// Asking the store's thread to do something, and awaiting what comes of it.
#pragma once

#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.hpp"
#include "store/awaitable.hpp"
#include "store/sql/commit_queue.hpp"

namespace curfew::store {

namespace detail {

// What is asked, and then its outcome. The asker's coroutine keeps it; the store's thread uses it until it
// has answered.
class Question {
public:
    // As an Operation's.
    virtual bool perform(Connection& connection, const StoreTime& now) = 0;
    virtual void fail(const Error& error) = 0;

protected:
    ~Question() = default;
};

// `work(connection, now)` gives a Result<T>.
template <class T, class Work>
class QuestionFor final : public Question {
public:
    explicit QuestionFor(Work work) : work_{std::move(work)} {}

    bool perform(Connection& connection, const StoreTime& now) override {
        outcome_.emplace(std::as_const(work_)(connection, now));
        return outcome_->has_value();
    }
    void fail(const Error& error) override { outcome_.emplace(error); }
    Result<T> take_outcome() { return std::move(*outcome_); }

private:
    Work work_;
    std::optional<Result<T>> outcome_;
};

// Awaits that `question` is answered. Cancellation does not reach it.
Awaitable<void> ask(CommitQueue& queue, std::string_view name, Access access, Question& question);

template <class T, class Work>
Awaitable<Result<T>> ask_for(CommitQueue& queue, std::string_view name, Access access, Work work) {
    QuestionFor<T, Work> question{std::move(work)};
    co_await ask(queue, name, access, question);
    co_return question.take_outcome();
}

template <class Work>
using Given = typename std::invoke_result_t<const Work&, Connection&, const StoreTime&>::value_type;

}  // namespace detail

// Awaits the Result that `work(connection, now)` gives, done on the store's thread. Cancellation does not
// reach it. `name` must be a literal.
template <class Work>
auto ask_to_read(CommitQueue& queue, std::string_view name, Work work) {
    return detail::ask_for<detail::Given<Work>>(queue, name, Access::read, std::move(work));
}
template <class Work>
auto ask_to_write(CommitQueue& queue, std::string_view name, Work work) {
    return detail::ask_for<detail::Given<Work>>(queue, name, Access::write, std::move(work));
}

}  // namespace curfew::store

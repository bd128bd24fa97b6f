#include "api/change_feed.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <list>
#include <utility>

#include "base/log.hpp"
#include "proxy/event.hpp"
#include "proxy/run_on.hpp"

namespace curfew::api {

namespace asio = boost::asio;

struct ChangeFeed::State : std::enable_shared_from_this<State> {
    State(asio::any_io_executor own_, asio::any_io_executor control_executor_, proxy::Control& control_)
        : own{std::move(own_)},
          control_executor{std::move(control_executor_)},
          control{control_},
          over{own} {}

    const asio::any_io_executor own;
    const asio::any_io_executor control_executor;
    proxy::Control& control;

    // Of the own thread.
    Changes changes;
    std::list<asio::steady_timer*> watchers;
    bool following = false;
    proxy::Event over;

    // Of the control thread.
    bool stopping = false;
    asio::cancellation_signal stop;

    void wake() {
        for (asio::steady_timer* watcher : watchers)
            watcher->cancel();
    }

    static Awaitable<void> follow(std::shared_ptr<State> self);
    static Awaitable<void> call_off(std::shared_ptr<State> self);
    static void end_of_following(const std::shared_ptr<State>& self, const std::exception_ptr& failure);
};

Awaitable<void> ChangeFeed::State::follow(std::shared_ptr<State> self) {
    std::uint64_t seen = 0;
    while (!self->stopping) {
        const std::uint64_t changed = co_await self->control.wait_for_change(seen);
        if (changed == seen) continue;
        seen = changed;
        asio::post(self->own, [self, changed] {
            self->changes.sessions = changed;
            self->wake();
        });
    }
}

Awaitable<void> ChangeFeed::State::call_off(std::shared_ptr<State> self) {
    self->stopping = true;
    self->stop.emit(asio::cancellation_type::terminal);
    co_return;
}

void ChangeFeed::State::end_of_following(const std::shared_ptr<State>& self,
                                         const std::exception_ptr& failure) {
    if (failure && !self->stopping) {
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            log::error("api.changes_lost", {{"error", error.what()}});
        }
    }
    asio::post(self->own, [self] {
        self->following = false;
        self->over.notify();
    });
}

ChangeFeed::ChangeFeed(asio::any_io_executor own, asio::any_io_executor control_executor,
                       proxy::Control& control, store::EventStore& events)
    : events_{events},
      state_{std::make_shared<State>(std::move(own), std::move(control_executor), control)} {}

ChangeFeed::~ChangeFeed() {
    events_.stop_watching(watch_);
}

void ChangeFeed::watch_events() {
    watch_ = events_.watch_events([state = state_](store::EventNumber last) {
        asio::post(state->own, [state, last] {
            state->changes.events = last;
            state->wake();
        });
    });
}

void ChangeFeed::start() {
    watch_events();
    state_->following = true;
    // On the control thread from the beginning: the signal's slot is that thread's.
    asio::post(state_->control_executor, [state = state_] {
        asio::co_spawn(
            state->control_executor, State::follow(state),
            asio::bind_cancellation_slot(state->stop.slot(), [state](const std::exception_ptr& failure) {
                State::end_of_following(state, failure);
            }));
    });
}

Awaitable<void> ChangeFeed::stop() {
    const auto state = state_;
    events_.stop_watching(watch_);
    if (!state->following) co_return;
    auto calling_off = State::call_off(state);
    co_await proxy::run_on(state->control_executor, std::move(calling_off));
    while (state->following)
        co_await state->over.wait();
}

Changes ChangeFeed::now() const {
    return state_->changes;
}

Awaitable<Changes> ChangeFeed::wait(Changes seen, Duration at_most) {
    const auto state = state_;
    if (state->changes != seen) co_return state->changes;
    asio::steady_timer timer{state->own, at_most};
    const auto place = state->watchers.insert(state->watchers.end(), &timer);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    state->watchers.erase(place);
    co_return state->changes;
}

}  // namespace curfew::api

#include "api/session_events.hpp"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>

#include "api/json_views.hpp"

namespace curfew::api {

SessionEvents::SessionEvents(const boost::asio::any_io_executor& executor, proxy::Control& control,
                             const Clock& clock, Duration least_interval)
    : control_{control}, clock_{clock}, least_interval_{least_interval}, spacing_{executor} {}

Awaitable<std::string> SessionEvents::next() {
    if (begun_) {
        co_await spacing_.async_wait(boost::asio::use_awaitable);
        const auto changed = co_await control_.wait_for_change(seen_);
        if (changed == seen_) co_return ": nothing changed\n\n";
        // Taken before the list is asked for: what changes in between is told once more, never missed.
        seen_ = changed;
    }
    begun_ = true;
    const auto sessions = co_await control_.sessions();
    spacing_.expires_after(least_interval_);
    co_return fmt::format("event: sessions\nid: {}\ndata: {}\n\n", seen_,
                          boost::json::serialize(view(sessions, clock_.wall_now())));
}

}  // namespace curfew::api

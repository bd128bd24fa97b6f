#include "api/session_events.hpp"

#include <fmt/format.h>

#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <utility>

#include "api/json_views.hpp"
#include "api/paging.hpp"

namespace curfew::api {

SessionEvents::SessionEvents(const boost::asio::any_io_executor& executor, LiveSessions& sessions,
                             ChangeFeed& feed, std::optional<std::string> user)
    : sessions_{sessions}, feed_{feed}, user_{std::move(user)}, spacing_{executor} {}

Awaitable<std::string> SessionEvents::next() {
    if (begun_) {
        // Changes that come close together are told as one: the list may be long.
        co_await spacing_.async_wait(boost::asio::use_awaitable);
        const auto changed = co_await feed_.wait(seen_, sessions_.timing().longest_silence);
        if (changed == seen_) co_return ": nothing changed\n\n";
    }
    const auto snapshot = co_await sessions_.now();
    begun_ = true;
    seen_ = snapshot->change;
    spacing_.expires_after(std::chrono::ceil<std::chrono::milliseconds>(sessions_.timing().least_interval));
    boost::json::array items;
    for (const auto& session : snapshot->sessions) {
        if (!user_ || session.user == *user_) items.emplace_back(view(session, snapshot->at));
    }
    co_return fmt::format("event: sessions\nid: {}\ndata: {}\n\n", seen_,
                          boost::json::serialize(list_document(std::move(items), std::nullopt)));
}

}  // namespace curfew::api

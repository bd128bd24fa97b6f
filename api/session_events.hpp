// The live list of sessions as server-sent events.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "api/change_feed.hpp"
#include "api/http_types.hpp"
#include "api/live_sessions.hpp"

namespace curfew::api {

// One client's view: `event: sessions` with the whole list at once and after each change, a comment where
// nothing changed for long. What it is given must outlive it.
class SessionEvents {
public:
    // Only the sessions of `user`; nullopt: all.
    SessionEvents(const boost::asio::any_io_executor& executor, LiveSessions& sessions, ChangeFeed& feed,
                  std::optional<std::string> user);

    Awaitable<std::string> next();

private:
    LiveSessions& sessions_;
    ChangeFeed& feed_;
    const std::optional<std::string> user_;
    boost::asio::steady_timer spacing_;
    std::uint64_t seen_ = 0;
    bool begun_ = false;
};

}  // namespace curfew::api

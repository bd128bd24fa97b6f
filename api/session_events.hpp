// The live list of sessions as server-sent events.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <string>

#include "api/http_types.hpp"
#include "base/clock.hpp"
#include "proxy/control.hpp"

namespace curfew::api {

// One client's view: `event: sessions` with the whole list at once and after each change, a comment where
// nothing changed for 15 s. `control` and `clock` must outlive it.
class SessionEvents {
public:
    // Changes that come closer together than `least_interval` are told as one: the list may be long.
    SessionEvents(const boost::asio::any_io_executor& executor, proxy::Control& control, const Clock& clock,
                  Duration least_interval);

    Awaitable<std::string> next();

private:
    proxy::Control& control_;
    const Clock& clock_;
    const std::chrono::steady_clock::duration least_interval_;
    boost::asio::steady_timer spacing_;
    std::uint64_t seen_ = 0;
    bool begun_ = false;
};

}  // namespace curfew::api

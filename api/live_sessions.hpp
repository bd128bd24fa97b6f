// The live sessions, asked for once for all who watch them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "api/change_feed.hpp"
#include "api/fleet_sessions.hpp"
#include "base/clock.hpp"
#include "proxy/async_mutex.hpp"
#include "proxy/control.hpp"

namespace curfew::api {

struct EventTiming {
    // Changes that come closer together are told as one.
    Duration least_interval = std::chrono::milliseconds{100};
    // Where nothing changes, a comment says that the server is still there.
    Duration longest_silence = std::chrono::seconds{15};
};

// The list as it was at one instant.
struct SessionsSnapshot {
    std::uint64_t change = 0;  // it is as new as this number of the feed's, or newer
    WallInstant at;            // when `remaining` of each was true
    BootInstant asked_at;
    std::vector<proxy::SessionView> sessions;
};

// However many watch and however fast things change, the control thread is asked no more often than once in
// the least interval. Belongs to one thread; what it is given must outlive it.
class LiveSessions {
public:
    LiveSessions(const boost::asio::any_io_executor& executor, FleetSessions& fleet, const ChangeFeed& feed,
                 const Clock& clock, EventTiming timing)
        : fleet_{fleet}, feed_{feed}, clock_{clock}, timing_{timing}, asking_{executor} {}

    // Never older than that interval. Who wants what the feed last told compares `change` with it.
    Awaitable<std::shared_ptr<const SessionsSnapshot>> now();

    const EventTiming& timing() const noexcept { return timing_; }

private:
    FleetSessions& fleet_;
    const ChangeFeed& feed_;
    const Clock& clock_;
    const EventTiming timing_;
    proxy::AsyncMutex asking_;
    std::shared_ptr<const SessionsSnapshot> latest_;
};

}  // namespace curfew::api

// What one client is told as server-sent events: the live list of sessions, and requests that change.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/change_feed.hpp"
#include "api/http_types.hpp"
#include "api/live_sessions.hpp"
#include "api/request_feed.hpp"
#include "base/result.hpp"
#include "workflow/person.hpp"

namespace curfew::api {

// Where events come from. All outlive the streams.
struct EventSources {
    boost::asio::any_io_executor executor;
    LiveSessions& sessions;
    ChangeFeed& feed;
    RequestFeed& requests;
};

struct Topics {
    bool sessions = true;
    bool requests = true;
};
// `sessions`, `requests`, or both with a comma between them. invalid: anything else.
Result<Topics> parse_topics(std::string_view text);

// Where in the store's events a stream begins.
struct EventsFrom {
    store::EventNumber position = 0;
    bool forgotten =
        false;  // what the client saw last is not known, or too long ago: it is told to start over
};
// `last_id`: what the client sent as Last-Event-ID; nullopt: it begins. `last`: of all events.
EventsFrom begin_from(const std::optional<std::string>& last_id, store::EventNumber last);

// Each event's id is a place in the store's events: whoever comes back with it misses no request.
class ClientEvents {
public:
    // Of sessions only those of `user`; nullopt: all. Of requests those that `person` may see.
    ClientEvents(EventSources sources, Topics topics, EventsFrom from, std::optional<std::string> user,
                 workflow::Person person);

    // One event or several, or a comment where there was none for long. Throws where the store is away: the
    // client comes back.
    Awaitable<std::string> next();

private:
    // Empty where nothing that this person may see has changed.
    Awaitable<std::string> changed_requests();
    Awaitable<std::string> all_sessions();
    std::string nothing_changed();

    const EventSources sources_;
    const Topics topics_;
    const std::optional<std::string> user_;
    const workflow::Person person_;
    boost::asio::steady_timer spacing_;
    store::EventNumber position_;       // all before and at it was told
    store::EventNumber told_position_;  // the last id that the client was sent
    bool forgotten_;
    bool looked_for_requests_ = false;
    bool told_sessions_ = false;
    std::uint64_t sessions_seen_ = 0;
};

}  // namespace curfew::api

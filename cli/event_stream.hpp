// Server-sent events, as a client reads them (WHATWG HTML, section 9.2).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_code.hpp"

namespace curfew::cli {

struct ServerEvent {
    std::string name;  // `message` where the server gives none
    std::string data;
};

// Puts events together from bytes as they come. Comments and fields that it does not know are passed over.
class EventParser {
public:
    // The events that are complete with these bytes.
    std::vector<ServerEvent> feed(std::string_view bytes);

private:
    void take_line(std::string_view line, std::vector<ServerEvent>& events);

    std::string line_;
    ServerEvent event_;
    bool has_data_ = false;
};

// Follows the event stream at `target`, and calls `on_event` for each. Returns only when the stream is over:
// why. Cancelled as its coroutine is. `on_connected` is called once the server has accepted.
boost::asio::awaitable<Failure> follow_events(std::string socket_path, std::string target,
                                              std::function<void()> on_connected,
                                              std::function<void(const ServerEvent&)> on_event);

}  // namespace curfew::cli

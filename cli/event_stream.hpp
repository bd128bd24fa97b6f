// Server-sent events, as a client reads them (WHATWG HTML, section 9.2).
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/server.hpp"

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

    // The last one that was given, with an event or alone: for Last-Event-ID.
    const std::string& last_id() const noexcept { return last_id_; }
    // Of what is not complete yet, in bytes.
    std::size_t held() const noexcept { return line_.size() + event_.data.size(); }

private:
    void take_line(std::string_view line, std::vector<ServerEvent>& events);

    std::string line_;
    ServerEvent event_;
    std::string id_;
    std::string last_id_;
    bool has_data_ = false;
};

// Follows one stream of events. Does everything in wait(); between two of them it stands still.
class EventStream {
public:
    using Instant = std::chrono::steady_clock::time_point;

    // Begins to connect. `server` outlives it. `last_id`: of the last event that was seen, to go on behind
    // it. `longest_silence`: how long nothing may come before it counts as broken; the server says something
    // every 15 s.
    EventStream(const Server& server, const std::string& target, const std::string& last_id = "",
                std::chrono::seconds longest_silence = std::chrono::seconds{45});
    ~EventStream();
    EventStream(const EventStream&) = delete;
    EventStream& operator=(const EventStream&) = delete;

    // Returns once the stream has moved on, or `descriptor` (if not -1) can be read, or at `until`.
    void wait(int descriptor, Instant until);

    // Whether the server has accepted.
    bool connected() const noexcept;
    // What came since it was last asked for.
    std::vector<ServerEvent> take();
    // Why it is over; nullopt while it is not.
    const std::optional<Failure>& failure() const noexcept;
    const std::string& last_id() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace curfew::cli

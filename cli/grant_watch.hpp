// What becomes of a grant while somebody works under it.
#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "cli/event_stream.hpp"
#include "cli/output.hpp"

namespace curfew::cli {

// `prod: 1h59m left`; to the second in the last five minutes; `prod: access has ended`.
std::string title_text(const std::string& resource, Duration left);

// Counts a grant down, and follows what moves its end.
class GrantWatch {
public:
    // `grant`: as it stands now.
    GrantWatch(const Context& context, const boost::json::value& grant);

    // Returns after a change, once `descriptor` can be read, or at `until`.
    void wait(int descriptor, std::chrono::steady_clock::time_point until);
    // Below zero: by the last word of the server it is over now; it may have another by now.
    Duration left() const;
    const std::string& resource() const noexcept { return resource_; }
    // Asks the server. False also where that does not answer.
    bool still_active();

private:
    void take(const ServerEvent& event);
    void set_left(Duration left);
    // False where the server does not answer.
    bool refresh();

    const Context& context_;
    std::string id_;
    std::string resource_;
    SystemClock clock_;
    BootInstant deadline_;
    std::optional<EventStream> stream_;
    std::chrono::steady_clock::time_point retry_at_{};
    bool active_ = true;
    bool stale_ = false;  // ask, but not too often
    std::chrono::steady_clock::time_point asked_at_{};
};

// Why it is over, or that it is not: a sentence for the end of a connection. `grant`: as it is now.
std::string end_text(const boost::json::value& grant);

}  // namespace curfew::cli

// Where events of the audit trail are sent: what syslog and a webhook have in common.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "store/events.hpp"

namespace curfew::audit {

struct NotTaken {
    std::string problem;                                 // for the log and administrators; never a secret
    std::optional<Duration> retry_after = std::nullopt;  // what the other side asked for
};

// A few events, one behind the other.
struct EventBatch {
    std::string id;  // the same at each attempt: who gets it twice can tell by that
    std::vector<store::ListedEvent> events;
};

class EventReceiver {
public:
    virtual ~EventReceiver() = default;

    // What it is called in the log and in metrics: `syslog`, `webhook`.
    virtual std::string name() const = 0;
    // For people: where it is. Never a secret.
    virtual std::string place() const = 0;
    // On a thread of a pool, one batch at a time. Blocks for `longest_forwarding` at most. nullopt: all of it
    // was taken; else none of it may have been.
    virtual std::optional<NotTaken> send(const EventBatch& batch) = 0;
    // Breaks off what is under way, within a second, and lets nothing more begin. From any thread.
    virtual void stop() noexcept = 0;
};

inline constexpr Duration longest_forwarding = std::chrono::seconds{30};

}  // namespace curfew::audit

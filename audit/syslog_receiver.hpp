// Sends events by syslog: over TLS (RFC 5425), TCP (RFC 6587), UDP (RFC 5426) or to this machine's own
// daemon.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "audit/event_receiver.hpp"
#include "config/audit.hpp"
#include "http/curl_handle.hpp"

namespace curfew::audit {

class SyslogEventReceiver final : public EventReceiver {
public:
    // `node`: what this node is called, in each message.
    SyslogEventReceiver(config::SyslogReceiver settings, std::string node);
    ~SyslogEventReceiver() override;

    std::string name() const override { return "syslog"; }
    std::string place() const override { return config::to_string(settings_); }
    // Taken: the other side's machine has it. Syslog has no answer that would say more, and UDP not even
    // this.
    std::optional<NotTaken> send(const EventBatch& batch) override;
    void stop() noexcept override { stopped_ = true; }

private:
    class Stream;
    class Datagrams;

    std::optional<NotTaken> send_stream(const EventBatch& batch);
    std::optional<NotTaken> send_datagrams(const EventBatch& batch);

    const config::SyslogReceiver settings_;
    const std::string node_;
    std::atomic<bool> stopped_{false};
    std::unique_ptr<Stream> stream_;  // kept open between batches
};

}  // namespace curfew::audit

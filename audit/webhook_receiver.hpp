// Posts events to a webhook, signed as notices are.
#pragma once

#include <optional>
#include <string>

#include "audit/event_receiver.hpp"
#include "base/clock.hpp"
#include "config/notifiers.hpp"
#include "http/fetch.hpp"

namespace curfew::audit {

class WebhookEventReceiver final : public EventReceiver {
public:
    // `clock` outlives it. `node`: what this node is called.
    WebhookEventReceiver(config::WebhookSettings settings, const Clock& clock, std::string node);

    std::string name() const override { return "webhook"; }
    std::string place() const override;
    // Taken: it answered 2xx.
    std::optional<NotTaken> send(const EventBatch& batch) override;
    void stop() noexcept override { fetch_.stop(); }

private:
    const config::WebhookSettings settings_;
    const Clock& clock_;
    const std::string node_;
    http::CurlFetch fetch_;
};

// What is posted: `type` (audit_events), `id`, `node`, and `events` as `curfew audit export` has them.
std::string webhook_body(const EventBatch& batch, const std::string& node);

}  // namespace curfew::audit

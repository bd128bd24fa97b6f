// Notices to a receiver of the customer's own, signed: docs/webhooks.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "config/notifiers.hpp"
#include "http/fetch.hpp"
#include "notify/blocking_notifier.hpp"

namespace curfew::notify {

// `t=1764000000,v1=5257a869…`: the HMAC-SHA256 of the time in seconds, a full stop and the body, in
// hexadecimal.
std::string webhook_signature(const Secret& secret, WallInstant now, std::string_view body);

class WebhookNotifier final : public BlockingNotifier {
public:
    // `pool` and `clock` outlive it.
    WebhookNotifier(config::WebhookSettings settings, http::WorkerPool& pool, const Clock& clock);

    // The receiver gets everything that there is to be told once, whoever else is told.
    Awaitable<Result<std::vector<std::string>>> recipients(const Notice& notice, const Facts& facts,
                                                           const Surroundings& surroundings,
                                                           const std::vector<std::string>& told) override;
    void stop() noexcept override { fetch_.stop(); }

private:
    SendOutcome deliver(const Message& message) override;

    const config::WebhookSettings settings_;
    const Clock& clock_;
    http::CurlFetch fetch_;
};

}  // namespace curfew::notify

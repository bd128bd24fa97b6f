// Notices by mail: to each person by the address of their own, over SMTP.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "config/notifiers.hpp"
#include "http/curl_handle.hpp"
#include "notify/blocking_notifier.hpp"
#include "notify/mail.hpp"

namespace curfew::notify {

class EmailNotifier final : public BlockingNotifier {
public:
    // `pool` and `clock` outlive it.
    EmailNotifier(config::EmailSettings settings, http::WorkerPool& pool, const Clock& clock);

    // `user:alice`, whose address is looked up when the mail is sent; `to:list@example.com`.
    Awaitable<Result<std::vector<std::string>>> recipients(const Notice& notice, const Facts& facts,
                                                           const Surroundings& surroundings,
                                                           const std::vector<std::string>& told) override;
    void stop() noexcept override { stopped_ = true; }

private:
    SendOutcome deliver(const Message& message) override;
    // nullopt: nobody is to be told there any more.
    std::optional<std::string> address_of(const Message& message) const;
    SendOutcome post(const Mail& mail);

    const config::EmailSettings settings_;
    const http::TransferBounds bounds_;
    const Clock& clock_;
    std::atomic<bool> stopped_{false};
};

}  // namespace curfew::notify

// Notices to a channel of Microsoft Teams, by a workflow's webhook.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <vector>

#include "config/notifiers.hpp"
#include "http/fetch.hpp"
#include "notify/blocking_notifier.hpp"
#include "notify/texts.hpp"

namespace curfew::notify {

// What a workflow takes, in bytes. Teams says 28 KB of a message, and counts more than its text.
inline constexpr std::size_t largest_card = 20'000;

// The message that a workflow posts: one Adaptive Card of schema 1.5, with a button that opens the request.
// What people wrote stands in it as text that nothing marks up. Lines that find no room are left out.
boost::json::object teams_message(const NoticeText& text);

class TeamsNotifier final : public BlockingNotifier {
public:
    // `pool` and `clock` outlive it.
    TeamsNotifier(config::TeamsSettings settings, http::WorkerPool& pool, const Clock& clock);

    Awaitable<Result<std::vector<std::string>>> recipients(const Notice& notice, const Facts& facts,
                                                           const Surroundings& surroundings,
                                                           const std::vector<std::string>& told) override;
    void stop() noexcept override { fetch_.stop(); }
    // A workflow takes few at a time.
    unsigned at_once() const override { return 1; }

private:
    SendOutcome deliver(const Message& message) override;

    const config::TeamsSettings settings_;
    const Clock& clock_;
    http::CurlFetch fetch_;
};

}  // namespace curfew::notify

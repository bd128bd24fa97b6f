#include "notify/blocking_notifier.hpp"

#include <fmt/format.h>

#include "http/retry_after.hpp"

namespace curfew::notify {

Awaitable<SendOutcome> BlockingNotifier::send(Message message) {
    auto work = [this, message = std::move(message)]() -> Result<SendOutcome> { return deliver(message); };
    auto running = pool_.run<SendOutcome>(std::move(work));
    Result<SendOutcome> outcome = co_await std::move(running);
    if (!outcome) co_return NotSent{outcome.error().message};
    co_return std::move(*outcome);
}

SendOutcome outcome_of(const Result<http::Response>& response, std::string_view whom, WallInstant now) {
    constexpr int gone = 410;
    if (!response) return NotSent{response.error().message};
    const int status = response->status;
    if (status >= 200 && status < 300) return Sent{};
    NotSent failed;
    failed.problem = fmt::format("{} answered {}", whom, status);
    if (status >= 300 && status < 400) failed.problem += "; redirects are not followed";
    failed.for_good = status == gone;
    failed.retry_after = http::parse_retry_after(response->header("retry-after"), now);
    return failed;
}

}  // namespace curfew::notify

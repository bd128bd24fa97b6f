// A way to tell people something: what Slack, Teams, a webhook and e-mail have in common.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "notify/notice.hpp"
#include "store/deliveries.hpp"

namespace curfew::notify {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

// One notice to one recipient, with what is to be known to say it.
struct Message {
    store::Delivery delivery;  // its id is the same at each attempt: whoever gets it twice can tell by that
    // What this notifier gave back when it told this recipient about the same subject last.
    std::optional<std::string> last_receipt;
    Notice notice;
    Facts facts;  // as they stand now, whatever they were when the notice came up
    std::shared_ptr<const Surroundings> surroundings;
};

// How an attempt came out.
struct Sent {
    std::string receipt;  // what a later message about the same subject needs to find this one; may be empty
};
struct NotSent {
    std::string problem;  // for the log and administrators; never a secret
    // What the other side asked for; absent: as the dispatcher thinks fit.
    std::optional<Duration> retry_after = std::nullopt;
    bool for_good = false;  // trying again cannot help
};
struct Pointless {
    std::string why;  // there is nothing (any more) to be said to this recipient
};
using SendOutcome = std::variant<Sent, NotSent, Pointless>;

// Used by the dispatcher on its own thread, by several coroutines at once; lives until all of them are over.
// What would block goes to the dispatcher's pool of threads (http::WorkerPool).
class Notifier {
public:
    virtual ~Notifier() = default;

    // To whom the notice goes, each in this notifier's own words (an address, a channel, a user: 1 to 500
    // bytes); empty: to nobody. `told`: whom this notifier told, or is about to tell, of this subject. The
    // arguments outlive the call. An error: it cannot be known now; asked again later.
    virtual Awaitable<Result<std::vector<std::string>>> recipients(const Notice& notice, const Facts& facts,
                                                                   const Surroundings& surroundings,
                                                                   const std::vector<std::string>& told) = 0;
    // Tells it. Bounded in time: no longer than `longest_attempt`.
    virtual Awaitable<SendOutcome> send(Message message) = 0;
    // Breaks off what is under way, and lets nothing more begin. From any thread.
    virtual void stop() noexcept = 0;

    // How many are told at the same time.
    virtual unsigned at_once() const { return 2; }
};

inline constexpr Duration longest_attempt = std::chrono::seconds{45};

}  // namespace curfew::notify

// Telling people in Slack: requests to those who decide, in a channel or by direct message, and to who asked
// what became of it.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "config/notifiers.hpp"
#include "http/fetch.hpp"
#include "http/worker_pool.hpp"
#include "notify/notifier.hpp"
#include "notify/slack/receipt.hpp"
#include "notify/slack/workspace.hpp"
#include "store/store.hpp"

namespace curfew::notify::slack {

// A message about a request is there once, and changes as the request does; what happens to the access is
// said in its thread. After a crash between sending and keeping that it was sent, what was sent is found by
// its metadata. Belongs to one executor.
class SlackNotifier final : public Notifier {
public:
    // `notifier` is a Slack one; the others outlive this.
    SlackNotifier(const config::Notifier& notifier, store::Store& store, http::WorkerPool& pool,
                  const Clock& clock);

    Awaitable<Result<std::vector<std::string>>> recipients(const Notice& notice, const Facts& facts,
                                                           const Surroundings& surroundings,
                                                           const std::vector<std::string>& told) override;
    Awaitable<SendOutcome> send(Message message) override;
    void stop() noexcept override { fetch_.stop(); }

private:
    using Recipients = std::vector<std::string>;
    using Place = CallResult<std::optional<Receipt>>;

    std::set<std::string> channels_for(const Facts& facts, const Surroundings& surroundings) const;
    Awaitable<Result<Recipients>> approvers(const Notice& notice, const Facts& facts,
                                            const Surroundings& surroundings);
    Awaitable<Result<Recipients>> requester(std::string user, const Surroundings& surroundings);
    Awaitable<Result<std::string>> stored_team();

    Awaitable<SendOutcome> tell_approvers(const Message& message, const Recipient& recipient);
    Awaitable<SendOutcome> tell_requester(const Message& message, const Recipient& recipient);
    Awaitable<SendOutcome> change(const Message& message, Receipt receipt);
    // What changed since `receipt`, said in its thread. An error stands for what could not be said.
    Awaitable<std::optional<CallFailure>> say_in_thread(const Message& message, Receipt& receipt);
    // Once, whichever attempt it is.
    Awaitable<CallResult<MessagePlace>> post_once(const Message& message, Posting posting);
    // Where an extension belongs; nullopt: nobody there was told of what it extends.
    Awaitable<Result<std::optional<Receipt>>> thread_of(const Message& message);

    http::CurlFetch fetch_;
    store::Store& store_;
    Workspace workspace_;
};

}  // namespace curfew::notify::slack

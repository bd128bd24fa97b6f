#include "scripted_notifier.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "support/timing.hpp"

namespace curfew::test {

notify::Awaitable<Result<std::vector<std::string>>> ScriptedNotifier::recipients(
    const notify::Notice& notice, const notify::Facts& facts, const notify::Surroundings& surroundings,
    const std::vector<std::string>& told) {
    if (notice.is_update) {
        std::vector<std::string> approvers = told;
        std::erase(approvers, facts.holder());
        co_return approvers;
    }
    const auto people = notify::people_to_tell(notice, facts, surroundings);
    co_return std::vector<std::string>{people.begin(), people.end()};
}

notify::Awaitable<notify::SendOutcome> ScriptedNotifier::send(notify::Message message) {
    notify::SendOutcome outcome = script_ ? script_(message) : notify::SendOutcome{notify::Sent{"receipt"}};
    const std::lock_guard lock{mutex_};
    messages_.push_back(std::move(message));
    sent_.notify_all();
    co_return outcome;
}

void ScriptedNotifier::stop() noexcept {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
}

notify::Message ScriptedNotifier::next() {
    std::unique_lock lock{mutex_};
    if (!sent_.wait_for(lock, patience, [this] { return !messages_.empty(); }))
        throw std::runtime_error("nothing was sent");
    notify::Message message = std::move(messages_.front());
    messages_.pop_front();
    return message;
}

std::vector<std::string> ScriptedNotifier::next_ones(std::size_t count) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i) {
        const notify::Message message = next();
        all.push_back(message.delivery.kind + " to " + message.delivery.recipient);
    }
    std::sort(all.begin(), all.end());
    return all;
}

std::size_t ScriptedNotifier::waiting() {
    const std::lock_guard lock{mutex_};
    return messages_.size();
}

bool ScriptedNotifier::is_stopped() {
    const std::lock_guard lock{mutex_};
    return stopped_;
}

}  // namespace curfew::test

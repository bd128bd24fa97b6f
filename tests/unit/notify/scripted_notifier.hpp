// A notifier that answers as told, and keeps what it was given.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "notify/notifier.hpp"

namespace curfew::test {

class ScriptedNotifier final : public notify::Notifier {
public:
    // How an attempt comes out. On the dispatcher's thread.
    using Script = std::function<notify::SendOutcome(const notify::Message&)>;

    explicit ScriptedNotifier(Script script = {}) : script_{std::move(script)} {}

    // The people that it is for; of an update, who was told before and does not hold the access.
    notify::Awaitable<Result<std::vector<std::string>>> recipients(
        const notify::Notice& notice, const notify::Facts& facts, const notify::Surroundings& surroundings,
        const std::vector<std::string>& told) override;
    notify::Awaitable<notify::SendOutcome> send(notify::Message message) override;
    void stop() noexcept override;

    // The next message that was sent, however it came out. Throws where none is.
    notify::Message next();
    // `request_waiting to carol`, of the next ones; sorted.
    std::vector<std::string> next_ones(std::size_t count);
    std::size_t waiting();
    bool is_stopped();

private:
    const Script script_;
    std::mutex mutex_;
    std::condition_variable sent_;
    std::deque<notify::Message> messages_;
    bool stopped_ = false;
};

}  // namespace curfew::test

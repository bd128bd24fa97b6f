#include "proxy/deadline_queue.hpp"

#include <utility>

namespace curfew::proxy {

DeadlineQueue::Token DeadlineQueue::add(BootInstant when, std::function<void()> what) {
    const Token token = ++last_token_;
    by_token_.emplace(token, by_time_.emplace(when, Entry{token, std::move(what)}));
    return token;
}

bool DeadlineQueue::move(Token token, BootInstant when) {
    const auto found = by_token_.find(token);
    if (found == by_token_.end()) return false;
    auto entry = by_time_.extract(found->second);
    entry.key() = when;
    found->second = by_time_.insert(std::move(entry));
    return true;
}

void DeadlineQueue::remove(Token token) {
    const auto found = by_token_.find(token);
    if (found == by_token_.end()) return;
    by_time_.erase(found->second);
    by_token_.erase(found);
}

std::optional<BootInstant> DeadlineQueue::next_due() const {
    if (by_time_.empty()) return std::nullopt;
    return by_time_.begin()->first;
}

// Each entry is taken out before it runs: whatever it does to the queue cannot take it from under itself.
void DeadlineQueue::run_due(BootInstant now) {
    while (!by_time_.empty() && by_time_.begin()->first <= now) {
        const auto entry = by_time_.extract(by_time_.begin());
        by_token_.erase(entry.mapped().token);
        entry.mapped().what();
    }
}

}  // namespace curfew::proxy

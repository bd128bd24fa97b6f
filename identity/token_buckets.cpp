#include "identity/token_buckets.hpp"

#include <algorithm>

namespace curfew::identity {

BootInstant TokenBuckets::full_at(std::string_view key, BootInstant now) const {
    const auto found = buckets_.find(key);
    return found == buckets_.end() ? now : std::max(found->second->first, now);
}

Duration TokenBuckets::wait(std::string_view key, BootInstant now) const {
    return full_at(key, now) - now - rate_.every * (rate_.burst - 1);
}

void TokenBuckets::take(std::string_view key, BootInstant now) {
    set(key, full_at(key, now) + rate_.every, now);
}

void TokenBuckets::give_back(std::string_view key, BootInstant now) {
    set(key, full_at(key, now) - rate_.every, now);
}

void TokenBuckets::set(std::string_view key, BootInstant full_at, BootInstant now) {
    if (const auto found = buckets_.find(key); found != buckets_.end()) erase(found->second);
    while (!order_.empty() && order_.begin()->first <= now)
        erase(order_.begin());
    if (full_at <= now) return;
    const auto place = order_.emplace(full_at, std::string{key});
    buckets_.emplace(place->second, place);
    if (buckets_.size() > most_keys_) erase(order_.begin());
}

void TokenBuckets::erase(Order::iterator place) {
    buckets_.erase(place->second);
    order_.erase(place);
}

}  // namespace curfew::identity

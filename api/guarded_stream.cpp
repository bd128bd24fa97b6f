#include "api/guarded_stream.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <variant>

namespace curfew::api {
namespace {

// How long somebody is told things after their right to that is gone, at most.
constexpr std::chrono::seconds look_again_after{1};

bool is_same(const Principal& one, const Principal& other) {
    return one.user == other.user && one.is_administrator == other.is_administrator &&
           one.groups == other.groups;
}

}  // namespace

Awaitable<std::string> GuardedStream::next() {
    auto waiting = next_();
    auto piece = co_await std::move(waiting);
    const auto now = clock_.boot_now();
    if (now - looked_at_ < look_again_after) co_return piece;
    auto admitting = gate_.admit(request_, peer_, requirement_);
    const auto admission = co_await std::move(admitting);
    const auto* principal = std::get_if<std::optional<Principal>>(&admission);
    if (principal == nullptr || !*principal || !is_same(**principal, principal_))
        throw std::runtime_error("the right to watch is over, or is another one");
    looked_at_ = now;
    co_return piece;
}

}  // namespace curfew::api

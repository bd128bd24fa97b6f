#include "recording/doorbell.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>

namespace curfew::recording {

// The kernel compares the word and puts the thread to sleep in one step: std::atomic::wait() would do the
// same, but for the time limit.
void Doorbell::wait(std::uint32_t while_it_is, Duration at_most) noexcept {
    static_assert(sizeof(sleep_) == sizeof(std::uint32_t));
    const auto limit = std::max(at_most, Duration::zero());
    const auto seconds = std::chrono::floor<std::chrono::seconds>(limit);
    std::timespec timeout{};
    timeout.tv_sec = seconds.count();
    timeout.tv_nsec = static_cast<long>((limit - seconds).count());
    ::syscall(SYS_futex, &sleep_, FUTEX_WAIT_PRIVATE, while_it_is, &timeout, nullptr, 0);
}

void Doorbell::wake() noexcept {
    if (sleep_.exchange(awake, std::memory_order_seq_cst) == awake) return;  // somebody else has
    ::syscall(SYS_futex, &sleep_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace curfew::recording

// How a thread sleeps until others have something for it.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.hpp"

namespace curfew::recording {

// One thread sleeps, any number of them ring. No ring is lost, and a ring costs one look at a number that
// hardly ever changes as long as nobody sleeps.
class Doorbell {
public:
    // Thread-safe. Whatever was stored before with the strongest order (std::memory_order_seq_cst) is seen by
    // whoever wakes.
    void ring() noexcept {
        if (sleep_.load(std::memory_order_seq_cst) == light) wake();
    }
    // Wakes whoever dozes as well.
    void ring_hard() noexcept {
        if (sleep_.load(std::memory_order_seq_cst) != awake) wake();
    }

    // Sleeps until somebody rings, but no longer than `at_most`. `nothing_to_do()` is asked after it has been
    // said that this thread sleeps: what comes later rings.
    template <class NothingToDo>
    void sleep(Duration at_most, NothingToDo&& nothing_to_do) {
        sleep_.store(light, std::memory_order_seq_cst);
        if (nothing_to_do()) wait(light, at_most);
        sleep_.store(awake, std::memory_order_seq_cst);
    }
    // The same, but only ring_hard() wakes: for who would rather have more to do at a time.
    template <class NothingUrgent>
    void doze(Duration at_most, NothingUrgent&& nothing_urgent) {
        sleep_.store(deep, std::memory_order_seq_cst);
        if (nothing_urgent()) wait(deep, at_most);
        sleep_.store(awake, std::memory_order_seq_cst);
    }

private:
    static constexpr std::uint32_t awake = 0;
    static constexpr std::uint32_t light = 1;
    static constexpr std::uint32_t deep = 2;

    void wake() noexcept;
    void wait(std::uint32_t while_it_is, Duration at_most) noexcept;

    std::atomic<std::uint32_t> sleep_{awake};
};

}  // namespace curfew::recording

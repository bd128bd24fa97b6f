// Signals as something to wait for, beside whatever else is waited for.
#pragma once

#include <csignal>
#include <initializer_list>
#include <optional>

namespace curfew::cli {

// Holds back these signals for as long as it lives, and tells of them. What came and was not asked for is
// forgotten when it goes.
class Signals {
public:
    explicit Signals(std::initializer_list<int> signals);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    // Can be read while a signal waits.
    int descriptor() const noexcept { return descriptor_; }
    // The next that came; nullopt if none waits.
    std::optional<int> next() noexcept;

    // As it was before: for a child process.
    const sigset_t& mask_before() const noexcept { return mask_before_; }

private:
    sigset_t held_{};
    sigset_t mask_before_{};
    int descriptor_ = -1;
};

}  // namespace curfew::cli

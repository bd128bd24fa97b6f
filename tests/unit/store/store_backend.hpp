// The database that the tests of a program are run on. Which one it is, is a matter of what is linked.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.hpp"
#include "store/store.hpp"

namespace curfew::test {

// A ManualClock that others can follow.
class SteeredClock final : public Clock {
public:
    BootInstant boot_now() const noexcept override { return clock_.boot_now(); }
    WallInstant wall_now() const noexcept override { return clock_.wall_now(); }

    void advance(Duration by) {
        clock_.advance(by);
        if (on_change) on_change();
    }
    void step_wall(Duration by) {
        clock_.step_wall(by);
        if (on_change) on_change();
    }

    std::function<void()> on_change;

private:
    ManualClock clock_;
};

// A store of the test's own, gone after it.
class StoreBackend {
public:
    virtual ~StoreBackend() = default;

    // Opens it, again after it was closed.
    virtual std::shared_ptr<store::Store> open() = 0;
    // The file that it is in, if it is in one.
    virtual std::optional<std::filesystem::path> file() const { return std::nullopt; }
};

// Time in the store is the clock's.
std::unique_ptr<StoreBackend> make_store_backend(SteeredClock& clock);

}  // namespace curfew::test

// The live grants as this node counts them down.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "policy/admission.hpp"
#include "store/store.hpp"

namespace curfew::proxy {

// Turns what the store says is left of each grant into instants of the boot clock, and never lets one move
// later by itself. Pure.
class GrantBook {
public:
    // Takes the store's list of grants (upcoming and active ones; over ones are skipped). A grant whose
    // window is the one that we knew never ends later than we knew, and never starts earlier: only a changed
    // window (an extension) moves it. Two readings of one window differ by clock rounding, and after a step
    // of the store's clock by more; neither lengthens a session.
    void replace(const std::vector<store::GrantCountdown>& grants);

    // The same for one grant that was just given, extended or revoked; the others stay as they are.
    void update(const store::GrantCountdown& grant);

    // What is known now; a new object after each change, the same one otherwise. Never nullptr.
    std::shared_ptr<const policy::Grants> grants() const noexcept { return grants_; }
    // Grants whose window is open at `now`.
    std::size_t active(BootInstant now) const;

private:
    std::shared_ptr<const policy::Grants> grants_ = std::make_shared<const policy::Grants>();
};

}  // namespace curfew::proxy

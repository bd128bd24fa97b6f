// The live grants as this node counts them down.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
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

    // The same for one grant that was just given, extended or revoked; the others stay as they are. One that
    // was over stays so, in whatever order answers of the store arrive, unless it was extended before.
    void update(const store::GrantCountdown& grant);
    // The store's clock showed `wall` at `boot`. Where it was set forward, grants end earlier by as much.
    void tell_time(std::chrono::sys_time<Duration> wall, BootInstant boot);

    // Adds a grant that was signed offline: it stays whatever lists the store gives, until it is entered
    // there or removed.
    void add_offline(policy::LiveGrant grant);
    // It is entered: from here on the store's word counts for it as for any other. Never moves its end later,
    // though the store's window for it is not the one that we knew.
    void entered(const store::GrantCountdown& grant);
    // Takes one out, entered or not; nothing happens to one that is not here.
    void remove(const GrantId& id);

    // What is known now; a new object after each change, the same one otherwise. Never nullptr.
    std::shared_ptr<const policy::Grants> grants() const noexcept { return grants_; }
    // Grants whose window is open at `now`.
    std::size_t active(BootInstant now) const;

private:
    void put(policy::LiveGrant grant);
    void take_out(const GrantId& id);
    bool was_over(const policy::Grant& grant) const;

    std::set<GrantId> not_entered_;
    // Heard of as over, since the last whole list, and between that and the one before: with the end that
    // their window had. What is revoked is over with whatever end.
    using Over = std::map<GrantId, WallInstant>;
    Over over_;
    Over over_before_;
    std::optional<Duration> clock_offset_;  // of the store's clock, from the boot clock: the greatest told
    std::shared_ptr<const policy::Grants> grants_ = std::make_shared<const policy::Grants>();
};

}  // namespace curfew::proxy

// The nodes that share a store: which there are, what each serves, and which of them are gone.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/awaitable.hpp"
#include "store/sessions.hpp"

namespace curfew::store {

// What a running curfewd says of itself.
struct NodeReport {
    std::string name;
    std::string instance;  // this process and no other, of whatever node
    std::string version;
    std::string address;  // where clients reach it, for people
    std::vector<std::string> resources;
    std::size_t sessions = 0;
    Duration lease{};  // for so long it need not say anything more
    // By then it has ended its sessions itself if it lives and cannot reach the store. At least `lease`.
    Duration sessions_over_within{};
};

// What the store says in turn.
struct NodeStanding {
    bool orphans = false;  // nodes that are gone have left sessions that are not recorded as ended
};

// The fleet in numbers.
struct FleetCount {
    std::size_t up = 0;
    std::size_t gone = 0;      // known, and their lease has ended
    std::size_t orphans = 0;   // sessions that nodes which are gone have left, not recorded as ended
    Duration oldest_orphan{};  // since when it has been for others to see to; zero where there is none
};

// A node as the store knows it. All times are the store's.
struct NodeRecord {
    std::string name;
    std::string instance;
    std::string version;
    std::string address;
    std::vector<std::string> resources;
    std::size_t sessions = 0;
    WallInstant started_at;
    WallInstant seen_at;
    Duration seen_ago{};
    Duration lease_left{};  // zero or less: it is gone

    bool is_gone() const noexcept { return lease_left <= Duration::zero(); }
};

// Errors as Store says.
class NodeStore {
public:
    virtual ~NodeStore() = default;

    // The node lives, and has its name to itself for its lease from now on. conflict: another process has
    // that name and its lease has not ended; it is none that is known to be dead, `dead_instance`. Where the
    // store is one node's alone, whatever was there before is dead. Nodes that have been gone for a day and
    // have left nothing are forgotten.
    virtual Awaitable<Result<NodeStanding>> node_lives(NodeReport report,
                                                       std::optional<std::string> dead_instance) = 0;
    // The process is about to end, and has no sessions any more. Forgotten, but for sessions whose end it
    // could not record: then it is gone. Nothing happens where the name is another instance's by now.
    virtual Awaitable<Result<void>> node_leaves(std::string name, std::string instance) = 0;
    // All that are known, by name.
    virtual Awaitable<Result<std::vector<NodeRecord>>> nodes() = 0;
    // Looks at every node that is known: not for as often as each says that it lives.
    virtual Awaitable<Result<FleetCount>> count_fleet() = 0;
    // Sessions on these resources that nodes which are gone have left, not recorded as ended: `by` sees to
    // their backends, and nobody else is given them for `at_most`.
    virtual Awaitable<Result<std::vector<SessionRecord>>> claim_orphans(std::string by,
                                                                        std::vector<std::string> resources,
                                                                        Duration at_most) = 0;
};

}  // namespace curfew::store

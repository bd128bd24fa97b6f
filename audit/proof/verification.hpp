// Whether an audit trail is what was written: its events are fed in the order in which they are kept, and
// what is wrong with them is named. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/events.hpp"

namespace curfew::audit {

enum class Fault {
    changed,     // an event does not say what it said, or does not have the hash that it had
    removed,     // events are missing between others
    inserted,    // an event that does not belong there
    reordered,   // events do not stand where they were written
    truncated,   // events are missing at the end
    forged,      // a head that no known key has signed
    unreadable,  // a line that is no event, or no head
};
std::string_view to_string(Fault fault);  // `reordered`

struct Finding {
    Fault fault = Fault::changed;
    // The events that it is about, as they are numbered; 0: none.
    store::EventNumber first = 0;
    store::EventNumber last = 0;
    std::string what;  // a sentence without its full stop

    friend bool operator==(const Finding&, const Finding&) = default;
};

// What a trail came to.
struct VerifiedTrail {
    std::uint64_t events = 0;        // that were fed
    store::EventNumber first = 0;    // the number of the first one; 0: there was none
    store::ChainHead head;           // of the last one, as it says itself
    std::uint64_t heads = 0;         // that were held against it, and that it agrees with
    store::EventNumber vouched = 0;  // up to which event a head vouches for it
    std::vector<Finding> findings;   // by number; of very many, the first
    std::uint64_t more_findings = 0;
};

// Holds events against one another, and against heads that were taken earlier. Uses memory for as many events
// as are in disorder at a time, bounded.
class TrailVerifier {
public:
    // Where the trail begins.
    enum class Begin {
        with_the_first,  // of all: what stands before the first one that is fed is missing
        anywhere,        // an excerpt: its first event is taken as it is
    };

    explicit TrailVerifier(Begin begin = Begin::with_the_first) : begin_{begin} {}

    // Before the first event: this event was there at that time, with that hash. `taken`: when, or by whom,
    // for people: `the head of 2026-11-24T14:05:00Z`.
    void vouch(const store::ChainHead& head, std::string taken);
    // In the order of the store, or of the file.
    void add(store::ListedEvent event);
    // Once, after the last one.
    VerifiedTrail finish();

private:
    struct Vouched {
        Sha256Digest hash;
        std::string taken;
    };
    using Region = std::vector<store::ListedEvent>;

    void hold_against_heads(const store::ListedEvent& event);
    void came_late(const store::ListedEvent& event);
    bool goes_on_from_pending(const store::ListedEvent& event);
    void diagnose(const Region& region);
    std::vector<std::size_t> reassemble(const Region& region, store::ChainHead& place) const;
    bool are_exchanged(const Region& region) const;
    void judge_order(const Region& region, const std::vector<std::size_t>& order);
    void judge_left_over(const Region& region, const std::vector<std::size_t>& left, store::ChainHead place);
    void find_missing_ends();
    void find(Fault fault, store::EventNumber first, store::EventNumber last, std::string what);

    const Begin begin_;
    std::multimap<store::EventNumber, Vouched> vouched_;
    store::ChainHead good_;   // as it was written
    std::int64_t shift_ = 0;  // an event was written with its number and so much more
    Region pending_;          // not understood yet
    std::set<std::pair<store::EventNumber, store::EventNumber>> missing_;
    std::set<store::EventNumber> moved_;
    bool is_contradicted_ = false;
    VerifiedTrail trail_;
};

}  // namespace curfew::audit

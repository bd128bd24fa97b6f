#include "audit/proof/verification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "store/audit_chain.hpp"

namespace curfew::audit {
namespace {

using store::ChainHead;
using store::EventNumber;
using store::ListedEvent;

// So many events in disorder are looked at together.
constexpr std::size_t widest_region = 500;
constexpr std::size_t most_findings = 1000;

Sha256Digest hash_behind(const Sha256Digest& previous, store::Event event, EventNumber number) {
    event.number = number;
    return store::chained_hash(previous, event);
}

// Whether it was written behind `place`, whatever number it has now.
bool was_written_behind(const ChainHead& place, const ListedEvent& one) {
    return hash_behind(place.hash, one.event, place.number + 1) == one.hash;
}

std::string events_from_to(EventNumber first, EventNumber last) {
    if (first == last) return fmt::format("Event {}", first);
    return fmt::format("Events {} to {}", first, last);
}

std::string_view is_or_are(EventNumber first, EventNumber last) {
    return first == last ? "is" : "are";
}

}  // namespace

std::string_view to_string(Fault fault) {
    switch (fault) {
        case Fault::changed:
            return "changed";
        case Fault::removed:
            return "removed";
        case Fault::inserted:
            return "inserted";
        case Fault::reordered:
            return "reordered";
        case Fault::truncated:
            return "truncated";
        case Fault::forged:
            return "forged";
        case Fault::unreadable:
            return "unreadable";
    }
    return "unknown";
}

void TrailVerifier::vouch(const ChainHead& head, std::string taken) {
    vouched_.emplace(head.number, Vouched{head.hash, std::move(taken)});
}

void TrailVerifier::find(Fault fault, EventNumber first, EventNumber last, std::string what) {
    if (trail_.findings.size() < most_findings) {
        trail_.findings.push_back({fault, first, last, std::move(what)});
    } else {
        ++trail_.more_findings;
    }
}

void TrailVerifier::add(ListedEvent event) {
    hold_against_heads(event);
    const bool is_first = trail_.events++ == 0;
    if (is_first) trail_.first = event.event.number;
    if (event.event.number >= trail_.head.number) trail_.head = {event.event.number, event.hash};
    if (is_first && begin_ == Begin::anywhere) {
        good_ = {event.event.number, event.hash};
        return;
    }
    const auto written_as = static_cast<EventNumber>(static_cast<std::int64_t>(event.event.number) + shift_);
    if (pending_.empty() && written_as == good_.number + 1 && was_written_behind(good_, event)) {
        good_ = {written_as, event.hash};
        return;
    }
    if (shift_ == 0 && event.event.number <= good_.number) {
        came_late(event);
        return;
    }
    if (goes_on_from_pending(event)) return;
    pending_.push_back(std::move(event));
    if (pending_.size() < widest_region) return;
    diagnose(pending_);
    pending_.clear();
}

// Where two events follow from one another, what is wrong lies before them.
bool TrailVerifier::goes_on_from_pending(const ListedEvent& event) {
    if (pending_.empty()) return false;
    const ListedEvent& last = pending_.back();
    const std::array shifts{shift_,           std::int64_t{0}, std::int64_t{1},
                            std::int64_t{-1}, std::int64_t{2}, std::int64_t{-2}};
    for (const std::int64_t shift : shifts) {
        const auto before = static_cast<EventNumber>(static_cast<std::int64_t>(last.event.number) + shift);
        if (event.event.number != last.event.number + 1) continue;
        if (!was_written_behind({before, last.hash}, event)) continue;
        shift_ = shift;
        diagnose(pending_);
        pending_.clear();
        good_ = {before + 1, event.hash};
        return true;
    }
    return false;
}

void TrailVerifier::hold_against_heads(const ListedEvent& event) {
    const auto [begin, end] = vouched_.equal_range(event.event.number);
    for (auto one = begin; one != end; ++one) {
        if (one->second.hash == event.hash) {
            ++trail_.heads;
            trail_.vouched = std::max(trail_.vouched, event.event.number);
            continue;
        }
        // All heads after it contradict as well.
        if (std::exchange(is_contradicted_, true)) continue;
        const EventNumber first = trail_.vouched + 1;
        find(Fault::changed, first, event.event.number,
             fmt::format("Event {} does not have the hash that {} gives it: {} {} not what was written",
                         event.event.number, one->second.taken,
                         first == event.event.number ? std::string{"it"}
                                                     : fmt::format("it, or one from event {} on,", first),
                         "is"));
    }
    // Where an event is there twice, the first one was meant.
    vouched_.erase(begin, end);
}

void TrailVerifier::came_late(const ListedEvent& event) {
    const EventNumber number = event.event.number;
    const bool was_missing = std::any_of(missing_.begin(), missing_.end(), [number](const auto& range) {
        return range.first <= number && number <= range.second;
    });
    if (was_missing && moved_.insert(number).second) {
        find(Fault::reordered, number, number,
             fmt::format("Event {} stands behind event {}, and was written before it", number, good_.number));
    } else {
        find(Fault::inserted, number, number,
             fmt::format("Behind event {} stands another event {} that does not belong there", good_.number,
                         number));
    }
}

// As many of them as were written one behind the other from `place` on, in the order in which they were
// written; `place` moves along.
std::vector<std::size_t> TrailVerifier::reassemble(const Region& region, ChainHead& place) const {
    std::vector<std::size_t> order;
    std::vector<bool> used(region.size());
    for (bool found = true; found;) {
        found = false;
        for (std::size_t i = 0; i < region.size() && !found; ++i) {
            if (used[i] || !was_written_behind(place, region[i])) continue;
            used[i] = found = true;
            order.push_back(i);
            place = {place.number + 1, region[i].hash};
        }
    }
    return order;
}

// Whether the hashes stand where they were, and what the events say does not.
bool TrailVerifier::are_exchanged(const Region& region) const {
    ChainHead place = good_;
    std::vector<bool> used(region.size());
    for (const ListedEvent& one : region) {
        bool found = false;
        for (std::size_t i = 0; i < region.size() && !found; ++i) {
            if (used[i] || hash_behind(place.hash, region[i].event, place.number + 1) != one.hash) continue;
            used[i] = found = true;
        }
        if (!found) return false;
        place = {place.number + 1, one.hash};
    }
    return region.size() > 1;
}

void TrailVerifier::judge_order(const Region& region, const std::vector<std::size_t>& order) {
    EventNumber first = 0;
    EventNumber last = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const EventNumber written_as = good_.number + 1 + i;
        const EventNumber is = region[order[i]].event.number;
        const bool is_moved =
            static_cast<std::int64_t>(is) + shift_ != static_cast<std::int64_t>(written_as) &&
            is != written_as;
        const bool is_behind = i > 0 && order[i] < order[i - 1];
        if (!is_moved && !is_behind) continue;
        const EventNumber from = is_behind ? std::min(is, region[order[i - 1]].event.number) : is;
        const EventNumber to = is_behind ? std::max(is, region[order[i - 1]].event.number) : is;
        first = first == 0 ? from : std::min(first, from);
        last = std::max(last, to);
    }
    if (first == 0) return;
    find(Fault::reordered, first, last,
         fmt::format("{} do not stand in the order in which they were written", events_from_to(first, last)));
}

// Those that do not follow from what was written before, in their order.
void TrailVerifier::judge_left_over(const Region& region, const std::vector<std::size_t>& left,
                                    ChainHead place) {
    const auto written_number = [this](const ListedEvent& one) {
        return static_cast<EventNumber>(static_cast<std::int64_t>(one.event.number) + shift_);
    };
    bool is_sure = true;  // that `place` is what was written
    for (std::size_t i = 0; i < left.size(); ++i) {
        const ListedEvent& one = region[left[i]];
        const EventNumber number = one.event.number;
        const EventNumber written = written_number(one);
        if (written <= place.number) {
            find(Fault::inserted, number, number,
                 fmt::format("Event {} does not belong to the trail: it was inserted", number));
            continue;
        }
        if (written > place.number + 1) {
            if (missing_.size() < most_findings) {
                missing_.emplace(place.number + 1, written - 1);
            } else {
                ++trail_.more_findings;
            }
            place = {written, one.hash};
            is_sure = false;
            continue;
        }
        if (was_written_behind(place, one)) {
            place = {written, one.hash};
            continue;
        }
        const Sha256Digest computed = hash_behind(place.hash, one.event, written);
        const bool next_follows =
            i + 1 < left.size() && was_written_behind({written, computed}, region[left[i + 1]]);
        if (next_follows) {
            find(Fault::changed, number, number,
                 fmt::format("The hash of event {} is not the one that it was written with", number));
            place = {written, computed};
            continue;
        }
        const bool may_be_the_one_before = place.number > 0 && (is_sure || i > 0);
        find(Fault::changed, number, number,
             may_be_the_one_before
                 ? fmt::format("Event {}, or event {} before it, is not what was written", number, number - 1)
                 : fmt::format("Event {} is not what was written", number));
        place = {written, one.hash};
    }
}

// `region` ends where the trail can be followed again, or where it ends.
void TrailVerifier::diagnose(const Region& region) {
    ChainHead place = good_;
    const auto order = reassemble(region, place);
    judge_order(region, order);
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < region.size(); ++i) {
        if (std::find(order.begin(), order.end(), i) == order.end()) left.push_back(i);
    }
    if (order.empty() && are_exchanged(region)) {
        const EventNumber first = region.front().event.number;
        const EventNumber last = region.back().event.number;
        find(Fault::reordered, first, last,
             fmt::format("{} do not stand in the order in which they were written",
                         events_from_to(first, last)));
    } else {
        judge_left_over(region, left, place);
    }
    const ListedEvent& end = region.back();
    good_ = {static_cast<EventNumber>(static_cast<std::int64_t>(end.event.number) + shift_), end.hash};
}

void TrailVerifier::find_missing_ends() {
    for (const auto& [first, last] : missing_) {
        for (EventNumber from = first; from <= last;) {
            const auto moved = moved_.lower_bound(from);
            const EventNumber to = moved == moved_.end() || *moved > last ? last : *moved - 1;
            if (to >= from) {
                find(Fault::removed, from, to,
                     fmt::format("{} {} missing", events_from_to(from, to), is_or_are(from, to)));
            }
            from = to == last ? last + 1 : to + 2;
        }
    }
    if (vouched_.empty() || vouched_.rbegin()->first <= trail_.head.number) return;
    const auto& [number, vouched] = *vouched_.rbegin();
    const EventNumber first = trail_.head.number + 1;
    find(Fault::truncated, first, number,
         fmt::format("The trail ends with event {}, and {} names event {}: {} {} cut off", trail_.head.number,
                     vouched.taken, number, events_from_to(first, number), first == number ? "was" : "were"));
}

VerifiedTrail TrailVerifier::finish() {
    if (!pending_.empty()) diagnose(pending_);
    pending_.clear();
    find_missing_ends();
    std::stable_sort(trail_.findings.begin(), trail_.findings.end(),
                     [](const Finding& one, const Finding& other) { return one.first < other.first; });
    return std::move(trail_);
}

}  // namespace curfew::audit

#include "support/history.hpp"

#include <ctime>

namespace curfew::test {
namespace {

using namespace std::chrono;

microseconds read_clock(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return seconds{time.tv_sec} + duration_cast<microseconds>(nanoseconds{time.tv_nsec});
}

// Of several readings the one that was least interrupted.
microseconds wall_ahead_of_boot() {
    microseconds ahead{0};
    microseconds shortest = microseconds::max();
    for (int i = 0; i < 20; ++i) {
        const microseconds before = read_clock(CLOCK_BOOTTIME);
        const microseconds wall = read_clock(CLOCK_REALTIME);
        const microseconds took = read_clock(CLOCK_BOOTTIME) - before;
        if (took >= shortest) continue;
        shortest = took;
        ahead = wall - before;
    }
    return ahead;
}

microseconds first_wall_ahead_of_boot() {
    static const microseconds first = wall_ahead_of_boot();
    return first;
}

bool overlap(const Span& span, WallTime from, WallTime to) {
    return span.from <= to && from <= span.to;
}

enum class MayOutliveItsNode { no, yes };

// Until when this may happen, by the promises.
WallTime bound(const History& history, const GrantOnRecord& grant, const Sight& sight,
               MayOutliveItsNode may_outlive) {
    WallTime until = grant.end();
    if (grant.revoked && *grant.revoked < grant.ends) {
        for (const Span& away : history.store_away) {
            if (overlap(away, *grant.revoked, sight.at))
                until = std::min<WallTime>(grant.ends, *grant.revoked + history.max_staleness);
        }
    }
    if (may_outlive == MayOutliveItsNode::no) return until + history.slack;
    for (const auto& [node, spans] : history.node_away) {
        if (!sight.node.empty() && sight.node != node) continue;
        for (const Span& away : spans) {
            if (overlap(away, grant.starts, sight.at)) until = std::max(until, away.to);
        }
    }
    return until + history.slack;
}

std::string in_ms(microseconds duration) {
    return std::to_string(duration_cast<milliseconds>(duration).count()) + " ms";
}

std::string describe(const Sight& sight) {
    return sight.what + " of " + sight.user + "'s under " + sight.grant +
           (sight.node.empty() ? "" : " on " + sight.node);
}

std::optional<std::string> broken_by(const History& history, const Sight& sight,
                                     MayOutliveItsNode may_outlive) {
    const auto found = history.grants.find(sight.grant);
    if (found == history.grants.end()) return describe(sight) + ": there is no such grant";
    const GrantOnRecord& grant = found->second;
    if (grant.user != sight.user) return describe(sight) + ": that is a grant for " + grant.user;
    if (!history.approved.contains(grant.request))
        return describe(sight) + ": nobody approved request '" + grant.request + "'";
    if (sight.at < grant.starts - milliseconds{1})
        return describe(sight) + ": " + in_ms(grant.starts - sight.at) + " before it starts";
    const WallTime until = bound(history, grant, sight, may_outlive);
    if (sight.at <= until) return std::nullopt;
    return describe(sight) + ": " + in_ms(sight.at - grant.end()) + " after its end, which is " +
           in_ms(sight.at - until) + " too late";
}

}  // namespace

WallTime wall_by_boot_clock() {
    const microseconds ahead = first_wall_ahead_of_boot();
    return WallTime{read_clock(CLOCK_BOOTTIME) + ahead};
}

microseconds wall_clock_was_set_by() {
    return wall_ahead_of_boot() - first_wall_ahead_of_boot();
}

std::vector<std::string> broken_promises(const History& history) {
    std::vector<std::string> broken;
    const auto judge = [&](const std::vector<Sight>& sights, MayOutliveItsNode may_outlive) {
        for (const Sight& sight : sights) {
            if (auto words = broken_by(history, sight, may_outlive)) broken.push_back(std::move(*words));
        }
    };
    judge(history.bytes, MayOutliveItsNode::no);
    judge(history.commits, MayOutliveItsNode::yes);
    judge(history.backends, MayOutliveItsNode::yes);
    return broken;
}

milliseconds latest(const History& history, const std::vector<Sight>& sights) {
    microseconds latest{0};
    for (const Sight& sight : sights) {
        const auto found = history.grants.find(sight.grant);
        if (found == history.grants.end()) continue;
        const WallTime excused = bound(history, found->second, sight, MayOutliveItsNode::yes) - history.slack;
        latest = std::max(latest, sight.at - excused);
    }
    return duration_cast<milliseconds>(latest);
}

}  // namespace curfew::test

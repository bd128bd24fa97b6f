#include "policy/allowed_times.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace curfew::policy {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds one_day = std::chrono::hours{24};
constexpr milliseconds week = 7 * one_day;
constexpr milliseconds horizon = 366 * one_day;

Result<const date::time_zone*> find_zone(std::string_view name) {
    try {
        if (date::get_tzdb().zones.empty()) throw std::runtime_error{"/usr/share/zoneinfo is empty"};
    } catch (const std::exception& error) {
        return Error{ErrorCode::unavailable,
                     fmt::format("this system has no time zones ({}); install the package tzdata",
                                 printable(error.what()))};
    }
    try {
        return date::locate_zone(name);
    } catch (const std::exception&) {
        return Error{ErrorCode::invalid,
                     fmt::format("'{}' is not a time zone that this system knows; name one of "
                                 "/usr/share/zoneinfo, such as Europe/Berlin or Etc/UTC",
                                 printable(name, 60))};
    }
}

}  // namespace

Result<AllowedTimes> AllowedTimes::parse(std::string_view time_zone,
                                         const std::vector<std::string>& windows) {
    const auto zone = find_zone(time_zone);
    if (!zone) return zone.error();
    if (windows.empty()) {
        return Error{ErrorCode::invalid,
                     "no weekly window is given; name one at least, such as Mon-Fri 08:00-18:00"};
    }
    AllowedTimes result;
    result.time_zone_ = time_zone;
    result.zone_ = *zone;
    for (const auto& text : windows) {
        const auto window = parse_weekly_window(text);
        if (!window) return window.error();
        result.windows_.push_back(*window);
        result.add_spans(*window);
    }
    result.merge_spans();
    return result;
}

void AllowedTimes::add_spans(const WeeklyWindow& window) {
    const milliseconds length =
        window.to - window.from + (window.to > window.from ? milliseconds{0} : one_day);
    // iso_encoding: Monday is 1.
    const unsigned last = window.last.iso_encoding() - 1;
    for (unsigned current = window.first.iso_encoding() - 1;; current = (current + 1) % 7) {
        const milliseconds from = current * one_day + window.from;
        const milliseconds to = from + length;
        spans_.push_back({from, std::min(to, week)});
        if (to > week) spans_.push_back({milliseconds{0}, to - week});
        if (current == last) return;
    }
}

void AllowedTimes::merge_spans() {
    std::sort(spans_.begin(), spans_.end(),
              [](const Span& one, const Span& other) { return one.from < other.from; });
    std::vector<Span> merged;
    for (const Span& span : spans_) {
        if (!merged.empty() && span.from <= merged.back().to) {
            merged.back().to = std::max(merged.back().to, span.to);
        } else {
            merged.push_back(span);
        }
    }
    spans_ = std::move(merged);
}

AllowedTimes::Reading AllowedTimes::read(WallInstant at) const {
    const auto info = zone_->get_info(std::chrono::floor<std::chrono::seconds>(at));
    const auto local_days = date::local_days{date::Monday[1] / date::January / 1970};
    const milliseconds since_monday = at.time_since_epoch() + info.offset - local_days.time_since_epoch();
    const milliseconds of_week = (since_monday % week + week) % week;
    return {of_week, info.end};
}

// Where being inside ends that begins at `from`, or `limit` if it lasts longer.
WallInstant AllowedTimes::inside_until(WallInstant from, WallInstant limit) const {
    WallInstant reached = from;
    while (reached < limit) {
        const Reading reading = read(reached);
        const auto span = std::find_if(spans_.begin(), spans_.end(), [&](const Span& candidate) {
            return candidate.from <= reading.of_week && reading.of_week < candidate.to;
        });
        if (span == spans_.end()) return reached;
        reached = std::min(reached + (span->to - reading.of_week), reading.changes_at);
    }
    return limit;
}

bool AllowedTimes::contain(WallInstant from, WallInstant to) const {
    return from >= to || inside_until(from, to) == to;
}

WallInstant AllowedTimes::end_of_window(WallInstant at) const {
    return inside_until(at, at + horizon);
}

std::optional<WallInstant> AllowedTimes::next_inside(WallInstant at) const {
    for (WallInstant reached = at; reached < at + horizon;) {
        const Reading reading = read(reached);
        // The end of the week where nothing begins in it any more.
        milliseconds next = week;
        for (const Span& span : spans_) {
            if (reading.of_week < span.to) {
                next = std::max(span.from, reading.of_week);
                break;
            }
        }
        const WallInstant begins = reached + (next - reading.of_week);
        if (next < week && begins < reading.changes_at) return begins;
        reached = std::min(begins, reading.changes_at);
    }
    return std::nullopt;
}

std::vector<std::string> AllowedTimes::windows() const {
    std::vector<std::string> result;
    std::transform(windows_.begin(), windows_.end(), std::back_inserter(result),
                   [](const WeeklyWindow& window) { return to_string(window); });
    return result;
}

}  // namespace curfew::policy

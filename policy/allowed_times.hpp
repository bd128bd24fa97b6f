// The weekly times at which access may begin and last.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "policy/weekly_window.hpp"

namespace date {
class time_zone;
}

namespace curfew::policy {

// In one time zone of the IANA database, with its changes of offset: an instant is inside if what the clock
// on the wall there says then is inside. An hour that the clock goes back by is thus inside twice, and one
// that it jumps over, never.
class AllowedTimes {
public:
    // `time_zone`: `Europe/Berlin`. `windows`: one at least, as parse_weekly_window reads them.
    // invalid: says which of them, and what is expected. unavailable: the system has no time zones (tzdata).
    static Result<AllowedTimes> parse(std::string_view time_zone, const std::vector<std::string>& windows);

    // True if every instant of [from, to) is inside.
    bool contain(WallInstant from, WallInstant to) const;
    // When the window ends that `at` is in; `at` itself if it is in none. Windows that touch are one. Looks
    // 366 days ahead and no further.
    WallInstant end_of_window(WallInstant at) const;
    // The first instant inside, `at` or later; nullopt if there is none in the next 366 days.
    std::optional<WallInstant> next_inside(WallInstant at) const;

    const std::string& time_zone() const noexcept { return time_zone_; }
    // As they were written, normalised.
    std::vector<std::string> windows() const;

    bool operator==(const AllowedTimes&) const = default;

private:
    // Of a week that begins on Monday at 00:00, [from, to).
    struct Span {
        std::chrono::milliseconds from{};
        std::chrono::milliseconds to{};

        bool operator==(const Span&) const = default;
    };
    // How the clock on the wall stands at an instant.
    struct Reading {
        std::chrono::milliseconds of_week{};
        WallInstant changes_at;  // when its offset does
    };

    AllowedTimes() = default;
    void add_spans(const WeeklyWindow& window);
    void merge_spans();
    Reading read(WallInstant at) const;
    WallInstant inside_until(WallInstant from, WallInstant limit) const;

    std::string time_zone_;
    std::vector<WeeklyWindow> windows_;
    const date::time_zone* zone_ = nullptr;
    std::vector<Span> spans_;  // in order; they touch neither each other nor overlap
};

}  // namespace curfew::policy

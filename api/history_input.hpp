// What lists of what was are narrowed by: read from the query of a request.
#pragma once

#include <optional>
#include <string_view>

#include "api/router.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/access_review.hpp"
#include "store/events.hpp"
#include "store/sessions.hpp"
#include "store/timeline.hpp"

namespace curfew::api {

// What format_utc writes, and that with its milliseconds where there are none (`…:00.000Z`), as JavaScript's
// toISOString does; nullopt for anything else.
std::optional<WallInstant> parse_instant(std::string_view text);

// Errors: invalid, with what each parameter takes.
Result<store::SessionFilter> read_session_filter(const Call& call);
Result<store::EventFilter> read_event_filter(const Call& call);
Result<store::TimelineWanted> read_timeline_wanted(const Call& call);
Result<store::AccessReviewWanted> read_access_review_wanted(const Call& call);

}  // namespace curfew::api

// Who read which recording: kept in the audit trail before anything of it is shown.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "api/http_types.hpp"
#include "base/actor.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/events.hpp"
#include "store/sessions.hpp"

namespace curfew::api {

// Belongs to one thread; what it is given outlives it.
class ReadingLog {
public:
    ReadingLog(store::EventStore& events, const Clock& clock) : events_{events}, clock_{clock} {}

    // `recording.read`: `actor` reads that session's recording, in the form `as`. Who reads page by page is
    // noted once in a while, not with every page. An error: it could not be noted, so nothing is to be shown.
    Awaitable<Result<void>> note_read(const store::SessionRecord& session, Actor actor, std::string_view as);
    // `recording.searched`: `actor` looks for `text`, in the recordings that `where` tells of.
    Awaitable<Result<void>> note_search(Actor actor, std::string_view text, boost::json::object where);

private:
    Awaitable<Result<void>> note(store::NewEvent event);

    store::EventStore& events_;
    const Clock& clock_;
    std::map<std::string, BootInstant> noted_;  // by what was noted, and when
};

}  // namespace curfew::api

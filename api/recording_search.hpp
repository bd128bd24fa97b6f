// Text looked for in many recordings, a bounded piece of work at a time.
#pragma once

#include <boost/json/array.hpp>
#include <cstddef>
#include <optional>
#include <set>
#include <string>

#include "api/http_types.hpp"
#include "api/recording_input.hpp"
#include "api/recording_shelf.hpp"
#include "base/result.hpp"
#include "recording/search.hpp"
#include "store/sessions.hpp"

namespace curfew::api {

struct RecordingsWanted {
    store::SessionFilter filter;
    SearchPlace from;
    std::size_t limit = 0;  // of hits
};

// Some of what there is to be found, newest sessions first.
struct RecordingsSearched {
    boost::json::array hits;
    std::optional<SearchPlace> next;  // absent: all was looked through
    std::size_t recordings = 0;       // in which it was looked
    std::size_t missing = 0;          // kept here once, or not to be read
    std::set<std::string> elsewhere;  // nodes on which there are some that are not here
};

// Returns after a page of hits, some megabytes, or about two seconds, whichever comes first. `own`: this
// node's name. Errors: the store's.
Awaitable<Result<RecordingsSearched>> search_recordings(RecordingShelf& shelf, store::SessionStore& sessions,
                                                        recording::Searcher searcher, RecordingsWanted wanted,
                                                        std::string own);

}  // namespace curfew::api

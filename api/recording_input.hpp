// What somebody wants of recordings, read from the query of a request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/recording_streams.hpp"
#include "api/router.hpp"
#include "base/result.hpp"
#include "recording/search.hpp"

namespace curfew::api {

struct RecordingWanted {
    std::optional<RecordingForm> form;  // nullopt: a page of JSON, or followed
    bool follow = false;
    std::uint64_t from = 0;  // the first entry
    std::size_t limit = 0;
};
// By `format`, `Accept`, `follow`, `after`, `limit` and Last-Event-ID. invalid: with what each takes.
Result<RecordingWanted> read_recording_wanted(const Call& call);

// Where a search goes on: `<cursor of the list of sessions>/<entry>`.
struct SearchPlace {
    std::string sessions;  // the store's; empty: from the latest on
    std::uint64_t entry = 0;
};
std::string to_string(const SearchPlace& place);
std::optional<SearchPlace> parse_search_place(std::string_view text);

// By `q`, `regex` and `case`.
Result<recording::SearchTerms> read_search_terms(const Call& call);

}  // namespace curfew::api

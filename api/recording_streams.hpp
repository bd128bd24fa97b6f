// Recordings on their way to somebody: a whole one in some form, its file, or a live one as it grows.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/http_types.hpp"
#include "api/recording_shelf.hpp"
#include "base/clock.hpp"
#include "recording/cast.hpp"
#include "recording/sql_export.hpp"

namespace curfew::api {

enum class RecordingForm {
    ndjson,     // entries as lines, and one more that says how the recording is
    asciicast,  // version 2, for asciinema
    sql,        // a script
};
// `asciicast`.
std::string_view to_string(RecordingForm form);
std::optional<RecordingForm> parse_recording_form(std::string_view text);
std::string_view content_type_of(RecordingForm form);
// `s-7k3mq9xd.cast`.
std::string file_name_of(const SessionId& session, RecordingForm form);

// What the next piece of a stream is: as EventStream and ByteStream have it.
using NextPiece = std::function<Awaitable<std::string>()>;

// All of a recording, as far as it is there. The shelf outlives it.
NextPiece whole_recording(RecordingShelf& shelf, std::shared_ptr<Reading> reading, RecordingForm form);
// The bytes of its file.
NextPiece whole_file(RecordingShelf& shelf, std::shared_ptr<recording::RecordingSource> source);

struct FollowTiming {
    // Where there is nothing new, a comment says that the server is still there.
    Duration longest_silence = std::chrono::seconds{15};
    // Where nobody tells of more, it is looked for that often.
    Duration look_again = std::chrono::seconds{1};
};
// Server-sent events: `entry` for each entry, whose id is the number of the one behind it, and `end` with its
// integrity once no more will come; then the stream ends.
NextPiece followed_recording(RecordingShelf& shelf, boost::asio::any_io_executor executor,
                             std::shared_ptr<Reading> reading, FollowTiming timing);

}  // namespace curfew::api

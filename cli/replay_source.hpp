// Where the entries of a replay come from.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "cli/api_client.hpp"
#include "cli/event_stream.hpp"
#include "cli/exit_code.hpp"
#include "recording/entry.hpp"
#include "recording/reader.hpp"

namespace curfew::cli {

// An entry, and its line as it stands in the recording.
struct ReplayedEntry {
    recording::Entry entry;
    std::string line;
};

class ReplaySource {
public:
    virtual ~ReplaySource() = default;

    // nullopt: there is no more.
    virtual Outcome<std::optional<ReplayedEntry>> next() = 0;
    // What is known at its end.
    virtual recording::Integrity integrity() const = 0;
    // In hexadecimal; empty where it is not known.
    virtual std::string hash() const = 0;
};

// A recording that curfewd has, a page at a time: whoever replays slowly keeps no connection open.
std::unique_ptr<ReplaySource> replay_of_session(const ApiClient& client, const std::string& session);
// One that is live: next() waits.
std::unique_ptr<ReplaySource> replay_of_live_session(const Server& server, const std::string& session);
// A file, without any curfewd.
Outcome<std::unique_ptr<ReplaySource>> replay_of_file(const std::string& path);

}  // namespace curfew::cli

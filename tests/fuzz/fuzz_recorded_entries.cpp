// Lines of a recording, whatever stands in them: what is read comes back the same from what is written of it,
// can be put into a recording, searched and exported.
#include <boost/json/parse.hpp>
#include <string>
#include <vector>

#include "fuzzing.hpp"
#include "recording/cast.hpp"
#include "recording/chunk.hpp"
#include "recording/entry_json.hpp"
#include "recording/local_storage.hpp"
#include "recording/reader.hpp"
#include "recording/search.hpp"
#include "recording/sql_export.hpp"

namespace {

using namespace curfew;
using recording::Entry;

std::vector<Entry> read_lines(std::string_view text) {
    std::vector<Entry> entries;
    for (const std::string_view line : fuzzing::lines(text)) {
        auto entry = recording::read_entry(line);
        if (!entry) continue;
        const auto again = recording::read_entry(recording::to_json(*entry));
        fuzzing::require(again && *again == *entry, "an entry comes back from its line");
        entries.push_back(std::move(*entry));
    }
    return entries;
}

void check_recording_of(const std::vector<Entry>& entries) {
    recording::FrameCompressor compressor;
    recording::ChunkWriter writer{compressor};
    for (const Entry& entry : entries)
        writer.add(entry, {});
    recording::RecordingReader reader{recording::recording_of_bytes(std::string{writer.finish()})};
    std::size_t read = 0;
    bool ended = false;
    for (;;) {
        const auto entry = reader.next();
        if (!entry || !*entry) break;
        fuzzing::require(**entry == entries.at(read), "an entry comes back from its recording");
        ++read;
        ended = std::holds_alternative<recording::entry::Ended>((*entry)->content);
    }
    fuzzing::require(ended || read == entries.size(), "all entries come back up to the end");
}

void check_exports(const std::vector<Entry>& entries) {
    const auto searcher = recording::Searcher::make({"a", false, false});
    recording::CastExport cast;
    recording::SqlExport sql;
    std::string script;
    for (const Entry& entry : entries) {
        std::string lines;
        cast.add(entry, lines);
        for (const std::string_view line : fuzzing::lines(lines)) {
            boost::json::error_code error;
            if (!line.empty()) (void)boost::json::parse({line.data(), line.size()}, error);
            fuzzing::require(!error, "a line of an asciicast is JSON");
        }
        sql.add(entry, script);
        if (const auto hit = recording::find_in(*searcher, entry, 0))
            fuzzing::require(hit->begin + hit->length <= hit->excerpt.size(), "the place is in the excerpt");
    }
    sql.finish(script);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto entries = read_lines(curfew::fuzzing::as_text(data, size));
    check_recording_of(entries);
    check_exports(entries);
    return 0;
}

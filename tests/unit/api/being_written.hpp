// Recordings that a test writes itself.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "recording/chunk.hpp"
#include "recording/entry.hpp"
#include "recording/live_watch.hpp"
#include "recording/storage.hpp"

namespace curfew::test {

// A recording as it is being written.
class BeingWritten {
public:
    BeingWritten(recording::RecordingStorage& storage, const recording::RecordingKey& key,
                 std::shared_ptr<recording::LiveWatch> live)
        : file_{storage.create(key).value()}, session_{key.session}, live_{std::move(live)} {}

    BeingWritten& add(recording::Offset at, recording::entry::Content content) {
        writer_.add({at, std::move(content)}, BootInstant{});
        return *this;
    }
    BeingWritten& flush() {
        file_->append(writer_.finish()).value();
        live_->written(session_);
        return *this;
    }
    void close() {
        flush();
        file_->close().value();
        live_->written(session_);
    }

private:
    recording::FrameCompressor compressor_;
    recording::ChunkWriter writer_{compressor_};
    std::unique_ptr<recording::RecordingFile> file_;
    const SessionId session_;
    std::shared_ptr<recording::LiveWatch> live_;
};

inline recording::entry::Query query(const std::string& sql) {
    return {sql, sql.size(), false};
}

}  // namespace curfew::test

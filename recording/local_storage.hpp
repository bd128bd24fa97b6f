// Recordings as files below a directory of this machine.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "recording/storage.hpp"

namespace curfew::recording {

// Files have mode 0600 and their directories 0700; no symbolic link below the directory is followed. A file
// is locked while it is written, so that any process can tell a live recording from one that breaks off.
class LocalStorage final : public RecordingStorage {
public:
    // Makes the directory where there is none. invalid: others may write to it, or it is none. unavailable:
    // it cannot be made or opened. `clock` outlives it and its files.
    static Result<std::unique_ptr<LocalStorage>> open(const std::string& directory, const Clock& clock);
    ~LocalStorage() override;

    Result<std::unique_ptr<RecordingFile>> create(const RecordingKey& key) override;
    Result<std::unique_ptr<RecordingSource>> open(const RecordingKey& key) override;
    Result<std::vector<StoredRecording>> list() override;
    // Directories that are empty then go as well.
    Result<void> remove(const RecordingKey& key) override;

private:
    struct Place;
    explicit LocalStorage(std::shared_ptr<const Place> place) : place_{std::move(place)} {}
    std::shared_ptr<const Place> place_;
};

// A recording's file wherever it lies, such as one that somebody was sent.
Result<std::unique_ptr<RecordingSource>> open_recording_file(const std::string& path);

// A recording that is already here as bytes.
std::unique_ptr<RecordingSource> recording_of_bytes(std::string bytes);

}  // namespace curfew::recording

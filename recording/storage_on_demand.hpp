// A storage that is opened when it is first needed: which may be long after the start, or never.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "recording/storage.hpp"

namespace curfew::recording {

// Thread-safe. Where it cannot be opened, each use tries it again.
class StorageOnDemand final : public RecordingStorage {
public:
    using Open = std::function<Result<std::unique_ptr<RecordingStorage>>()>;
    explicit StorageOnDemand(Open open) : open_{std::move(open)} {}

    // Opens it, if it is not open yet. The error: why it cannot be used.
    Result<void> prepare();
    bool prepared() const;

    Result<std::unique_ptr<RecordingFile>> create(const RecordingKey& key) override;
    Result<std::unique_ptr<RecordingSource>> open(const RecordingKey& key) override;
    Result<std::vector<StoredRecording>> list() override;
    Result<void> remove(const RecordingKey& key) override;

private:
    Result<std::shared_ptr<RecordingStorage>> opened();

    const Open open_;
    mutable std::mutex mutex_;
    std::shared_ptr<RecordingStorage> storage_;
};

}  // namespace curfew::recording
